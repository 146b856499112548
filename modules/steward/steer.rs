//! `/task start`, `stop`, `cancel`, `restart`, `interval`, `backfill`: each answers with what came of it.

use cogsmith::{prelude::*, steering::Request};

use super::commands::{ask, names};

/// Starts a task that is stopped, or all members of a family.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn start(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    ask(ctx, Request::start(name), 1).await
}

/// Stops a task, or all members of a family; it stays stopped after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn stop(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    ask(ctx, Request::stop(name), 1).await
}

/// Stops a task, or all members of a family, and ends the run that is in progress.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn cancel(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    ask(ctx, Request::cancel(name), 1).await
}

/// Restarts a task, or all members of a family, from whatever state it is in.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn restart(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    ask(ctx, Request::restart(name), 1).await
}

/// Changes when a task, or each member of a family, is due; it stays so after a restart of the bot.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn interval(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Such as 90s, 1h30m, or at 09:00 in Europe/Berlin; the code's own when left out"]
    time: Option<String>,
) -> Result<()> {
    ask(ctx, Request::interval(name, time), 1).await
}

/// Runs past slots of a task, or of each member of a family, oldest first; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn backfill(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
    #[description = "From how long ago, such as 2h or 3d"] since: String,
    #[description = "So many slots at most"]
    #[min = 1]
    #[max = 10_000]
    most: Option<u32>,
) -> Result<()> {
    let most = most.unwrap_or(100);
    ask(ctx, Request::backfill(name, since, most), 1).await
}
