//! Times of day, each by the clocks of a place of its own.

use std::fmt;

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::zone;
use crate::error::Error;

/// The most times in one trigger: one each quarter of an hour.
const MOST: usize = 96;

/// A set of times of day, ordered by time and zone, none twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times(Vec<Entry>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    time: NaiveTime,
    zone: Tz,
}

impl Times {
    pub(super) fn read<T: AsRef<str>>(texts: impl Iterator<Item = T>) -> Result<Self, Error> {
        let entries: Result<Vec<_>, _> = texts.map(|text| Entry::read(text.as_ref())).collect();
        let mut entries = entries?;
        entries.sort_by_key(|entry| (entry.time, entry.zone.name()));
        entries.dedup();
        if !(1..=MOST).contains(&entries.len()) {
            return Err(Error::BadTimes {
                given: entries.len(),
            });
        }
        Ok(Self(entries))
    }

    /// The earliest slot of any entry after `instant`.
    pub(super) fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let slots = self.0.iter().filter_map(|entry| entry.next_after(instant));
        slots.min()
    }

    /// The latest slot of any entry at or before `instant`.
    pub(super) fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let slots = self.0.iter().filter_map(|entry| entry.last_until(instant));
        slots.max()
    }
}

impl Entry {
    fn read(text: &str) -> Result<Self, Error> {
        let (time, zone) = zone::split(text)?;
        let read = NaiveTime::parse_from_str(time, "%H:%M:%S");
        let read = read.or_else(|_| NaiveTime::parse_from_str(time, "%H:%M"));
        let is_plain = time.bytes().all(|b| b.is_ascii_digit() || b == b':');
        match read.ok().filter(|time| is_plain && time.nanosecond() == 0) {
            Some(time) => Ok(Self { time, zone }),
            None => Err(Error::BadTime {
                given: text.trim().to_owned(),
            }),
        }
    }

    /// From the day before: where a whole day is skipped, its slot falls on the next.
    fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut slots = (-1..=2).filter_map(|days| self.slot(instant, days));
        slots.find(|slot| *slot > instant)
    }

    fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut slots = (-2..=1).rev().filter_map(|days| self.slot(instant, days));
        slots.find(|slot| *slot <= instant)
    }

    /// The slot so many days from the day of `instant`.
    fn slot(&self, instant: DateTime<Utc>, days: i64) -> Option<DateTime<Utc>> {
        let today = zone::local(self.zone, instant).date();
        let date = today.checked_add_signed(TimeDelta::days(days))?;
        zone::first_showing(self.zone, date.and_time(self.time))
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Entry { time, zone }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let format = if time.second() == 0 {
                "%H:%M"
            } else {
                "%H:%M:%S"
            };
            write!(f, "{separator}{} in {}", time.format(format), zone.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(times: &[&str], after: &str, expected: &[&str]) {
        let times = Times::read(times.iter()).unwrap();
        let mut at = instant(after);
        for slot in expected {
            let before = at;
            at = times.next_after(at).unwrap();
            assert_eq!(at, instant(slot), "{times} after {before}");
            assert_eq!(times.last_until(at), Some(at));
            assert_eq!(times.last_until(at + TimeDelta::milliseconds(1)), Some(at));
        }
    }

    #[test]
    fn d1_a_time_that_is_past_is_tomorrow() {
        check(
            &["11:59"],
            "2026-06-01T12:00:00Z",
            &["2026-06-02T11:59:00Z", "2026-06-03T11:59:00Z"],
        );
    }

    #[test]
    fn d2_times_that_are_all_past_are_tomorrow_the_earliest_first() {
        check(
            &["11:59", "11:58", "11:57"],
            "2026-06-01T12:00:00Z",
            &["2026-06-02T11:57:00Z", "2026-06-02T11:58:00Z"],
        );
    }

    const EACH_THIRD_HOUR: [&str; 8] = [
        "00:00 in Asia/Tokyo",
        "03:00 in Asia/Tokyo",
        "06:00 in Asia/Tokyo",
        "09:00 in Asia/Tokyo",
        "12:00 in Asia/Tokyo",
        "15:00 in Asia/Tokyo",
        "18:00 in Asia/Tokyo",
        "21:00 in Asia/Tokyo",
    ];

    #[test]
    fn d3_times_far_from_utc_come_in_the_order_of_their_place() {
        check(
            &EACH_THIRD_HOUR,
            "2022-03-12T23:50:59+09:00",
            &["2022-03-13T00:00:00+09:00", "2022-03-13T03:00:00+09:00"],
        );
        for hour in 0..8 {
            let slot = instant("2022-03-13T00:00:00+09:00") + TimeDelta::hours(3 * hour);
            let before = (slot - TimeDelta::minutes(1)).to_rfc3339();
            check(&EACH_THIRD_HOUR, &before, &[&slot.to_rfc3339()]);
        }
    }

    #[test]
    fn d4_the_zone_in_which_now_is_told_makes_no_difference() {
        check(
            &EACH_THIRD_HOUR,
            "2022-03-12T14:59:00Z",
            &["2022-03-12T15:00:00Z", "2022-03-12T18:00:00Z"],
        );
    }

    #[test]
    fn a30_a_morning_in_new_york_moves_with_its_clocks() {
        check(
            &["09:00 in America/New_York"],
            "2026-03-06T20:00:00Z",
            &[
                "2026-03-07T14:00:00Z",
                "2026-03-08T13:00:00Z",
                "2026-03-09T13:00:00Z",
            ],
        );
        check(
            &["09:00 in America/New_York"],
            "2026-10-30T20:00:00Z",
            &[
                "2026-10-31T13:00:00Z",
                "2026-11-01T14:00:00Z",
                "2026-11-02T14:00:00Z",
            ],
        );
    }

    #[test]
    fn a31_a_time_in_a_gap_or_a_fold_comes_once_a_day() {
        check(
            &["02:30 in America/New_York"],
            "2026-03-07T12:00:00Z",
            &["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
        );
        check(
            &["01:30 in America/New_York"],
            "2026-10-31T12:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        );
    }

    #[test]
    fn two_times_that_a_gap_makes_one_are_one_slot() {
        check(
            &["02:30 in America/New_York", "03:00 in America/New_York"],
            "2026-03-08T05:00:00Z",
            &[
                "2026-03-08T07:00:00Z",
                "2026-03-09T06:30:00Z",
                "2026-03-09T07:00:00Z",
            ],
        );
    }

    #[test]
    fn a32_the_earliest_of_times_in_several_zones_is_next() {
        check(
            &["02:00", "22:00 in Asia/Tokyo"],
            "2026-06-01T23:00:00Z",
            &[
                "2026-06-02T02:00:00Z",
                "2026-06-02T13:00:00Z",
                "2026-06-03T02:00:00Z",
            ],
        );
    }

    #[test]
    fn a_day_that_a_place_skips_is_made_up_for_at_once() {
        check(
            &["09:00 in Pacific/Apia"],
            "2011-12-29T20:00:00Z",
            &["2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z"],
        );
    }
}
