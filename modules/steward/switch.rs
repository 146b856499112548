//! `/module`: which modules are on in this server, for whoever manages it.

use cogsmith::{
    module::{Standing, Switched},
    prelude::*,
    reply::completions,
};
use serenity::{builder::CreateAutocompleteResponse, model::id::GuildId};

use super::settings::guild;

/// Switches modules on and off in this server.
#[command(
    slash_command,
    guild_only,
    default_member_permissions = "MANAGE_GUILD",
    required_permissions = "MANAGE_GUILD",
    subcommands("list", "enable", "disable"),
    subcommand_required
)]
pub(super) async fn module(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every module, and whether it is on in this server.
#[command(slash_command, guild_only, ephemeral)]
async fn list(ctx: Context<'_>) -> Result<()> {
    let guild = guild(ctx)?;
    ctx.answer(listed(ctx, Some(guild))).await
}

/// Switches a module on in this server.
#[command(slash_command, guild_only, ephemeral)]
async fn enable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let guild = guild(ctx)?;
    let (name, by) = (name.trim(), ctx.by(reason));
    let before = state(ctx, name, Some(guild));
    let registry = &ctx.data().registry;
    let mut switched = registry.switch_in(name, guild, true, &by).await?;
    let has_failed = matches!(switched.standing, Standing::Failed(_));
    if has_failed && ctx.host().is_owner(ctx.author().id) {
        switched.standing = registry.enable(switched.module, &by).await?.standing;
    }
    tell(ctx, Some(guild), before, true, &switched).await
}

/// Switches a module off in this server; what it has stored stays.
#[command(slash_command, guild_only, ephemeral)]
async fn disable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let guild = guild(ctx)?;
    let (name, by) = (name.trim(), ctx.by(reason));
    let before = state(ctx, name, Some(guild));
    let registry = &ctx.data().registry;
    let switched = registry.switch_in(name, guild, false, &by).await?;
    tell(ctx, Some(guild), before, false, &switched).await
}

/// Every module with its state in a guild, or everywhere.
pub(super) fn listed(ctx: Context<'_>, guild: Option<GuildId>) -> Embed {
    let names = ctx.data().registry.names();
    let lines = names
        .into_iter()
        .map(|name| format!("`{name}`: {}", state(ctx, name, guild)));
    Embed::new("Modules").page(lines, 1)
}

/// Answers with what was done, and with the state before and after it.
pub(super) async fn tell(
    ctx: Context<'_>,
    guild: Option<GuildId>,
    before: String,
    is_on: bool,
    switched: &Switched,
) -> Result<()> {
    let place = guild.map_or("everywhere", |_| "in this server");
    let done = switched.sentence(is_on, place);
    let after = state(ctx, switched.module, guild);
    let change = match before == after {
        true => after,
        false => format!("{before} → {after}"),
    };
    ctx.answer(format!("{done}\nState: {change}.")).await
}

/// How a module stands in a guild, or everywhere, to be read after its name.
pub(super) fn state(ctx: Context<'_>, name: &str, guild: Option<GuildId>) -> String {
    let is_owner = ctx.host().is_owner(ctx.author().id);
    ctx.data().registry.state(name, guild, is_owner)
}

async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    suggested(ctx, typed, ctx.guild_id())
}

/// Suggests modules, each with its state.
pub(super) fn suggested(
    ctx: Context<'_>,
    typed: &str,
    guild: Option<GuildId>,
) -> CreateAutocompleteResponse {
    let names = ctx.data().registry.names().into_iter();
    let labelled = names.map(|name| (format!("{name}: {}", state(ctx, name, guild)), name.into()));
    completions(typed, labelled)
}
