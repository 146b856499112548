//! Wall clocks of places: which instant a local time means, also when clocks are put forward or back.
//!
//! One rule answers both: a local time means the first instant at which the clock there shows it or a
//! later time. So a time that a gap swallows is the first valid instant after the gap, and a time that
//! comes twice is its first pass.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::Error;

/// No place on Earth is further from UTC, so a transition lies within this of its local time.
const REACH: TimeDelta = TimeDelta::hours(26);

/// The zone of this IANA name.
pub(super) fn named(name: &str) -> Result<Tz, Error> {
    name.parse().map_err(|_| Error::UnknownZone {
        given: name.to_owned(),
    })
}

/// Divides `09:00 in Europe/Berlin`; without a zone UTC is meant.
pub(super) fn split(text: &str) -> Result<(&str, Tz), Error> {
    match text.split_once(" in ") {
        None => Ok((text.trim(), Tz::UTC)),
        Some((time, zone)) => Ok((time.trim(), named(zone.trim())?)),
    }
}

/// What the clocks of `zone` show at `instant`.
pub(super) fn local(zone: Tz, instant: DateTime<Utc>) -> NaiveDateTime {
    let offset = zone.offset_from_utc_datetime(&instant.naive_utc()).fix();
    let shown = instant.naive_utc().checked_add_offset(offset);
    shown.unwrap_or_else(|| instant.naive_utc())
}

/// The first instant at which the clocks of `zone` show `local` or later.
pub(super) fn first_showing(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Some(instant.to_utc()),
        LocalResult::Ambiguous(first, second) => Some(first.min(second).to_utc()),
        LocalResult::None => end_of_gap(zone, local),
    }
}

/// The first valid instant after the gap that swallows `missing`, found by bisection to the second.
fn end_of_gap(zone: Tz, missing: NaiveDateTime) -> Option<DateTime<Utc>> {
    let middle = missing.and_utc();
    let mut before = middle.checked_sub_signed(REACH)?;
    let mut after = middle.checked_add_signed(REACH)?;
    while after - before > TimeDelta::seconds(1) {
        let half = (after - before).num_seconds() / 2;
        let half = before.checked_add_signed(TimeDelta::seconds(half))?;
        if local(zone, half) < missing {
            before = half;
        } else {
            after = half;
        }
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(zone: &str, local_time: &str, expected: &str) {
        let zone = named(zone).unwrap();
        let instant = first_showing(zone, local_time.parse().unwrap()).unwrap();
        assert_eq!(
            instant,
            expected.parse::<DateTime<Utc>>().unwrap(),
            "{local_time} in {zone}"
        );
    }

    #[test]
    fn d5_a_time_in_a_gap_means_the_first_instant_after_it() {
        check(
            "America/New_York",
            "2022-03-13T02:30:00",
            "2022-03-13T07:00:00Z",
        );
        check(
            "Europe/Berlin",
            "2026-03-29T02:00:00",
            "2026-03-29T01:00:00Z",
        );
        check(
            "Australia/Lord_Howe",
            "2026-10-04T02:10:00",
            "2026-10-03T15:30:00Z",
        );
        check(
            "Pacific/Apia",
            "2011-12-30T09:00:00",
            "2011-12-30T10:00:00Z",
        );
    }

    #[test]
    fn d6_a_time_that_comes_twice_means_its_first_pass() {
        check(
            "America/New_York",
            "2022-11-06T01:30:00",
            "2022-11-06T05:30:00Z",
        );
        check(
            "Australia/Lord_Howe",
            "2026-04-05T01:40:00",
            "2026-04-04T14:40:00Z",
        );
    }

    #[test]
    fn d7_any_other_time_means_itself() {
        check(
            "America/New_York",
            "2022-04-08T02:30:00",
            "2022-04-08T06:30:00Z",
        );
        check("UTC", "2023-01-07T12:30:00", "2023-01-07T12:30:00Z");
    }
}
