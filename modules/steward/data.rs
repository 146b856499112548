//! `/data`: what is kept about a person or a server, handed out as a file and deleted.

use cogsmith::prelude::*;
use serde_json::{Map, Value};
use serenity::{
    builder::CreateAttachment,
    model::{
        id::{GuildId, UserId},
        user::User,
    },
};

/// Discord takes files of 10 MiB.
const MOST: usize = 9 * 1024 * 1024;
/// What confirms a deletion.
const WORD: &str = "delete";

/// Hands out, or deletes, what I keep about you.
#[command(
    slash_command,
    subcommands("export", "delete", "export_server", "delete_server"),
    subcommand_required
)]
pub(super) async fn data(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Hands you all that I keep about you, as a file that only you see.
#[command(slash_command, ephemeral)]
async fn export(
    ctx: Context<'_>,
    #[description = "Somebody else: only the bot's owner may"] user: Option<User>,
) -> Result<()> {
    let user = whom(ctx, user)?;
    let kept = ctx.data().registry.export_user(user).await?;
    hand_out(ctx, kept, &format!("user-{user}")).await
}

/// Deletes all that I keep about you, once you confirm it.
#[command(slash_command, ephemeral)]
async fn delete(
    ctx: Context<'_>,
    #[description = "The word \"delete\", to say that you mean it"] confirm: Option<String>,
    #[description = "Somebody else: only the bot's owner may"] user: Option<User>,
) -> Result<()> {
    let user = whom(ctx, user)?;
    let registry = &ctx.data().registry;
    let kept = registry.export_user(user).await?;
    if !is_confirmed(confirm.as_deref()) {
        return ctx.answer(asked("/data delete", &kept)).await;
    }
    registry.delete_user(user).await?;
    ctx.answer(deleted(&kept)).await
}

/// Hands out all that I keep about this server, as a file that only you see.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
async fn export_server(ctx: Context<'_>) -> Result<()> {
    let guild = guild(ctx)?;
    let kept = ctx.data().registry.export_guild(guild).await?;
    hand_out(ctx, kept, &format!("server-{guild}")).await
}

/// Deletes all that I keep about this server, settings included, once you confirm it.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "ADMINISTRATOR"
)]
async fn delete_server(
    ctx: Context<'_>,
    #[description = "The word \"delete\", to say that you mean it"] confirm: Option<String>,
) -> Result<()> {
    let guild = guild(ctx)?;
    let registry = &ctx.data().registry;
    let kept = registry.export_guild(guild).await?;
    if !is_confirmed(confirm.as_deref()) {
        return ctx.answer(asked("/data delete_server", &kept)).await;
    }
    registry.delete_guild(guild).await?;
    ctx.answer(deleted(&kept)).await
}

fn whom(ctx: Context<'_>, user: Option<User>) -> Result<UserId> {
    let own = ctx.author().id;
    let user = user.map_or(own, |user| user.id);
    if user != own && !ctx.host().is_owner(own) {
        let why = "Only the bot's owner may do this for somebody else.";
        return Err(UserError::new(why).into());
    }
    Ok(user)
}

fn guild(ctx: Context<'_>) -> Result<GuildId> {
    let guild = ctx.guild_id();
    Ok(guild.ok_or(UserError::new("This command works in servers only."))?)
}

fn is_confirmed(confirm: Option<&str>) -> bool {
    confirm.is_some_and(|word| word.trim().eq_ignore_ascii_case(WORD))
}

fn names(kept: &Map<String, Value>) -> String {
    let names: Vec<_> = kept.keys().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn asked(command: &str, kept: &Map<String, Value>) -> String {
    if kept.is_empty() {
        return "Nothing is kept.".to_owned();
    }
    format!(
        "Kept by {}. Nothing has been deleted. To delete all of it for good: `{command} confirm:{WORD}`.",
        names(kept)
    )
}

fn deleted(kept: &Map<String, Value>) -> String {
    match kept.is_empty() {
        true => "Nothing was kept, and nothing is.".to_owned(),
        false => format!("Deleted for good, from {}.", names(kept)),
    }
}

async fn hand_out(ctx: Context<'_>, kept: Map<String, Value>, name: &str) -> Result<()> {
    if kept.is_empty() {
        return ctx.answer("Nothing is kept.").await;
    }
    let file = serde_json::to_vec_pretty(&kept)?;
    if file.len() > MOST {
        let why =
            "It is more than fits into one of Discord's files. Please ask the bot's owner for it.";
        return Err(UserError::new(why).into());
    }
    let file = CreateAttachment::bytes(file, format!("{name}.json"));
    let reply = CreateReply::default().ephemeral(true);
    let reply = reply.content(format!("Kept by {}.", names(&kept)));
    ctx.send(reply.attachment(file)).await?;
    Ok(())
}
