//! `/challenge`, `/challenge_config`, `/total` and `/dues`.

mod checkin;
mod dues;
mod set_up;
mod status;
mod take_part;
mod total;

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

pub(super) use dues::dues;
pub(super) use total::total;

use checkin::{checkin, import, joker};
use set_up::{create, rules, sport};
use status::{status, week};
use take_part::{join, leave};

/// A weekly challenge: sports give points, and a missed week costs something.
#[command(
    slash_command,
    guild_only,
    subcommands("rules", "join", "leave", "checkin", "joker", "status", "week"),
    subcommand_required
)]
pub(super) async fn challenge(_: Context<'_>) -> Result<()> {
    Ok(())
}

/// Sets this server's challenge up.
#[command(
    slash_command,
    guild_only,
    default_member_permissions = "MANAGE_GUILD",
    required_permissions = "MANAGE_GUILD",
    subcommands("create", "sport", "import"),
    subcommand_required
)]
pub(super) async fn challenge_config(_: Context<'_>) -> Result<()> {
    Ok(())
}

fn guild(ctx: Context<'_>) -> Result<GuildId> {
    let guild = ctx.guild_id();
    Ok(guild.ok_or(UserError::new("This command works in servers only."))?)
}
