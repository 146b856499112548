//! When a task is due: one pure function from a slot to the next.
//!
//! A *slot* is the ideal instant a run is for. Lateness, missed counts and freedom from drift all
//! follow from counting in slots rather than from the moment a run happened to begin.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::{
    duration::{Written, parse_duration},
    error::Error,
};

/// The shortest interval: 100 ms.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The longest interval: 10 years of 365 days.
pub const MAX_INTERVAL: Duration = Duration::from_hours(10 * 365 * 24);

/// When a task is due. Its text form (`every 10m`) is what the store keeps.
///
/// A trigger is checked where it is used (registration, `change_interval`), so that building one
/// never fails and a bad one changes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Every(Duration),
}

/// Due every `interval`, on a grid that does not drift.
///
/// From [`MIN_INTERVAL`] (100 ms) to [`MAX_INTERVAL`] (10 years) in whole milliseconds; anything
/// finer is dropped.
#[must_use]
pub fn every(interval: Duration) -> Trigger {
    let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
    Trigger(Kind::Every(Duration::from_millis(millis)))
}

impl Trigger {
    /// The time between slots.
    #[must_use]
    pub fn interval(&self) -> Duration {
        let Kind::Every(interval) = self.0;
        interval
    }

    /// The slot that follows `slot`; `None` when there is no later one that a calendar can hold.
    #[must_use]
    pub fn next_after(&self, slot: DateTime<Utc>) -> Option<DateTime<Utc>> {
        slot.checked_add_signed(self.step())
    }

    /// Whether the trigger can be used.
    ///
    /// # Errors
    /// [`Error::BadInterval`] for an interval under 100 ms or above 10 years.
    pub fn check(&self) -> Result<(), Error> {
        let Kind::Every(given) = self.0;
        if (MIN_INTERVAL..=MAX_INTERVAL).contains(&given) {
            return Ok(());
        }
        Err(Error::BadInterval {
            given: Written(given).to_string(),
        })
    }

    /// The newest slot at or before `now` on the grid of `slot`, and how many steps it is away.
    pub(crate) fn newest(&self, slot: DateTime<Utc>, now: DateTime<Utc>) -> (DateTime<Utc>, u64) {
        let step = self.step().num_milliseconds().max(1);
        let steps = ((now - slot).num_milliseconds() / step).max(0);
        (
            slot + chrono::TimeDelta::milliseconds(steps * step),
            steps.unsigned_abs(),
        )
    }

    fn step(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::from_std(self.interval()).unwrap_or(chrono::TimeDelta::MAX)
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kind::Every(interval) = self.0;
        write!(f, "every {}", Written(interval))
    }
}

impl FromStr for Trigger {
    type Err = Error;

    /// Reads the text form: `every 90s`, `every 1h30m`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unreadable = || Error::BadTrigger {
            given: text.to_owned(),
        };
        let length = text.trim().strip_prefix("every ").ok_or_else(unreadable)?;
        let trigger = every(parse_duration(length).ok_or_else(unreadable)?);
        trigger.check()?;
        Ok(trigger)
    }
}

impl Serialize for Trigger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::{hours, mins, secs};

    #[track_caller]
    fn check(text: &str, expected: Result<Duration, &str>) {
        let read = text.parse::<Trigger>();
        match expected {
            Ok(interval) => {
                let trigger = read.unwrap();
                assert_eq!(trigger.interval(), interval, "{text:?}");
                assert_eq!(trigger.to_string().parse::<Trigger>().unwrap(), trigger);
            }
            Err(message) => assert_eq!(read.unwrap_err().to_string(), message),
        }
    }

    #[test]
    fn the_text_form_is_read_back() {
        check("every 10m", Ok(mins(10)));
        check("every 100ms", Ok(Duration::from_millis(100)));
        check("every 3650d", Ok(hours(10 * 365 * 24)));
        check("every 90s", Ok(secs(90)));
        check("every 0s", Err("interval 0s, expected 100ms to 10 years"));
        check(
            "every 99ms",
            Err("interval 99ms, expected 100ms to 10 years"),
        );
        check(
            "every 3651d",
            Err("interval 3651d, expected 100ms to 10 years"),
        );
        check(
            "every -5s",
            Err("trigger \"every -5s\", expected a text such as \"every 10m\""),
        );
        check(
            "every NaN",
            Err("trigger \"every NaN\", expected a text such as \"every 10m\""),
        );
        check(
            "10m",
            Err("trigger \"10m\", expected a text such as \"every 10m\""),
        );
    }

    #[test]
    fn the_newest_slot_is_found_without_counting() {
        let slot = DateTime::from_timestamp(1_000, 0).unwrap();
        let trigger = every(secs(10));
        let newest = |millis| trigger.newest(slot, slot + chrono::TimeDelta::milliseconds(millis));
        assert_eq!(newest(-5), (slot, 0));
        assert_eq!(newest(9_999), (slot, 0));
        assert_eq!(newest(35_000), (slot + chrono::TimeDelta::seconds(30), 3));
    }
}
