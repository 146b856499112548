//! Lengths of time as people write them: `90s`, `10m`, `1h30m`, `250ms`.

use std::{fmt, time::Duration};

/// Units from the longest to the shortest, in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// `n` seconds.
#[must_use]
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// `n` minutes.
///
/// # Panics
/// When the length does not fit a [`Duration`] (more than 3 × 10¹⁷ minutes).
#[must_use]
pub const fn mins(n: u64) -> Duration {
    Duration::from_mins(n)
}

/// `n` hours.
///
/// # Panics
/// When the length does not fit a [`Duration`] (more than 5 × 10¹⁵ hours).
#[must_use]
pub const fn hours(n: u64) -> Duration {
    Duration::from_hours(n)
}

/// Reads `90s`, `10m`, `1h30m` or `250ms`: whole numbers, each with one of `d h m s ms`, longest first.
///
/// `None` for anything else: no unit, a sign, a fraction, units out of order, or more than a
/// [`Duration`] of milliseconds can hold.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut units = UNITS.iter();
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let (_, millis) = units.find(|(unit, _)| *unit == &rest[..letters])?;
        rest = &rest[letters..];
        total = total.checked_add(number.checked_mul(*millis)?)?;
    }
    (!text.trim().is_empty()).then(|| Duration::from_millis(total))
}

/// Writes what [`parse_duration`] reads; anything finer than a millisecond is dropped.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    Written(duration).to_string()
}

/// A duration that displays as people write it, without an allocation.
pub(crate) struct Written(pub(crate) Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, millis) in UNITS {
            if left >= millis {
                write!(f, "{}{unit}", left / millis)?;
                left %= millis;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        let read = parse_duration(text);
        assert_eq!(read, expected.map(Duration::from_millis), "{text:?}");
        if let Some(duration) = read {
            let written = format_duration(duration);
            assert_eq!(
                parse_duration(&written),
                Some(duration),
                "{text:?} became {written:?}"
            );
        }
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        check("90s", Some(90_000));
        check("10m", Some(600_000));
        check("1h30m", Some(5_400_000));
        check(" 250ms ", Some(250));
        check("1d2h3m4s5ms", Some(93_784_005));
        check("0s", Some(0));
        check("", None);
        check("10", None);
        check("-5s", None);
        check("1.5s", None);
        check("NaN", None);
        check("5s1h", None);
        check("1h1h", None);
        check("ms", None);
        check("99999999999999999999s", None);
        check("18446744073709551615d", None);
    }

    #[test]
    fn durations_are_written_in_the_longest_units_that_fit() {
        assert_eq!(format_duration(mins(90)), "1h30m");
        assert_eq!(format_duration(Duration::from_micros(1_500)), "1ms");
        assert_eq!(format_duration(hours(24)), "1d");
    }
}
