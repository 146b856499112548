//! `/members`.

mod diff;
mod export;
mod search;
mod showcase;
mod stats;

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

pub(super) use diff::CHANGES;
pub(super) use search::FOUND;

use diff::diff;
use export::export;
use search::search;
use showcase::showcase;
use stats::stats;

const NONE: &str = "No snapshot of the members has been taken yet: one is taken every night.";

/// Who is in this server, and who came, went and changed.
#[command(
    slash_command,
    guild_only,
    subcommands("export", "search", "stats", "diff", "showcase"),
    subcommand_required
)]
pub(super) async fn members(_: Context<'_>) -> Result<()> {
    Ok(())
}

fn guild(ctx: Context<'_>) -> Result<GuildId> {
    let guild = ctx.guild_id();
    Ok(guild.ok_or(UserError::new("This command works in servers only."))?)
}
