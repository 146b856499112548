//! `/settings`: what modules can be told in this server, shown and changed by whoever manages it.

use cogsmith::{
    prelude::*,
    reply::{completions, suggestions},
    settings::{Declared, Kind},
};
use poise::serenity_prelude::ResolvedValue;
use serenity::{
    builder::CreateAutocompleteResponse,
    model::id::{ChannelId, GuildId, RoleId},
};

/// Shows and changes what I do in this server.
#[command(
    slash_command,
    guild_only,
    default_member_permissions = "MANAGE_GUILD",
    required_permissions = "MANAGE_GUILD",
    subcommands("show", "set", "reset"),
    subcommand_required
)]
pub(super) async fn settings(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Shows every setting with what holds in this server.
#[command(slash_command, guild_only, ephemeral)]
async fn show(
    ctx: Context<'_>,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let guild = guild(ctx)?;
    let settings = ctx.host().settings();
    let lines = settings.declared().into_iter().map(|setting| {
        let set = settings.text(guild, &setting);
        let note = if set.is_none() { " (default)" } else { "" };
        let value = shown(&setting, set.as_deref());
        format!(
            "`{}`: {value}{note} · {}",
            setting.key(),
            setting.description()
        )
    });
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return ctx.answer("There is nothing to set.").await;
    }
    let embed = Embed::new("Settings of this server");
    ctx.answer(embed.page(lines, page.unwrap_or(1))).await
}

/// Changes a setting in this server.
#[command(slash_command, guild_only, ephemeral)]
async fn set(
    ctx: Context<'_>,
    #[description = "Which setting"]
    #[autocomplete = "keys"]
    key: String,
    #[description = "Its new value"]
    #[autocomplete = "values"]
    value: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (guild, setting) = (guild(ctx)?, find(ctx, &key)?);
    let settings = ctx.host().settings();
    let before = settings.text(guild, &setting);
    if let Ok(kept) = setting.kind().read(&value)
        && !is_here(ctx, guild, &setting, &kept).await?
    {
        let expected = setting.kind().expected();
        return Err(UserError::new(format!(
            "`{value}` is no value for `{}`: I expected {expected}.",
            setting.key()
        ))
        .into());
    }
    let by = ctx.by(reason);
    let after = settings.set(guild, &setting, &value, &by).await?;
    ctx.answer(changed(&setting, before.as_deref(), Some(&after)))
        .await
}

/// Lets the default of a setting hold again in this server.
#[command(slash_command, guild_only, ephemeral)]
async fn reset(
    ctx: Context<'_>,
    #[description = "Which setting"]
    #[autocomplete = "keys"]
    key: String,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (guild, setting) = (guild(ctx)?, find(ctx, &key)?);
    let settings = ctx.host().settings();
    let before = settings.text(guild, &setting);
    let by = ctx.by(reason);
    settings.reset(guild, &setting, &by).await?;
    ctx.answer(changed(&setting, before.as_deref(), None)).await
}

pub(super) fn guild(ctx: Context<'_>) -> Result<GuildId> {
    let guild = ctx.guild_id();
    Ok(guild.ok_or(UserError::new("This command works in servers only."))?)
}

fn find(ctx: Context<'_>, key: &str) -> Result<Declared> {
    let found = ctx.host().settings().find(key.trim());
    found.ok_or_else(|| {
        UserError::new(format!(
            "There is no setting `{key}`. `/settings show` shows them all."
        ))
        .into()
    })
}

/// Whether a channel or role is of this server.
async fn is_here(ctx: Context<'_>, guild: GuildId, setting: &Declared, kept: &str) -> Result<bool> {
    let Ok(id) = kept.parse() else {
        return Ok(true);
    };
    Ok(match setting.kind() {
        Kind::Channel => {
            let channels = guild.channels(ctx.http()).await?;
            channels.contains_key(&ChannelId::new(id))
        }
        Kind::Role => {
            let roles = guild.roles(ctx.http()).await?;
            roles.contains_key(&RoleId::new(id))
        }
        _ => true,
    })
}

fn shown(setting: &Declared, text: Option<&str>) -> String {
    setting.kind().shown(text.unwrap_or(setting.default()))
}

fn changed(setting: &Declared, before: Option<&str>, after: Option<&str>) -> String {
    let key = setting.key();
    let (was, is) = (shown(setting, before), shown(setting, after));
    let default = if after.is_none() { ", the default" } else { "" };
    if before == after {
        return format!("`{key}` was {is} here already{default}: nothing has changed.");
    }
    match (was == is, after) {
        (false, _) => format!("`{key}` is {is} here now{default}; it was {was}."),
        (true, Some(_)) => format!("`{key}` is {is} here now, whatever becomes of the default."),
        (true, None) => format!("`{key}` is {is} here still, as that is the default."),
    }
}

async fn keys(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let settings = ctx.host().settings().declared().into_iter();
    let labelled = settings.map(|setting| {
        let label = format!("{}: {}", setting.key(), setting.description());
        (label, setting.key().to_owned())
    });
    completions(typed, labelled)
}

/// Values of the setting whose key was typed before: what holds, the default, and others.
async fn values(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let Context::Application(application) = ctx else {
        return suggestions([]);
    };
    let mut options = application.args.iter();
    let key = options.find_map(|option| match option.value {
        ResolvedValue::String(key) if option.name == "key" => Some(key),
        _ => None,
    });
    let settings = ctx.host().settings();
    let setting = key.and_then(|key| settings.find(key.trim()));
    let (Some(setting), Some(guild)) = (setting, ctx.guild_id()) else {
        return suggestions([]);
    };
    let kept = settings.text(guild, &setting);
    completions(typed, labelled(&setting, kept))
}

/// Each once, with what is to be said of it.
fn labelled(setting: &Declared, kept: Option<String>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let kept = kept.into_iter().map(|value| (" (as it is)", value));
    let default = [(" (the default)", setting.default().to_owned())];
    let others = setting.kind().values().into_iter().map(|value| ("", value));
    for (note, value) in kept.chain(default).chain(others) {
        if found.iter().all(|(_, there)| *there != value) {
            found.push((format!("{value}{note}"), value));
        }
    }
    found
}
