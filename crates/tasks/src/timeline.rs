//! The dispatcher's view of time: the wall hand, carried forward by the monotonic one.
//!
//! Between two looks at the wall the timeline runs smoothly. When the wall is found to be more than
//! half a second off, the timeline jumps to it, and whoever keeps instants is told by how much, and
//! how much of it the machine has slept. By less it follows only back: a timeline that is ahead of the
//! wall would begin the slots of a calendar early.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    clock::{Clock, Sleep},
    instant::{delta, floor, kept, plus},
};

/// A wall hand that differs by less is being slewed, not stepped.
const TOLERANCE: TimeDelta = TimeDelta::milliseconds(500);

pub(crate) struct Timeline {
    clock: Clock,
    /// What the wall hand shows when the monotonic hand is at zero.
    origin: DateTime<Utc>,
    suspended: Duration,
}

/// How the wall hand moved between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Jump {
    /// Because the machine was suspended.
    pub(crate) asleep: TimeDelta,
    /// Because somebody set it.
    pub(crate) set: TimeDelta,
}

impl Timeline {
    pub(crate) fn new(clock: Clock) -> Self {
        let origin = plus(clock.now(), -delta(clock.monotonic()));
        let suspended = clock.suspended();
        Self {
            clock,
            origin,
            suspended,
        }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The present, in whole milliseconds.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        floor(self.carried())
    }

    /// A wait for `at`, if nobody steps the wall hand meanwhile.
    pub(crate) fn sleep_until(&self, at: DateTime<Utc>) -> Sleep {
        let length = (at - self.origin).to_std().unwrap_or(Duration::ZERO);
        self.clock.sleep_until_monotonic(length)
    }

    /// Looks at the wall. `Some` when it has jumped. The monotonic hand is read first: a pause between
    /// the two makes the wall seem ahead, never behind.
    pub(crate) fn look(&mut self) -> Option<Jump> {
        let (carried, wall) = (self.carried(), self.clock.now());
        let off = if kept(carried) == wall {
            TimeDelta::zero()
        } else {
            wall - carried
        };
        if off.abs() <= TOLERANCE {
            self.origin = plus(self.origin, off.min(TimeDelta::zero()));
            return None;
        }
        self.origin = plus(self.origin, off);
        let suspended = self.clock.suspended();
        let asleep = suspended.saturating_sub(std::mem::replace(&mut self.suspended, suspended));
        Some(Jump::new(off, delta(asleep)))
    }

    fn carried(&self) -> DateTime<Utc> {
        plus(self.origin, delta(self.clock.monotonic()))
    }
}

impl Jump {
    fn new(off: TimeDelta, asleep: TimeDelta) -> Self {
        let is_noise = |by: TimeDelta| by.abs() <= TOLERANCE;
        match off - asleep {
            set if is_noise(asleep) => Self {
                asleep: TimeDelta::zero(),
                set: set + asleep,
            },
            set if is_noise(set) => Self {
                asleep: off,
                set: TimeDelta::zero(),
            },
            set => Self { asleep, set },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(off: i64, asleep: i64, expected: (i64, i64)) {
        let ms = TimeDelta::milliseconds;
        let jump = Jump::new(ms(off), ms(asleep));
        assert_eq!((jump.asleep, jump.set), (ms(expected.0), ms(expected.1)));
    }

    #[test]
    fn a_jump_is_divided_into_sleep_and_setting() {
        check(3_600_000, 0, (0, 3_600_000));
        check(-3_600_000, 20, (0, -3_600_000));
        check(3_600_000, 3_599_980, (3_600_000, 0));
        check(3_600_000, 1_800_000, (1_800_000, 1_800_000));
        check(-60_000, 60_000, (60_000, -120_000));
    }

    #[test]
    fn a_sleep_longer_than_the_calendar_is_no_reason_to_panic() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let mut timeline = Timeline::new(clock.clone());
        clock.suspend(Duration::MAX);
        clock.step_wall(TimeDelta::days(-3_000_000));
        assert!(timeline.look().is_some());
        assert_eq!(timeline.now(), clock.now());
    }

    #[test]
    fn a_wall_that_is_slewed_back_is_followed_and_no_other() {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        let mut timeline = Timeline::new(clock.clone());
        clock.step_wall(TimeDelta::milliseconds(400));
        assert_eq!(timeline.look(), None);
        assert_eq!(timeline.now(), DateTime::UNIX_EPOCH);
        clock.step_wall(TimeDelta::milliseconds(-700));
        assert_eq!(timeline.look(), None);
        assert_eq!(timeline.now(), clock.now());
    }
}
