//! Commands of modules that are off, or could not be loaded, are answered calmly and not run.

use futures_util::FutureExt;

use crate::{error::Result, module::Context};

/// Asked before each command, and before its suggestions.
pub(super) fn admit(ctx: Context<'_>) -> poise::BoxFuture<'_, Result<bool>> {
    let admitted = ctx.command_tree().first().map_or(Ok(()), |whole| {
        ctx.data().registry.admit(&whole.name, ctx.guild_id())
    });
    async move { Ok(admitted.map(|()| true)?) }.boxed()
}
