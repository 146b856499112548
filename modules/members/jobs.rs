//! `cogsmith job members-export` and `members-showcase`: the members, and those who agreed to be shown, from the
//! command line.

use std::io::Write;

use cogsmith::prelude::*;

use super::{
    export::{COLUMNS, Export},
    showcase,
    store::{self, Whose},
};

/// Write the members of a server, or of one of its roles
#[derive(clap::Args)]
pub(super) struct MembersExport {
    /// The server: its id or name
    #[arg(long)]
    guild: String,
    /// Only members with this role: its id or name
    #[arg(long)]
    role: Option<String>,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn export(job: Job, arguments: MembersExport) -> Result<()> {
    let guild = job.guild(&arguments.guild).await?;
    let role = match &arguments.role {
        Some(role) => Some(job.role(guild, role).await?),
        None => None,
    };
    let table = job.table(arguments.format, COLUMNS);
    let mut export = Export::begin(job.http(), guild, role, table).await?;
    let mut progress = job.progress("members", export.expected());
    while let Some(count) = export.page().await? {
        progress.advance(count);
    }
    export.finish()
}

/// Write those who have a role and agreed to be shown to the public, as JSON for a web page
#[derive(clap::Args)]
pub(super) struct MembersShowcase {
    /// The server: its id or name
    #[arg(long)]
    guild: String,
    /// The role for which they agreed: its id or name
    #[arg(long)]
    role: String,
}

pub(super) async fn showcase(job: Job, arguments: MembersShowcase) -> Result<()> {
    let guild = job.guild(&arguments.guild).await?;
    let role = job.role(guild, &arguments.role).await?;
    let consents = store::consent::all(job.db().await?, Whose::Guild(guild)).await?;
    let shown = showcase::file(job.http(), guild, role, &consents).await?;
    let mut out = job.out();
    serde_json::to_writer_pretty(&mut out, &shown)?;
    Ok(out.write_all(b"\n")?)
}
