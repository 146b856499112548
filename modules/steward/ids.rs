//! `cogsmith job ids`: what there is at Discord, with the ids that settings and other jobs take.

use anyhow::Context as _;
use cogsmith::{job::Table, prelude::*};
use serenity::model::{
    guild::{PartialGuild, Role},
    id::GuildId,
};

/// List the bot's guilds with their channels and roles, and the id of each
#[derive(clap::Args)]
pub(super) struct Ids {
    /// This guild alone: its id or name
    #[arg(long)]
    guild: Option<String>,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn ids(job: Job, arguments: Ids) -> Result<()> {
    let guilds = match &arguments.guild {
        Some(guild) => vec![job.guild(guild).await?],
        None => job.guilds().await?.into_iter().map(|(id, _)| id).collect(),
    };
    let mut table = job.table(arguments.format, ["kind", "id", "name", "guild"]);
    let mut progress = job.progress("guilds", guilds.len() as u64);
    for guild in guilds {
        let listed = list(&job, guild, &mut table).await;
        listed.with_context(|| format!("listing guild {guild}"))?;
        progress.advance(1);
    }
    Ok(table.finish()?)
}

/// The guild, then channels and roles in the order in which Discord shows them.
async fn list(job: &Job, guild: GuildId, table: &mut Table<4>) -> Result<()> {
    let guild = guild.to_partial_guild(job.http()).await?;
    let name = || guild.name.clone().into();
    table.row(["guild".into(), guild.id.into(), name(), name()])?;
    let mut channels: Vec<_> = guild.channels(job.http()).await?.into_values().collect();
    channels.sort_by_key(|channel| (channel.position, channel.id));
    for channel in channels {
        table.row([
            "channel".into(),
            channel.id.into(),
            channel.name.into(),
            name(),
        ])?;
    }
    for role in roles(&guild) {
        table.row([
            "role".into(),
            role.id.into(),
            role.name.clone().into(),
            name(),
        ])?;
    }
    Ok(())
}

/// The highest first.
fn roles(guild: &PartialGuild) -> Vec<&Role> {
    let mut roles: Vec<_> = guild.roles.values().collect();
    roles.sort_by(|one, other| other.cmp(one));
    roles
}
