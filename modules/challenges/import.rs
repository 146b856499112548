//! Activities from a CSV file: `user,day,sport,minutes`, with that line as its first. Blank lines are passed over.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use cogsmith::prelude::*;
use csv::StringRecord;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    activity::{Activity, LONGEST},
    challenge::Challenge,
    stint::Stint,
    store::{self, Whose},
    week::Week,
};

/// A file of so many activities is taken.
const MOST: usize = 10_000;

/// What the first line is.
const HEADER: [&str; 4] = ["user", "day", "sport", "minutes"];

/// What a file is held against.
struct Reader<'c> {
    challenge: &'c Challenge,
    stints: BTreeMap<UserId, Vec<Stint>>,
    today: NaiveDate,
}

impl Challenges {
    /// Notes the activities of a file, or with `is_dry` only reads it; tells how many there are.
    ///
    /// # Errors
    /// In the inner result every line that cannot be taken, by its number, with what was expected; nothing is
    /// noted then.
    pub(super) async fn import(
        &self,
        guild: GuildId,
        text: &[u8],
        is_dry: bool,
        by: &By,
    ) -> Result<Result<usize, Vec<String>>> {
        let _turn = self.turn(guild).await?;
        let challenge = self.challenge(guild).await?;
        let mut stints: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (_, user, stint) in store::stint::all(self.host.db(), Whose::Guild(guild)).await? {
            stints.entry(user).or_default().push(stint);
        }
        let reader = Reader {
            today: challenge.today(self.host.now()),
            challenge: &challenge,
            stints,
        };
        let activities = match reader.read(text) {
            Ok(activities) => activities,
            Err(faults) => return Ok(Err(faults)),
        };
        if !is_dry {
            let imported = by.did_in(guild, "challenge_config import", "activities");
            let imported = imported.to(counted(activities.len(), "line"));
            let mut transaction = self.host.db().begin().await?;
            store::activity::import(&mut transaction, guild, &activities).await?;
            self.host
                .audit()
                .record_in(&mut transaction, imported)
                .await?;
            transaction.commit().await?;
        }
        Ok(Ok(activities.len()))
    }
}

impl Reader<'_> {
    fn read(&self, text: &[u8]) -> Result<Vec<Activity>, Vec<String>> {
        let text = str::from_utf8(text).map_err(|error| {
            let before = &text[..error.valid_up_to()];
            let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            vec![format!("line {number}: no text, expected UTF-8")]
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
        check_header(lines.next())?;
        let (mut activities, mut faults) = (Vec::new(), Vec::new());
        for (number, line) in lines {
            match self.activity(line) {
                Ok(activity) => activities.push(activity),
                Err(fault) => faults.push(format!("line {number}: {fault}")),
            }
        }
        if activities.len() > MOST {
            let count = activities.len();
            faults.push(format!("{count} activities, expected at most {MOST}"));
        }
        if faults.is_empty() {
            Ok(activities)
        } else {
            Err(faults)
        }
    }

    fn activity(&self, line: &str) -> Result<Activity, String> {
        let values = values(line);
        let [user, day, sport, minutes] = values.iter().collect::<Vec<_>>()[..] else {
            let count = counted(values.len(), "value");
            return Err(format!("{count}, expected 4: {}", HEADER.join(",")));
        };
        let user = user.parse::<u64>().ok().filter(|id| *id > 0);
        let user =
            user.ok_or_else(|| format!("user {}, expected a user's id", values[0].escape_debug()))?;
        let activity = Activity {
            user: UserId::new(user),
            day: self.day(day)?,
            sport: self.sport(sport)?,
            minutes: minutes_of(minutes)?,
        };
        self.check_part(&activity)?;
        Ok(activity)
    }

    fn day(&self, text: &str) -> Result<NaiveDate, String> {
        let (first, last) = (self.challenge.rules.start.monday(), self.today);
        let day = text.parse().ok();
        day.filter(|day| (first..=last).contains(day))
            .ok_or_else(|| format!("day {text:?}, expected one from {first} to {last}"))
    }

    fn sport(&self, text: &str) -> Result<String, String> {
        let (sport, sports) = (text.to_lowercase(), &self.challenge.rules.sports);
        if sports.contains_key(&sport) {
            return Ok(sport);
        }
        let sports: Vec<_> = sports.keys().map(String::as_str).collect();
        Err(format!(
            "sport {text:?}, expected one of: {}",
            sports.join(", ")
        ))
    }

    /// Whether the member took part in the week of the day.
    fn check_part(&self, activity: &Activity) -> Result<(), String> {
        let (user, week) = (activity.user, Week::of(activity.day));
        let Some(stints) = self.stints.get(&user) else {
            return Err(format!("user {user} has never taken part"));
        };
        if stints.iter().any(|stint| stint.counts(week)) {
            return Ok(());
        }
        Err(format!("user {user} did not take part in {week}"))
    }
}

fn check_header(line: Option<(usize, &str)>) -> Result<(), Vec<String>> {
    let expected = HEADER.join(",");
    match line {
        Some((_, line)) if values(line).iter().eq(HEADER) => Ok(()),
        Some((number, line)) => Err(vec![format!(
            "line {number}: {line:?}, expected {expected}"
        )]),
        None => Err(vec![format!("no lines, expected {expected} first")]),
    }
}

/// The values of one line.
fn values(line: &str) -> StringRecord {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    let read = reader.records().next();
    read.and_then(Result::ok).unwrap_or_default()
}

fn minutes_of(text: &str) -> Result<u32, String> {
    let minutes = text.parse().ok();
    minutes
        .filter(|minutes| (1..=LONGEST).contains(minutes))
        .ok_or_else(|| format!("minutes {text:?}, expected 1 to {LONGEST}"))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Prague;
    use serenity::model::id::ChannelId;

    use super::*;
    use crate::modules::challenges::rules::Rules;

    /// Users 7 and 8 take part, 8 from week 9 on.
    fn found(text: &str) -> Result<Vec<Activity>, Vec<String>> {
        let stint = |number| Stint {
            first: Week::new(2026, number).unwrap(),
            last: None,
        };
        let challenge = Challenge {
            rules: Rules::new(Week::new(2026, 2).unwrap()),
            channel: ChannelId::new(1),
            zone: Prague,
            set_up_by: None,
        };
        let reader = Reader {
            challenge: &challenge,
            stints: BTreeMap::from([
                (UserId::new(7), vec![stint(2)]),
                (UserId::new(8), vec![stint(9)]),
            ]),
            today: "2026-03-02".parse().unwrap(),
        };
        reader.read(text.as_bytes())
    }

    #[track_caller]
    fn faults(text: &str, expected: &[&str]) {
        let faults = found(text).unwrap_err();
        assert_eq!(faults.len(), expected.len(), "{faults:?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(fault.starts_with(expected), "{fault:?} is not {expected:?}");
        }
    }

    #[test]
    fn each_line_is_an_activity() {
        let text = "\u{feff}user,day,sport,minutes\r\n7, 2026-03-01, Ski Touring, 120\r\n\n8,2026-03-01,\"run\",30\n";
        let read = found(text).unwrap();
        let shown: Vec<_> = read
            .iter()
            .map(|it| (it.user.get(), &*it.sport, it.minutes))
            .collect();
        assert_eq!(shown, [(7, "ski touring", 120), (8, "run", 30)]);
    }

    #[test]
    fn every_fault_is_told_by_its_line() {
        faults(
            "user,day,sport,minutes\n7,2026-03-01,run,30\n\n  \n7,2026-03-03,run,30\n7,2026-01-01,run,30\n\
             7,2026-03-01,chess,30\n7,2026-03-01,run,0\n7,yesterday,run,30\n7,2026-03-01,run\n0,2026-03-01,run,30\n\
             9,2026-03-01,run,30\n8,2026-02-22,run,30\n",
            &[
                "line 5: day \"2026-03-03\", expected one from 2026-01-05 to 2026-03-02",
                "line 6: day \"2026-01-01\", expected one from",
                "line 7: sport \"chess\", expected one of: hike, ride, run",
                "line 8: minutes \"0\", expected 1 to 1440",
                "line 9: day \"yesterday\", expected",
                "line 10: 3 values, expected 4",
                "line 11: user 0, expected",
                "line 12: user 9 has never taken part",
                "line 13: user 8 did not take part in 2026-W08",
            ],
        );
    }

    #[test]
    fn a_file_of_another_kind_is_refused() {
        let expected = "expected user,day,sport,minutes";
        faults("", &[&format!("no lines, {expected} first")]);
        faults(
            "\nwho,when\n",
            &[&format!("line 2: \"who,when\", {expected}")],
        );
    }
}
