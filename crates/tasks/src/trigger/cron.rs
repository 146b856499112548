//! Cron patterns by the clocks of a place. croner lives here, alone.
//!
//! A pattern whose second, minute and hour are plain numbers, lists or ranges names times of day: it
//! is searched on the local time line, and each time is resolved as [`zone`] does, so it comes once a
//! day through gaps and folds. A pattern with a wildcard or a step there is a rhythm: it is searched on
//! the real time line, so it runs in both passes of a fold and not in a gap.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Year},
};

use super::zone;
use crate::error::Error;

/// Clocks are not put back by more.
const LONGEST_FOLD: TimeDelta = TimeDelta::hours(3);

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    zone: Tz,
    cron: Cron,
    names_times: bool,
}

impl Pattern {
    /// The earliest slot after `instant`.
    pub(super) fn next_after(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.names_times {
            let instant = instant.with_timezone(&self.zone);
            let slot = self.cron.find_next_occurrence(&instant, false).ok()?;
            return Some(slot.to_utc());
        }
        let mut time = zone::local(self.zone, instant);
        loop {
            time = self.next_time(time)?;
            let slot = zone::first_showing(self.zone, time)?;
            if slot > instant {
                return Some(slot);
            }
        }
    }

    /// The latest slot at or before `instant`.
    pub(super) fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if !self.names_times {
            let instant = instant.with_timezone(&self.zone);
            let slot = self.cron.find_previous_occurrence(&instant, true).ok()?;
            return Some(whole_second(slot.to_utc()));
        }
        let mut time = zone::local(self.zone, instant).checked_add_signed(LONGEST_FOLD)?;
        loop {
            time = self.last_time(time)?;
            let slot = zone::first_showing(self.zone, time)?;
            if slot <= instant {
                return Some(slot);
            }
        }
    }

    fn next_time(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let next = self
            .cron
            .find_next_occurrence(&time.and_utc(), false)
            .ok()?;
        Some(next.naive_utc())
    }

    fn last_time(&self, time: NaiveDateTime) -> Option<NaiveDateTime> {
        let last = self
            .cron
            .find_previous_occurrence(&time.and_utc(), false)
            .ok()?;
        Some(whole_second(last).naive_utc())
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (fields, zone) = zone::split(text)?;
        let fields: Vec<_> = fields.split_whitespace().map(str::to_uppercase).collect();
        let text = fields.join(" ");
        let refuse = |why: String| Error::BadCron {
            given: text.clone(),
            why,
        };
        if !(5..=6).contains(&fields.len()) {
            return Err(refuse(format!("{} fields", fields.len())));
        }
        let parser = CronParser::builder().year(Year::Disallowed).build();
        let cron = parser
            .parse(&text)
            .map_err(|error| refuse(error.to_string()))?;
        // From a leap year, so that 29 February on any weekday is found within its 28 years.
        let somewhen = DateTime::UNIX_EPOCH;
        if cron.find_next_occurrence(&somewhen, true).is_err() {
            return Err(refuse("no day matches".into()));
        }
        let of_day = &fields[..fields.len() - 3];
        let is_rhythm = of_day.iter().any(|field| field.contains(['*', '/', '?']));
        Ok(Self {
            text,
            zone,
            cron,
            names_times: !is_rhythm,
        })
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.zone) == (&other.text, other.zone)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.text, self.zone.name())
    }
}

fn whole_second(instant: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(instant.timestamp(), 0).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[track_caller]
    fn check(pattern: &str, after: &str, expected: &[&str]) {
        let pattern: Pattern = pattern.parse().unwrap();
        let mut at = instant(after);
        for slot in expected {
            let before = at;
            at = pattern.next_after(at).unwrap();
            assert_eq!(at, instant(slot), "{pattern} after {before}");
            let inside = at + TimeDelta::milliseconds(1);
            assert_eq!(pattern.last_until(at), Some(at), "{pattern}");
            assert_eq!(pattern.last_until(inside), Some(at), "{pattern}");
        }
    }

    #[test]
    fn a31_a_rhythm_runs_in_both_passes_of_a_fold_in_real_order() {
        check(
            "*/30 * * * * in America/New_York",
            "2026-11-01T00:45:00-04:00",
            &[
                "2026-11-01T01:00:00-04:00",
                "2026-11-01T01:30:00-04:00",
                "2026-11-01T01:00:00-05:00",
                "2026-11-01T01:30:00-05:00",
                "2026-11-01T02:00:00-05:00",
            ],
        );
    }

    #[test]
    fn a31_a_rhythm_does_not_run_in_a_gap() {
        check(
            "*/30 * * * * in America/New_York",
            "2026-03-08T01:15:00-05:00",
            &[
                "2026-03-08T01:30:00-05:00",
                "2026-03-08T03:00:00-04:00",
                "2026-03-08T03:30:00-04:00",
            ],
        );
    }

    #[test]
    fn a31_a_time_comes_once_through_gap_and_fold() {
        check(
            "30 2 * * * in America/New_York",
            "2026-03-07T12:00:00Z",
            &["2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"],
        );
        check(
            "30 1 * * * in America/New_York",
            "2026-10-31T12:00:00Z",
            &["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"],
        );
    }

    #[test]
    fn a_list_of_times_is_no_rhythm() {
        check(
            "0,30 1,2 * * * in America/New_York",
            "2026-11-01T05:00:00Z",
            &[
                "2026-11-01T05:30:00Z",
                "2026-11-01T07:00:00Z",
                "2026-11-01T07:30:00Z",
                "2026-11-02T06:00:00Z",
            ],
        );
        check(
            "0,30 2,3 * * * in America/New_York",
            "2026-03-08T05:00:00Z",
            &[
                "2026-03-08T07:00:00Z",
                "2026-03-08T07:30:00Z",
                "2026-03-09T06:00:00Z",
            ],
        );
    }

    #[test]
    fn six_fields_begin_with_the_second() {
        check(
            "15,45 * * * * *",
            "2026-06-01T12:00:20Z",
            &["2026-06-01T12:00:45Z", "2026-06-01T12:01:15Z"],
        );
    }

    #[test]
    fn days_of_month_and_weekdays_are_joined_as_cron_always_did() {
        check(
            "0 0 13 * FRI",
            "2026-02-10T00:00:00Z",
            &[
                "2026-02-13T00:00:00Z",
                "2026-02-20T00:00:00Z",
                "2026-02-27T00:00:00Z",
            ],
        );
        check(
            "0 0 29 2 *",
            "2026-01-01T00:00:00Z",
            &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"],
        );
    }

    #[track_caller]
    fn check_refused(pattern: &str, expected: &str) {
        let error = pattern.parse::<Pattern>().unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }

    #[test]
    fn a_pattern_that_no_day_matches_is_refused_with_its_reason() {
        check_refused(
            "0 0 30 2 *",
            "cron pattern \"0 0 30 2 *\": no day matches, expected",
        );
        check_refused(
            "0 0 31 4,6,9 *",
            "cron pattern \"0 0 31 4,6,9 *\": no day matches",
        );
        check_refused("60 * * * *", "cron pattern \"60 * * * *\": ");
        check_refused("*/0 * * * *", "cron pattern \"*/0 * * * *\": ");
        check_refused("* * * *", "cron pattern \"* * * *\": ");
        check_refused("* * * * * * 2030", "cron pattern \"* * * * * * 2030\": ");
        check_refused("", "cron pattern \"\": ");
        check_refused("hourly", "cron pattern \"HOURLY\": ");
        check_refused(
            "0 9 * * * in Europe/Bern",
            "time zone \"Europe/Bern\", expected an IANA name",
        );
    }

    /// Walks both ways through two years of transitions and compares.
    #[test]
    fn looking_back_finds_the_slots_that_looking_ahead_found() {
        for pattern in [
            "*/20 * * * *",
            "0 2 * * *",
            "17 */5 * * *",
            "0,30 1,2 * * SUN",
        ] {
            for zone in ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe"] {
                let pattern: Pattern = format!("{pattern} in {zone}").parse().unwrap();
                for start in [
                    "2026-03-07T00:00:00Z",
                    "2026-10-02T22:00:00Z",
                    "2026-10-31T20:00:00Z",
                ] {
                    let mut at = instant(start);
                    for _ in 0..150 {
                        let next = pattern.next_after(at).unwrap();
                        assert!(next > at, "{pattern} after {at}");
                        let between = next - TimeDelta::milliseconds(1);
                        let last = pattern.last_until(between).unwrap();
                        assert!(
                            last <= at && pattern.next_after(last) == Some(next),
                            "{pattern} before {next}"
                        );
                        at = next;
                    }
                }
            }
        }
    }
}
