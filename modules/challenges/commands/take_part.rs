//! `/challenge join` and `leave`.

use cogsmith::prelude::*;

use super::guild;
use crate::modules::challenges::Challenges;

/// Takes part from the first whole week on.
#[command(slash_command, guild_only)]
pub(super) async fn join(ctx: Context<'_>) -> Result<()> {
    let module = ctx.module::<Challenges>();
    let first = module.join(guild(ctx)?, ctx.author().id).await?;
    let monday = first.monday();
    ctx.answer(format!(
        "Welcome! Your first week is {first}, from Monday, {monday}, on."
    ))
    .await
}

/// Ends your taking part with this week, which still counts; what you owe stays.
#[command(slash_command, guild_only, ephemeral)]
pub(super) async fn leave(ctx: Context<'_>) -> Result<()> {
    let module = ctx.module::<Challenges>();
    let last = module.leave(guild(ctx)?, ctx.author().id).await?;
    ctx.answer(match last {
        Some(last) => format!("{last}, this one, is your last week. What you owe stays."),
        None => "No week of yours had begun: you do not take part.".to_owned(),
    })
    .await
}
