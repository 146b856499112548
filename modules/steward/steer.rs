//! `/task start`, `stop`, `cancel`, `restart`, `interval`, `reset`, `backfill`: each answers with what came of it.

use cogsmith::{prelude::*, steering::Request};

use super::{
    commands::{change, names},
    time::{lengths, times},
};

/// Starts a task that is stopped, or all members of a family.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn start(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::start(name)).await
}

/// Stops a task, or all members of a family; it stays stopped after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn stop(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::stop(name)).await
}

/// Stops a task, or all members of a family, and ends the run that is in progress.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn cancel(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::cancel(name)).await
}

/// Restarts a task, or all members of a family, from whatever state it is in.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn restart(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::restart(name)).await
}

/// Changes when a task, or each member of a family, is due; it stays so after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn interval(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Such as 90s, 1h30m, or at 09:00 in Europe/Berlin; the code's own when left out"]
    #[autocomplete = "times"]
    time: Option<String>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::interval(name, time)).await
}

/// Lets a task, or each member of a family, be due as the code says.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn reset(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    change(ctx, reason, Request::reset(name)).await
}

/// Runs past slots of a task, or of each member of a family, oldest first; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn backfill(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "From how long ago, such as 2h or 3d"]
    #[autocomplete = "lengths"]
    since: String,
    #[description = "So many slots at most"]
    #[min = 1]
    #[max = 10_000]
    most: Option<u32>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let most = most.unwrap_or(100);
    change(ctx, reason, Request::backfill(name, since, most)).await
}
