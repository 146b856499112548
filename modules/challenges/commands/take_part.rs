//! `/challenge join` and `leave`.

use cogsmith::prelude::*;

use super::guild;
use crate::modules::challenges::{Challenges, week::Week};

/// Takes part from the first whole week on.
#[command(slash_command, guild_only)]
pub(super) async fn join(ctx: Context<'_>) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    let today = challenge.today(ctx.host().now());
    let current = Week::of(today);
    let first = if current.monday() == today {
        current
    } else {
        current.after()
    };
    let first = first.max(challenge.rules.start);
    if !module.join(guild, ctx.author().id, first).await? {
        return Err(UserError::new("You take part already.").into());
    }
    let monday = first.monday();
    ctx.answer(format!(
        "Welcome! Your first week is {first}, from Monday, {monday}, on."
    ))
    .await
}

/// Ends your taking part with the week before this one; what you owe until then stays.
#[command(slash_command, guild_only, ephemeral)]
pub(super) async fn leave(ctx: Context<'_>) -> Result<()> {
    let (module, guild) = (ctx.module::<Challenges>(), guild(ctx)?);
    let challenge = module.challenge(guild).await?;
    let last = challenge.over(ctx.host().now());
    if !module.leave(guild, ctx.author().id, last).await? {
        return Err(UserError::new("You do not take part.").into());
    }
    ctx.answer(format!(
        "{last} was your last week. What you owe until then stays."
    ))
    .await
}
