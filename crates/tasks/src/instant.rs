//! The instants that the engine reckons with, and arithmetic on them that ends where the calendar ends.
//!
//! A clock shows no instant outside of the years 0 to 9999, however it is set, and nobody may ask for
//! one. [`DateTime`] reaches 250,000 years further, so a sum of what is shown and any policy is either
//! an instant, or was asked for by something that has none.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::error::Error;

/// The first instant of the year 0, and the last millisecond of the year 9999.
const FIRST: DateTime<Utc> = DateTime::from_timestamp_millis(-62_167_219_200_000).unwrap();
const LAST: DateTime<Utc> = DateTime::from_timestamp_millis(253_402_300_799_999).unwrap();
/// Longer than from one end of [`DateTime`] to the other, and short enough for sums of lengths.
const LONGEST: TimeDelta = TimeDelta::days(200_000_000);

/// Whether the instant is of the years 0 to 9999, which are those that a text can hold.
pub(crate) fn is_kept(instant: DateTime<Utc>) -> bool {
    (FIRST..=LAST).contains(&floor(instant))
}

/// Refuses an instant outside of the years 0 to 9999; `what` says whose it is.
pub(crate) fn check(what: &'static str, given: DateTime<Utc>) -> Result<(), Error> {
    is_kept(given)
        .then_some(())
        .ok_or(Error::BadInstant { what, given })
}

/// The nearest instant of the years 0 to 9999. A leap second becomes the second after it: chrono counts
/// it in differences and not in sums, so that a wait for an instant would end a second early.
pub(crate) fn kept(instant: DateTime<Utc>) -> DateTime<Utc> {
    let nanos = TimeDelta::nanoseconds(instant.timestamp_subsec_nanos().into());
    let second = DateTime::from_timestamp_secs(instant.timestamp());
    second
        .map_or(instant, |second| plus(second, nanos))
        .clamp(FIRST, LAST)
}

/// In whole milliseconds, as a store keeps it.
pub(crate) fn floor(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(instant.timestamp_millis()).unwrap_or(instant)
}

/// In whole milliseconds, and not before the instant.
pub(crate) fn ceil(instant: DateTime<Utc>) -> DateTime<Utc> {
    let floor = floor(instant);
    if floor < instant {
        plus(floor, TimeDelta::milliseconds(1))
    } else {
        floor
    }
}

/// The sum, or the end of the calendar that it passes.
pub(crate) fn plus(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    let end = if by < TimeDelta::zero() {
        DateTime::<Utc>::MIN_UTC
    } else {
        DateTime::<Utc>::MAX_UTC
    };
    instant.checked_add_signed(by).unwrap_or(end)
}

/// The millisecond before, where there is one.
pub(crate) fn just_before(instant: DateTime<Utc>) -> DateTime<Utc> {
    plus(instant, TimeDelta::milliseconds(-1))
}

/// The length, or [`LONGEST`] for one that is longer.
pub(crate) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).map_or(LONGEST, |length| length.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_years_0_to_9999_are_kept_and_no_others() {
        for text in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"] {
            let edge: DateTime<Utc> = text.parse().unwrap();
            assert!(is_kept(edge), "{text}");
            assert_eq!(kept(floor(edge)), floor(edge), "{text}");
        }
        assert!(!is_kept(just_before(FIRST)));
        assert!(!is_kept(plus(LAST, TimeDelta::milliseconds(1))));
        assert_eq!(kept(DateTime::<Utc>::MIN_UTC), FIRST);
        assert_eq!(kept(DateTime::<Utc>::MAX_UTC), LAST);
    }

    #[test]
    fn a_leap_second_is_the_second_after_it() {
        let [leap, after] = ["2016-12-31T23:59:60.5Z", "2017-01-01T00:00:00.5Z"]
            .map(|text| text.parse::<DateTime<Utc>>().unwrap());
        let ten_years = TimeDelta::days(3_650);
        assert_eq!(kept(leap), after);
        assert_eq!(plus(kept(leap), ten_years) - kept(leap), ten_years);
        assert_eq!(kept(after), after);
    }

    #[test]
    fn a_sum_ends_where_the_calendar_ends() {
        let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(just_before(min), min);
        assert_eq!(plus(min, TimeDelta::MIN), min);
        assert_eq!(plus(max, TimeDelta::MAX), max);
        assert_eq!(plus(FIRST, TimeDelta::MAX), max);
        assert_eq!(plus(min, delta(Duration::MAX)), max);
    }
}
