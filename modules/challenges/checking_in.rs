//! Checking in: what a member has done this week, and what it gives.

use chrono::{Days, NaiveDate};
use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Challenges, activity::Activity, rules::Rules, store, week::Week};

/// What a member says to have done.
pub(super) struct CheckIn {
    pub(super) sport: String,
    pub(super) minutes: u32,
    /// Today when left out.
    pub(super) day: Option<String>,
}

/// What came of it.
pub(super) struct Checked {
    pub(super) activity: Activity,
    /// What it gives.
    pub(super) points: u32,
    /// What the week has with it.
    pub(super) sum: u32,
    pub(super) needed: u32,
}

impl Challenges {
    /// Notes what a member has done.
    ///
    /// # Errors
    /// It cannot count: the sentence says what was expected.
    pub(super) async fn check_in(
        &self,
        guild: GuildId,
        user: UserId,
        said: CheckIn,
    ) -> Result<Checked> {
        let _turn = self.turn(guild).await?;
        let challenge = self.challenge(guild).await?;
        let day = day_of(said.day.as_deref(), challenge.today(self.host.now()))?;
        let week = Week::of(day);
        self.must_count(guild, user, week).await?;
        let activity = Activity {
            user,
            day,
            sport: sport_of(&said.sport, &challenge.rules)?,
            minutes: said.minutes,
        };
        store::activity::check_in(self.host.db(), guild, &activity).await?;
        let standing = self.standing(guild, &challenge, user, week).await?;
        Ok(Checked {
            points: challenge.rules.points(&activity.sport, said.minutes),
            sum: standing.map_or(0, |it| it.points),
            needed: challenge.rules.needed,
            activity,
        })
    }
}

fn sport_of(text: &str, rules: &Rules) -> Result<String, UserError> {
    let sport = text.trim().to_lowercase();
    if rules.sports.contains_key(&sport) {
        return Ok(sport);
    }
    let sports = rules.sports.keys().map(|sport| format!("`{sport}`"));
    let sports = sports.collect::<Vec<_>>().join(", ");
    Err(UserError::new(format!(
        "`{sport}` gives no points here. What does: {sports}."
    )))
}

/// A day of the week that is being played.
fn day_of(text: Option<&str>, today: NaiveDate) -> Result<NaiveDate, UserError> {
    let Some(text) = text else { return Ok(today) };
    let day = match text.trim().to_lowercase().as_str() {
        "today" => Some(today),
        "yesterday" => Some(today - Days::new(1)),
        text => text.parse().ok(),
    };
    let first = Week::of(today).monday();
    day.filter(|day| (first..=today).contains(day))
        .ok_or_else(|| {
            UserError::new(format!(
                "`{text}` is no day of this week: expected {first} to {today}."
            ))
        })
}
