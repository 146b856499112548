//! `/members showcase`: who agrees to be shown to the public, and the file of those who do.

use cogsmith::prelude::*;
use serenity::{builder::CreateAttachment, model::id::RoleId};

use super::guild;
use crate::modules::members::{
    showcase::{self, Consent},
    store::{self, Whose},
};

/// Members with a certain role who agree to be shown to the public, as on a web page.
#[command(
    slash_command,
    guild_only,
    subcommands("join", "leave", "file"),
    subcommand_required
)]
pub(super) async fn showcase(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Agrees that your names, picture and when you joined are shown to the public.
#[command(slash_command, guild_only, ephemeral)]
async fn join(ctx: Context<'_>) -> Result<()> {
    let role = role(ctx)?;
    let consent = Consent {
        guild: guild(ctx)?,
        user: ctx.author().id,
        role,
        given_at: ctx.host().now(),
    };
    store::consent::give(ctx.host().db(), &consent).await?;
    let member = ctx.author_member().await;
    let has_role = member.is_some_and(|member| member.roles.contains(&role));
    let when = if has_role {
        ""
    } else {
        " once you have that role"
    };
    ctx.answer(format!(
        "Your names, picture and when you joined may be shown to the public among those with <@&{role}>{when}. \
         `/members showcase leave` takes that back."
    ))
    .await
}

/// Takes your consent back.
#[command(slash_command, guild_only, ephemeral)]
async fn leave(ctx: Context<'_>) -> Result<()> {
    let (guild, user) = (guild(ctx)?, ctx.author().id);
    let was_given = store::consent::withdraw(ctx.host().db(), guild, user).await?;
    ctx.answer(match was_given {
        true => "You are in no showcase of this server any more. A file that was made before may still have you.",
        false => "You had not agreed to be shown: nothing has changed.",
    })
    .await
}

/// Hands out those who have the role and have agreed, as a JSON file.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
async fn file(ctx: Context<'_>) -> Result<()> {
    let (guild, role) = (guild(ctx)?, role(ctx)?);
    let consents = store::consent::all(ctx.host().db(), Whose::Guild(guild)).await?;
    let shown = showcase::file(ctx.host().http(), guild, role, &consents).await?;
    let count = shown["members"].as_array().map_or(0, Vec::len);
    let file = serde_json::to_vec_pretty(&shown)?;
    let file = CreateAttachment::bytes(file, format!("showcase-{guild}.json"));
    let reply = CreateReply::default().ephemeral(true);
    let reply = reply.content(format!("{} with <@&{role}>.", counted(count, "member")));
    ctx.send(reply.attachment(file)).await?;
    Ok(())
}

/// The role of the showcase.
fn role(ctx: Context<'_>) -> Result<RoleId> {
    let role = ctx.host().settings().get(guild(ctx)?, &showcase::ROLE);
    Ok(role.ok_or(UserError::new(
        "This server has no showcase. Whoever manages it begins one by `/settings set key:members.showcase_role`.",
    ))?)
}
