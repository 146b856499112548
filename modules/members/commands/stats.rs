//! `/members stats`: how many there are.

use cogsmith::prelude::*;

use super::{NONE, guild};
use crate::modules::members::{Members, stats::Stats, store};

/// Weeks, and roles, that are shown.
const WEEKS: usize = 8;
const ROLES: usize = 15;

/// Counts the members as of the last snapshot: people, bots, by role, and by the week they joined in.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn stats(ctx: Context<'_>) -> Result<()> {
    let (module, guild) = (ctx.module::<Members>(), guild(ctx)?);
    let taken = store::snapshot::taken(ctx.host().db(), guild).await?;
    let newest = taken.first().ok_or(UserError::new(NONE))?;
    let stats = module.stats(guild, newest).await?;
    let embed = Embed::new("Members").description(format!("As of {}", relative(newest.taken_at)));
    ctx.answer(
        embed
            .field("People", stats.people.to_string())
            .field("Bots", stats.bots.to_string())
            .field("Joined in week", weeks(&stats))
            .field("With role", roles(&stats)),
    )
    .await
}

fn weeks(stats: &Stats) -> String {
    let weeks = stats.joined.iter().rev().take(WEEKS);
    let lines = weeks.map(|(week, count)| format!("{week:?}: {count}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn roles(stats: &Stats) -> String {
    let roles = stats.roles();
    let lines = roles.iter().take(ROLES);
    let lines = lines.map(|(role, count)| format!("<@&{role}>: {count}"));
    let more = roles.len().saturating_sub(ROLES);
    let more = (more > 0).then(|| format!("and {} more", counted(more, "role")));
    lines.chain(more).collect::<Vec<_>>().join("\n")
}
