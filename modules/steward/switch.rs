//! `/module`: which modules are on, here and everywhere.
//!
//! For all servers only the bot's owner switches; in a server its owner and whoever manages the server do.

use cogsmith::{
    module::{Standing, Switched},
    prelude::*,
    reply::suggestions,
    switches::Availability,
};
use serenity::{builder::CreateAutocompleteResponse, model::id::GuildId};

/// Switches modules on and off, in this server or everywhere.
#[command(
    slash_command,
    default_member_permissions = "MANAGE_GUILD",
    check = "may_look",
    subcommands("list", "enable", "disable"),
    subcommand_required
)]
pub(super) async fn module(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Lists every module, and whether it is on.
#[command(slash_command, ephemeral)]
async fn list(ctx: Context<'_>) -> Result<()> {
    let names = ctx.data().registry.names();
    let lines = names
        .into_iter()
        .map(|name| format!("`{name}`: {}", state(ctx, name)));
    ctx.answer(Embed::new("Modules").page(lines, 1)).await
}

/// Switches a module on, or tries again to load one that could not be loaded.
#[command(slash_command, ephemeral)]
async fn enable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "For all servers and direct messages: only the bot's owner may"]
    everywhere: Option<bool>,
) -> Result<()> {
    switch(ctx, name.trim(), everywhere, true).await
}

/// Switches a module off; what it has stored stays.
#[command(slash_command, ephemeral)]
async fn disable(
    ctx: Context<'_>,
    #[description = "Which module"]
    #[autocomplete = "names"]
    name: String,
    #[description = "For all servers and direct messages: only the bot's owner may"]
    everywhere: Option<bool>,
) -> Result<()> {
    switch(ctx, name.trim(), everywhere, false).await
}

async fn switch(ctx: Context<'_>, name: &str, everywhere: Option<bool>, is_on: bool) -> Result<()> {
    let guild = ctx.guild_id().filter(|_| !everywhere.unwrap_or(false));
    let registry = &ctx.data().registry;
    if guild.is_none() && !is_owner(ctx) {
        let why = "Only the bot's owner may switch a module everywhere.";
        return Err(UserError::new(why).into());
    }
    let switched = match (guild, is_on) {
        (Some(guild), true) => switch_on_in(ctx, name, guild).await?,
        (Some(guild), false) => registry.switch_in(name, guild, false).await?,
        (None, true) => registry.enable(name).await?,
        (None, false) => registry.disable(name).await?,
    };
    let place = guild.map_or("everywhere", |_| "in this server");
    let done = done(place, is_on, &switched);
    ctx.answer(format!("{done}\nState: {}.", state(ctx, switched.module)))
        .await
}

/// For the bot's owner, one that could not be loaded is tried again as well.
async fn switch_on_in(ctx: Context<'_>, name: &str, guild: GuildId) -> Result<Switched> {
    let registry = &ctx.data().registry;
    let switched = registry.switch_in(name, guild, true).await?;
    if !is_owner(ctx) || !matches!(switched.standing, Standing::Failed(_)) {
        return Ok(switched);
    }
    let standing = registry.enable(switched.module).await?.standing;
    Ok(Switched {
        standing,
        ..switched
    })
}

fn done(place: &str, is_on: bool, switched: &Switched) -> String {
    let name = switched.module;
    let word = if is_on { "on" } else { "off" };
    let done = match switched.is_change {
        true => format!("`{name}` is switched {word} {place}."),
        false => format!("`{name}` was switched {word} {place} already."),
    };
    match switched.listed {
        Some(true) if is_on => format!("{done} Its commands are there."),
        Some(true) => format!("{done} Its commands are gone."),
        Some(false) => format!("{done} Discord does not have its commands so yet; I go on trying."),
        None => done,
    }
}

/// How a module stands, to be read after its name.
fn state(ctx: Context<'_>, name: &str) -> String {
    let registry = &ctx.data().registry;
    let switches = ctx.host().switches();
    let standing = registry.standing(name).unwrap_or_default();
    let availability = registry.availability(name).unwrap_or_default();
    let by_default = match availability {
        Availability::OffByDefault => " (off by default)",
        _ => "",
    };
    match (standing, ctx.guild_id()) {
        (Standing::Loaded, _) if availability == Availability::AlwaysOn => "always on".to_owned(),
        (Standing::Loaded, Some(guild)) if switches.is_on(name, Some(guild)) => {
            format!("on in this server{by_default}")
        }
        (Standing::Loaded, Some(_)) => format!("off in this server{by_default}"),
        (Standing::Loaded, None) => format!("on{by_default}"),
        (Standing::Failed(_), _) if !is_owner(ctx) => "could not be loaded".to_owned(),
        (standing, _) => standing.to_string(),
    }
}

/// Discord shows the command to those who manage the server; in direct messages it shows it to everybody.
async fn may_look(ctx: Context<'_>) -> Result<bool> {
    let Context::Application(application) = ctx else {
        return Ok(false);
    };
    let member = application.interaction.member.as_ref();
    let permissions = member.and_then(|member| member.permissions);
    let manages = permissions.is_some_and(|them| them.manage_guild() || them.administrator());
    if manages || is_owner(ctx) {
        return Ok(true);
    }
    let why = "Only the bot's owner and whoever manages this server may use this command.";
    Err(UserError::new(why).into())
}

fn is_owner(ctx: Context<'_>) -> bool {
    ctx.host().is_owner(ctx.author().id)
}

async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let typed = typed.trim().to_lowercase();
    let names = ctx.data().registry.names().into_iter();
    let named = names.filter(|name| name.contains(&typed));
    suggestions(named.map(|name| (format!("{name}: {}", state(ctx, name)), name.to_owned())))
}
