//! The dispatcher's view of time: the wall hand, carried forward by the monotonic one.
//!
//! Between two looks at the wall the timeline runs smoothly. When the wall is found to be more than
//! half a second off, the timeline jumps to it, and whoever keeps instants is told by how much.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::{Clock, Sleep};

/// A wall hand that differs by less is being slewed, not stepped.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(500);

pub(crate) struct Timeline {
    clock: Clock,
    /// What the wall hand shows when the monotonic hand is at zero.
    origin: DateTime<Utc>,
}

impl Timeline {
    pub(crate) fn new(clock: Clock) -> Self {
        let origin = clock.now() - clock.monotonic();
        Self { clock, origin }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The present, in whole milliseconds.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let exact = self.origin + self.clock.monotonic();
        DateTime::from_timestamp_millis(exact.timestamp_millis()).unwrap_or(exact)
    }

    /// A wait for `at`, if nobody steps the wall hand meanwhile.
    pub(crate) fn sleep_until(&self, at: DateTime<Utc>) -> Sleep {
        let length = (at - self.origin).to_std().unwrap_or(Duration::ZERO);
        self.clock.sleep_until_monotonic(length)
    }

    /// Looks at the wall. `Some` when it was stepped, with how far.
    pub(crate) fn look(&mut self) -> Option<TimeDelta> {
        let step = self.clock.now() - (self.origin + self.clock.monotonic());
        if step.abs() <= TOLERANCE {
            return None;
        }
        self.origin += step;
        Some(step)
    }
}
