//! `/module_everywhere`: which modules are loaded, for the bot's owner.

use cogsmith::prelude::*;
use serenity::builder::CreateAutocompleteResponse;

use super::switch::{listed, state, suggested, tell};

/// Switches modules on and off for all servers and direct messages.
#[command(
    slash_command,
    owners_only,
    subcommands("list", "enable", "disable"),
    subcommand_required
)]
pub(super) async fn module_everywhere(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every module, and whether it is loaded.
#[command(slash_command, owners_only, ephemeral)]
async fn list(ctx: Context<'_>) -> Result<()> {
    ctx.answer(listed(ctx, None)).await
}

/// Switches a module on for all servers, or tries again to load one that could not be loaded.
#[command(slash_command, owners_only, ephemeral)]
async fn enable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (name, by) = (name.trim(), ctx.by(reason));
    let before = state(ctx, name, None);
    let switched = ctx.data().registry.enable(name, &by).await?;
    tell(ctx, None, before, true, &switched).await
}

/// Switches a module off for all servers and unloads it; what it has stored stays.
#[command(slash_command, owners_only, ephemeral)]
async fn disable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (name, by) = (name.trim(), ctx.by(reason));
    let before = state(ctx, name, None);
    let switched = ctx.data().registry.disable(name, &by).await?;
    tell(ctx, None, before, false, &switched).await
}

async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    suggested(ctx, typed, None)
}
