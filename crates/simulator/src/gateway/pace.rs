//! How much a client may send on one connection.

use chrono::{DateTime, TimeDelta, Utc};

/// Discord's limit of frames per period, heartbeats included.
const FRAMES: u32 = 120;
const PERIOD: TimeDelta = TimeDelta::seconds(60);

/// Counts the frames of a connection, by the simulator's clock.
#[derive(Debug)]
pub(crate) struct Pace {
    since: DateTime<Utc>,
    frames: u32,
}

impl Pace {
    pub(crate) const fn new(now: DateTime<Utc>) -> Self {
        Self {
            since: now,
            frames: 0,
        }
    }

    /// Counts a frame; `false` when it is one too many.
    pub(crate) fn allows(&mut self, now: DateTime<Utc>) -> bool {
        let age = now - self.since;
        if age >= PERIOD || age < TimeDelta::zero() {
            *self = Self::new(now);
        }
        self.frames += 1;
        self.frames <= FRAMES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_of_a_minute_are_counted() {
        let start = DateTime::UNIX_EPOCH;
        let mut pace = Pace::new(start);
        assert!((0..120).all(|_| pace.allows(start)));
        assert!(!pace.allows(start + TimeDelta::seconds(59)));
        assert!(pace.allows(start + TimeDelta::seconds(60)));
        assert!(pace.allows(start - TimeDelta::hours(1)));
    }
}
