//! The text form of a trigger: what the store keeps, people type and pages show.

use std::{fmt, str::FromStr, sync::Arc};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

use super::{Kind, Trigger, at, cron, every, manual, once};
use crate::{
    duration::{Written, parse_duration},
    error::Error,
};

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Every(interval) => write!(f, "every {}", Written(*interval)),
            Kind::At(times) => write!(f, "at {times}"),
            Kind::Cron(pattern) => write!(f, "cron {pattern}"),
            Kind::Once(instant) => write!(f, "once {}", written(*instant)),
            Kind::Manual => f.write_str("manual"),
            Kind::Unusable { text, .. } => f.write_str(text),
        }
    }
}

impl FromStr for Trigger {
    type Err = Error;

    /// Reads the text form: `every 1h30m`, `at 09:00 in Europe/Berlin, 18:00`,
    /// `cron 0 9 * * MON-FRI in Asia/Tokyo`, `once 2026-12-24T18:00:00+01:00`, `manual`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unreadable = || Error::BadTrigger {
            given: text.to_owned(),
        };
        let (kind, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let trigger = match kind {
            "every" => every(parse_duration(rest).ok_or_else(unreadable)?),
            "at" => at(rest.split(',')),
            "cron" => cron(rest),
            "once" => once(instant(rest).ok_or_else(unreadable)?),
            "manual" if rest.is_empty() => manual(),
            _ => return Err(unreadable()),
        };
        trigger.check()?;
        Ok(trigger)
    }
}

impl Serialize for Trigger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Trigger {
    /// A trigger that will be refused where it is used, and shows what was given.
    pub(super) fn unusable(text: String, error: Error) -> Self {
        Self(Kind::Unusable {
            text: text.into(),
            error: Arc::new(error),
        })
    }
}

fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text.trim()).ok()?;
    Some(instant.to_utc())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::duration::{hours, mins, secs};

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let read = text.parse::<Trigger>();
        match expected {
            Ok(canonical) => {
                let trigger = read.unwrap();
                assert_eq!(trigger.to_string(), canonical);
                assert_eq!(canonical.parse::<Trigger>().unwrap(), trigger);
            }
            Err(message) => assert_eq!(read.unwrap_err().to_string(), message),
        }
    }

    const UNREADABLE: &str = "expected a text such as \"every 10m\", \"at 09:00 in Europe/Berlin\", \
        \"cron 0 9 * * MON\", \"once 2026-12-24T18:00:00Z\" or \"manual\"";

    #[track_caller]
    fn check_unreadable(text: &str) {
        check(text, Err(&format!("trigger {text:?}, {UNREADABLE}")));
    }

    #[test]
    fn intervals_are_read_back() {
        check("every 10m", Ok("every 10m"));
        check(" every 90s ", Ok("every 1m30s"));
        check("every 3650d", Ok("every 3650d"));
        check("every 0s", Err("interval 0s, expected 100ms to 10 years"));
        check(
            "every 99ms",
            Err("interval 99ms, expected 100ms to 10 years"),
        );
        check(
            "every 3651d",
            Err("interval 3651d, expected 100ms to 10 years"),
        );
        check_unreadable("every -5s");
        check_unreadable("every NaN");
        check_unreadable("10m");
        check_unreadable("");
    }

    #[test]
    fn times_of_day_are_read_back_in_order() {
        check("at 09:00", Ok("at 09:00 in UTC"));
        check(
            "at 18:30:15 in Asia/Tokyo,9:00 in Europe/Berlin, 09:00 in Europe/Berlin",
            Ok("at 09:00 in Europe/Berlin, 18:30:15 in Asia/Tokyo"),
        );
        let bad = |given: &str| {
            format!(
                "time of day {given:?}, expected a text such as \"09:00\" or \
                 \"21:30:15 in Europe/Berlin\""
            )
        };
        check("at 24:00", Err(&bad("24:00")));
        check("at 09:00:60", Err(&bad("09:00:60")));
        check("at noon", Err(&bad("noon")));
        check("at +9:00", Err(&bad("+9:00")));
        check("at 09:00,", Err(&bad("")));
        check("at", Err(&bad("")));
        check(
            "at 09:00 in Mars/Olympus",
            Err("time zone \"Mars/Olympus\", expected an IANA name such as \"Europe/Berlin\""),
        );
    }

    #[test]
    fn patterns_are_read_back() {
        check("cron  0  9 * * mon-fri", Ok("cron 0 9 * * MON-FRI in UTC"));
        check(
            "cron */5 * * * * * in America/New_York",
            Ok("cron */5 * * * * * in America/New_York"),
        );
        check(
            "cron 0 0 30 2 *",
            Err(
                "cron pattern \"0 0 30 2 *\": no day matches, expected 5 or 6 fields such as \
                 \"0 9 * * MON-FRI\"",
            ),
        );
    }

    #[test]
    fn instants_are_read_back() {
        check(
            "once 2026-12-24T18:00:00+01:00",
            Ok("once 2026-12-24T17:00:00Z"),
        );
        check(
            "once 2026-12-24T17:00:00.250Z",
            Ok("once 2026-12-24T17:00:00.250Z"),
        );
        check("manual", Ok("manual"));
        check_unreadable("once tomorrow");
        check_unreadable("once");
        check_unreadable("manual 5");
    }

    #[test]
    fn an_empty_or_endless_list_of_times_is_refused() {
        let nobody: [&str; 0] = [];
        let refused = at(nobody).check().unwrap_err().to_string();
        assert_eq!(refused, "0 times of day, expected 1 to 96");
        let each_minute = |n: u32| at((0..n).map(|n| format!("{}:{}", n / 60, n % 60)));
        let refused = each_minute(97).check().unwrap_err().to_string();
        assert_eq!(refused, "97 times of day, expected 1 to 96");
        each_minute(96).check().unwrap();
    }

    #[test]
    fn an_instant_without_a_text_form_is_refused() {
        let error = once(DateTime::<Utc>::MAX_UTC).check().unwrap_err();
        assert!(
            error.to_string().starts_with("trigger \"once +262142-"),
            "{error}"
        );
    }

    #[test]
    fn constructors_and_texts_mean_the_same() {
        let pairs = [
            (every(mins(90)), "every 1h30m"),
            (every(Duration::from_micros(100_999)), "every 100ms"),
            (every(hours(24)), "every 1d"),
            (at(["18:00 in Europe/Berlin"]), "at 18:00 in Europe/Berlin"),
            (cron("0 18 * * SUN"), "cron 0 18 * * SUN in UTC"),
            (
                once(DateTime::UNIX_EPOCH + secs(1)),
                "once 1970-01-01T00:00:01Z",
            ),
        ];
        for (trigger, text) in pairs {
            assert_eq!(trigger.to_string(), text);
            assert_eq!(trigger, text.parse().unwrap());
        }
    }
}
