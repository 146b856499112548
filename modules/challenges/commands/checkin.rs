//! `/challenge checkin`, `joker` and `import`: what members have done.

use chrono::{Days, NaiveDate};
use cogsmith::{prelude::*, reply::suggestions};
use serenity::{builder::CreateAutocompleteResponse, model::channel::Attachment};

use super::guild;
use crate::modules::challenges::{
    Challenge, Challenges, dues::Outcome, import, store::Activity, week::Week,
};

/// Notes something that you have done this week.
#[command(slash_command, guild_only)]
pub(super) async fn checkin(
    ctx: Context<'_>,
    #[description = "What you did"]
    #[autocomplete = "sports"]
    sport: String,
    #[description = "For how many minutes"]
    #[min = 1]
    #[max = 1440]
    minutes: u32,
    #[description = "On which day of this week, such as 2026-03-02; today when left out"]
    day: Option<String>,
) -> Result<()> {
    let (module, guild, user) = (ctx.module::<Challenges>(), guild(ctx)?, ctx.author().id);
    let challenge = module.taking_part(guild, user).await?;
    let rules = &challenge.rules;
    let sport = sport.trim().to_lowercase();
    if !rules.sports.contains_key(&sport) {
        let sports: Vec<_> = rules
            .sports
            .keys()
            .map(|sport| format!("`{sport}`"))
            .collect();
        let sentence = format!(
            "`{sport}` gives no points here. What does: {}.",
            sports.join(", ")
        );
        return Err(UserError::new(sentence).into());
    }
    let day = day_of(day.as_deref(), challenge.today(ctx.host().now()))?;
    let activity = Activity {
        user,
        day,
        sport,
        minutes,
    };
    module.note(guild, &activity).await?;
    let points = rules.points(&activity.sport, minutes);
    let sum = module
        .points(guild, &challenge, user, Week::of(day))
        .await?;
    let passed = if sum >= rules.needed {
        " The week is passed!"
    } else {
        ""
    };
    ctx.answer(format!(
        "{}: {minutes} min of {} give {}. This week you have {sum} of {}.{passed}",
        ctx.author().display_name(),
        activity.sport,
        counted(points, "point"),
        rules.needed
    ))
    .await
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

async fn sports(ctx: Context<'_>, begun: &str) -> CreateAutocompleteResponse {
    let challenge = match ctx.guild_id() {
        Some(guild) => ctx.module::<Challenges>().challenge(guild).await.ok(),
        None => None,
    };
    let begun = begun.to_lowercase();
    let sports = challenge
        .map(|challenge| challenge.rules.sports)
        .unwrap_or_default();
    let fitting = sports
        .into_iter()
        .filter(|(sport, _)| sport.contains(&begun));
    suggestions(fitting.map(|(sport, minutes)| (format!("{sport}: {minutes} min a point"), sport)))
}

/// Leaves a week out: it costs nothing, and ends no row of misses.
#[command(slash_command, guild_only)]
pub(super) async fn joker(
    ctx: Context<'_>,
    #[description = "Which week of this year; this one when left out"]
    #[min = 1]
    #[max = 53]
    week: Option<u32>,
) -> Result<()> {
    let (module, guild, user) = (ctx.module::<Challenges>(), guild(ctx)?, ctx.author().id);
    let challenge = module.taking_part(guild, user).await?;
    let current = challenge.current(ctx.host().now());
    let week = week.map_or(Some(current), |number| Week::new(current.year, number));
    let week = week.filter(|week| *week >= current);
    let expected = format!(
        "This week is {current}: only this one and later ones of the year can be left out."
    );
    let week = week.ok_or(UserError::new(expected))?;
    let left = module.joker(guild, &challenge, user, week).await?;
    ctx.answer(format!(
        "{week} is left out. {} left this year.",
        counted(left, "joker week")
    ))
    .await
}

/// Notes activities from a CSV file; the same file twice counts once.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn import(
    ctx: Context<'_>,
    #[description = "Lines of user,day,sport,minutes under just that line; user is an id, day is like 2026-03-02"]
    file: Attachment,
    #[description = "Only say what would be noted"] dry_run: Option<bool>,
) -> Result<()> {
    const MOST_BYTES: u32 = 1_000_000;
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    if file.size > MOST_BYTES {
        let sentence = format!(
            "{} has {} bytes: at most {MOST_BYTES} are taken.",
            file.filename, file.size
        );
        return Err(UserError::new(sentence).into());
    }
    let text = file.download().await?;
    let activities = match import::read(&text, &challenge, challenge.today(ctx.host().now())) {
        Ok(activities) => activities,
        Err(faults) => {
            let embed =
                Embed::new("Nothing was noted").description(shorten(&faults.join("\n"), 4_000));
            return ctx.answer(Reply::from(embed).ephemeral()).await;
        }
    };
    let count = counted(activities.len(), "line");
    if dry_run.unwrap_or(false) {
        return ctx.answer(format!("{count} would be noted.")).await;
    }
    module.import(guild, &activities).await?;
    ctx.answer(format!(
        "{count} noted; those that were there already count once."
    ))
    .await
}

/// How a week ended, as a sign.
pub(in crate::modules::challenges) fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "✅",
        Outcome::Missed(_) => "❌",
        Outcome::Joker => "🃏",
    }
}

impl Challenges {
    /// The challenge of a member who takes part.
    pub(super) async fn taking_part(
        &self,
        guild: serenity::model::id::GuildId,
        user: serenity::model::id::UserId,
    ) -> Result<Challenge> {
        let challenge = self.challenge(guild).await?;
        if !crate::modules::challenges::store::takes_part(self.host.db(), guild, user).await? {
            return Err(UserError::new("You do not take part yet: `/challenge join` does.").into());
        }
        Ok(challenge)
    }
}
