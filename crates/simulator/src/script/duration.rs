//! Durations as people write them: `90s`, `10m`, `1h30m`, `2d`.

use std::time::Duration;

/// Longer waits are a slip of the keyboard.
const MAX: Duration = Duration::from_hours(24 * 366);

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// `None` when it is not a duration between 1 s and 366 days, each unit at most once, the largest
/// first.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    for (unit, length) in UNITS {
        let Some((number, after)) = rest.split_once(unit) else {
            continue;
        };
        if !number.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let part = number.parse::<u64>().ok()?.checked_mul(length)?;
        seconds = seconds.checked_add(part)?;
        rest = after;
    }
    let duration = Duration::from_secs(seconds);
    let fits = !duration.is_zero() && duration <= MAX;
    (rest.is_empty() && fits).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, seconds: Option<u64>) {
        assert_eq!(parse(text).map(|it| it.as_secs()), seconds, "{text}");
    }

    #[test]
    fn durations_read_as_people_write_them() {
        check("90s", Some(90));
        check("10m", Some(600));
        check("1h30m", Some(5400));
        check("2d", Some(172_800));
        check("1d2h3m4s", Some(93_784));
        for wrong in [
            "",
            "s",
            "10",
            "0s",
            "-1s",
            "+1s",
            "1.5h",
            "1m1h",
            "1s1s",
            "1h 30m",
            "367d",
            "ms",
            "99999999999999999999s",
            "9999999999999999999d",
            "é",
        ] {
            check(wrong, None);
        }
    }
}
