//! `/data`, `/user_data` and `/server_data`: what is kept about a person or a server, handed out as a file and deleted.
//!
//! Three commands, so that Discord shows each to those who may use it: everybody, the bot's owner, administrators.

use cogsmith::{audit::Actor, prelude::*};
use serde_json::{Map, Value};
use serenity::{
    builder::CreateAttachment,
    model::{id::UserId, user::User},
};

use super::settings::guild;

/// Discord takes files of 10 MiB.
const MOST: usize = 9 * 1024 * 1024;
/// What confirms a deletion.
const WORD: &str = "delete";

/// Hands out, or deletes, what I keep about you.
#[command(slash_command, subcommands("export", "delete"), subcommand_required)]
pub(super) async fn data(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Hands you all that I keep about you, as a file that only you see.
#[command(slash_command, ephemeral)]
async fn export(ctx: Context<'_>) -> Result<()> {
    hand_out_user(ctx, ctx.author().id).await
}

/// Deletes all that I keep about you, once you confirm it.
#[command(slash_command, ephemeral)]
async fn delete(
    ctx: Context<'_>,
    #[description = "The word \"delete\", to say that you mean it"] confirm: Option<String>,
) -> Result<()> {
    delete_of(ctx, ctx.author().id, "/data delete", confirm, None).await
}

/// Hands out, or deletes, what I keep about somebody.
#[command(
    slash_command,
    owners_only,
    subcommands("export_user", "delete_user"),
    subcommand_required
)]
pub(super) async fn user_data(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Hands out all that I keep about somebody, as a file that only you see.
#[command(slash_command, owners_only, ephemeral, rename = "export")]
async fn export_user(ctx: Context<'_>, #[description = "Whom"] user: User) -> Result<()> {
    hand_out_user(ctx, user.id).await
}

/// Deletes all that I keep about somebody, once you confirm it.
#[command(slash_command, owners_only, ephemeral, rename = "delete")]
async fn delete_user(
    ctx: Context<'_>,
    #[description = "Whom"] user: User,
    #[description = "The word \"delete\", to say that you mean it"] confirm: Option<String>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let command = format!("/user_data delete user:{}", user.id);
    delete_of(ctx, user.id, &command, confirm, reason).await
}

/// Hands out, or deletes, what I keep about this server.
#[command(
    slash_command,
    guild_only,
    default_member_permissions = "ADMINISTRATOR",
    required_permissions = "ADMINISTRATOR",
    subcommands("export_server", "delete_server"),
    subcommand_required
)]
pub(super) async fn server_data(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Hands out all that I keep about this server and its members, as a file that only you see.
#[command(slash_command, guild_only, ephemeral, rename = "export")]
async fn export_server(ctx: Context<'_>) -> Result<()> {
    let guild = guild(ctx)?;
    let kept = ctx.data().registry.export_guild(guild).await?;
    hand_out(ctx, kept, &format!("server-{guild}")).await
}

/// Deletes all that I keep about this server, settings included, once you confirm it.
#[command(slash_command, guild_only, ephemeral, rename = "delete")]
async fn delete_server(
    ctx: Context<'_>,
    #[description = "The word \"delete\", to say that you mean it"] confirm: Option<String>,
    #[description = "Why: /audit list shows it"]
    #[max_length = 200]
    reason: Option<String>,
) -> Result<()> {
    let (guild, registry) = (guild(ctx)?, &ctx.data().registry);
    let kept = registry.export_guild(guild).await?;
    if !is_confirmed(confirm.as_deref()) {
        return ctx.answer(asked("/server_data delete", &kept)).await;
    }
    registry.delete_guild(guild).await?;
    // Nothing tells which server it was: that would be keeping it.
    let by = ctx.by(reason);
    let change = by.did("server_data delete", "a server");
    ctx.host().audit().record(change).await?;
    ctx.answer(deleted(&kept)).await
}

async fn hand_out_user(ctx: Context<'_>, user: UserId) -> Result<()> {
    let kept = ctx.data().registry.export_user(user).await?;
    hand_out(ctx, kept, &format!("user-{user}")).await
}

async fn delete_of(
    ctx: Context<'_>,
    user: UserId,
    command: &str,
    confirm: Option<String>,
    reason: Option<String>,
) -> Result<()> {
    let registry = &ctx.data().registry;
    let kept = registry.export_user(user).await?;
    if !is_confirmed(confirm.as_deref()) {
        return ctx.answer(asked(command, &kept)).await;
    }
    registry.delete_user(user).await?;
    // Nothing tells who it was: that would be keeping it.
    let by = match user == ctx.author().id {
        true => By::from(Actor::Deleted),
        false => ctx.by(reason),
    };
    let change = by.did("data delete", "a person");
    ctx.host().audit().record(change).await?;
    ctx.answer(deleted(&kept)).await
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
