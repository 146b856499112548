//! `/challenge checkin`, `joker` and `/challenge_config import`: what members have done.

use cogsmith::{prelude::*, reply::suggestions};
use serenity::{builder::CreateAutocompleteResponse, model::channel::Attachment};

use super::guild;
use crate::modules::challenges::{Challenges, checking_in::CheckIn};

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
    let said = CheckIn {
        sport,
        minutes,
        day,
    };
    let module = ctx.module::<Challenges>();
    let checked = module.check_in(guild(ctx)?, ctx.author().id, said).await?;
    let passed = if checked.sum >= checked.needed {
        " The week is passed!"
    } else {
        ""
    };
    ctx.answer(format!(
        "{}: {minutes} min of {}, {}. This week you have {} of {}.{passed}",
        ctx.author().display_name(),
        checked.activity.sport,
        counted(checked.points, "point"),
        checked.sum,
        checked.needed
    ))
    .await
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
    let module = ctx.module::<Challenges>();
    let left_out = module.leave_out(guild(ctx)?, ctx.author().id, week);
    let (week, left) = left_out.await?;
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
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    const MOST_BYTES: u32 = 1_000_000;
    let (module, is_dry) = (ctx.module::<Challenges>(), dry_run.unwrap_or(false));
    if file.size > MOST_BYTES {
        let sentence = format!(
            "{} has {} bytes: at most {MOST_BYTES} are taken.",
            file.filename, file.size
        );
        return Err(UserError::new(sentence).into());
    }
    let (text, by) = (file.download().await?, ctx.by(reason));
    let count = match module.import(guild(ctx)?, &text, is_dry, &by).await? {
        Ok(count) => counted(count, "line"),
        Err(faults) => {
            let embed = Embed::new("Nothing was noted").description(faults.join("\n"));
            return ctx.answer(Reply::from(embed).ephemeral()).await;
        }
    };
    ctx.answer(if is_dry {
        format!("{count} would be noted.")
    } else {
        format!("{count} noted; what an earlier file had of the same day and sport is replaced.")
    })
    .await
}
