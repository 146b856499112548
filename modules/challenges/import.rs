//! Activities from a CSV file: `user,day,sport,minutes`, with that line as its first.

use chrono::NaiveDate;
use serenity::model::id::UserId;

use super::{challenge::Challenge, store::Activity, week::Week};

/// A file of so many lines is taken.
pub(super) const MOST: usize = 10_000;

/// Minutes that one activity may have: a day's.
pub(super) const LONGEST: u32 = 24 * 60;

#[derive(serde::Deserialize)]
struct Line {
    user: u64,
    day: NaiveDate,
    sport: String,
    minutes: u32,
}

/// The activities of a file.
///
/// # Errors
/// Every line that cannot be taken, by its number, with what was expected; nothing is imported then.
pub(super) fn read(
    text: &[u8],
    challenge: &Challenge,
    today: NaiveDate,
) -> Result<Vec<Activity>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let (mut activities, mut faults) = (Vec::new(), Vec::new());
    for (at, line) in reader.deserialize::<Line>().enumerate() {
        let number = at + 2;
        if activities.len() >= MOST {
            faults.push(format!(
                "line {number}: more than {MOST} lines, expected fewer"
            ));
            break;
        }
        match line
            .map_err(|error| fault(&error))
            .and_then(|line| checked(line, challenge, today))
        {
            Ok(activity) => activities.push(activity),
            Err(fault) => faults.push(format!("line {number}: {fault}")),
        }
    }
    if faults.is_empty() {
        Ok(activities)
    } else {
        Err(faults)
    }
}

/// What the reader found, without its own count of lines.
fn fault(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            format!("{err}, expected a user's id, a day such as 2026-03-02, a sport, and minutes")
        }
        csv::ErrorKind::UnequalLengths { len, .. } => {
            format!("{len} values, expected 4: user,day,sport,minutes")
        }
        _ => "no text, expected UTF-8".to_owned(),
    }
}

fn checked(line: Line, challenge: &Challenge, today: NaiveDate) -> Result<Activity, String> {
    let Line {
        user,
        day,
        sport,
        minutes,
    } = line;
    if user == 0 {
        return Err("user 0, expected a user's id".to_owned());
    }
    if day > today || Week::of(day) < challenge.rules.start {
        let first = challenge.rules.start.monday();
        return Err(format!("day {day}, expected one from {first} to {today}"));
    }
    if !challenge.rules.sports.contains_key(&sport) {
        let sports: Vec<_> = challenge.rules.sports.keys().map(String::as_str).collect();
        return Err(format!(
            "sport {sport:?}, expected one of: {}",
            sports.join(", ")
        ));
    }
    if !(1..=LONGEST).contains(&minutes) {
        return Err(format!("{minutes} minutes, expected 1 to {LONGEST}"));
    }
    Ok(Activity {
        user: UserId::new(user),
        day,
        sport,
        minutes,
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Prague;
    use serenity::model::id::ChannelId;

    use super::*;
    use crate::modules::challenges::rules::Rules;

    fn found(text: &str) -> Result<Vec<Activity>, Vec<String>> {
        let challenge = Challenge {
            rules: Rules::new(Week::new(2026, 2).unwrap()),
            channel: ChannelId::new(1),
            zone: Prague,
        };
        read(text.as_bytes(), &challenge, "2026-03-02".parse().unwrap())
    }

    #[test]
    fn each_line_is_an_activity() {
        let read =
            found("user,day,sport,minutes\n7, 2026-03-01, ski touring, 120\n8,2026-01-05,run,30\n")
                .unwrap();
        let shown: Vec<_> = read
            .iter()
            .map(|it| (it.user.get(), &*it.sport, it.minutes))
            .collect();
        assert_eq!(shown, [(7, "ski touring", 120), (8, "run", 30)]);
    }

    #[test]
    fn every_fault_is_told_by_its_line() {
        let faults = found(
            "user,day,sport,minutes\n7,2026-03-01,run,30\n7,2026-03-03,run,30\n7,2026-01-01,run,30\n\
             7,2026-03-01,chess,30\n7,2026-03-01,run,0\n7,yesterday,run,30\n7,2026-03-01,run\n0,2026-03-01,run,30\n",
        )
        .unwrap_err();
        let expected = [
            "line 3: day 2026-03-03, expected one from 2026-01-05 to 2026-03-02",
            "line 4: day 2026-01-01, expected one from",
            "line 5: sport \"chess\", expected one of: hike, ride, run",
            "line 6: 0 minutes, expected 1 to 1440",
            "line 7: ",
            "line 8: 3 values, expected 4",
            "line 9: user 0, expected",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(fault.starts_with(expected), "{fault:?} is not {expected:?}");
        }
    }
}
