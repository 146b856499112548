//! `/members export`: the members as a file.

use std::io::{ErrorKind, Write};

use cogsmith::{
    job::{Format, Out, Table},
    prelude::*,
};
use serenity::{
    builder::CreateAttachment,
    model::{guild::Role, id::GuildId},
};

use super::guild;
use crate::modules::members::{
    Members,
    export::{COLUMNS, Export},
    file::File,
};

/// Rows are in memory until it is known how wide the columns of a table are.
const MOST_ROWS: u64 = 20_000;
/// Discord takes answers for a quarter of an hour.
const PATIENCE: Duration = Duration::from_secs(14 * 60);

/// Hands out the members as a file that only you see.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn export(
    ctx: Context<'_>,
    #[description = "In which form; csv when left out"]
    #[choices("table", "json", "ndjson", "csv")]
    format: Option<&'static str>,
    #[description = "Those with this role only"] role: Option<Role>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Members>(), guild(ctx)?);
    let (format, extension) = form(format);
    let (count, file) = module.file(guild, role, format).await?;
    let file = CreateAttachment::bytes(file, format!("members-{guild}.{extension}"));
    let reply = CreateReply::default().ephemeral(true);
    let reply = reply.content(format!("{}.", counted(count, "member")));
    ctx.send(reply.attachment(file)).await?;
    Ok(())
}

impl Members {
    /// How many members there are, and the file of them: one of a server at a time.
    async fn file(
        &self,
        guild: GuildId,
        role: Option<Role>,
        format: Format,
    ) -> Result<(u64, Vec<u8>)> {
        let key = ("members.export", guild.get());
        let turn = self.host.locks().lock_within(key, Duration::ZERO).await;
        let _turn =
            turn.map_err(|_| UserError::new("An export of this server is being made already."))?;
        let too_late = self.host.clock().sleep(PATIENCE);
        let written = tokio::select! {
            written = self.written(guild, role, format) => written,
            () = too_late => return Err(too_much("takes Discord more than a quarter of an hour", guild)),
        };
        match written {
            Ok(written) => Ok(written),
            Err(error) if is_too_large(&error) => Err(too_much(
                "is more than fits into one of Discord's files",
                guild,
            )),
            Err(error) => Err(self.explained(guild, error).await),
        }
    }

    async fn written(
        &self,
        guild: GuildId,
        role: Option<Role>,
        format: Format,
    ) -> Result<(u64, Vec<u8>)> {
        let file = File::default();
        let mut out = Out::to(file.clone());
        let table = Table::new(&out, format, COLUMNS);
        let role = role.map(|role| role.id);
        let mut export = Export::begin(self.host.http(), guild, role, table).await?;
        while export.page().await?.is_some() {
            if format == Format::Table && export.rows() > MOST_ROWS {
                return Err(std::io::Error::from(ErrorKind::FileTooLarge).into());
            }
        }
        let count = export.rows();
        export.finish()?;
        out.flush()?;
        self.note_allowed(guild).await?;
        Ok((count, file.take()))
    }
}

/// With the end of a file's name.
fn form(name: Option<&str>) -> (Format, &'static str) {
    match name {
        Some("table") => (Format::Table, "txt"),
        Some("json") => (Format::Json, "json"),
        Some("ndjson") => (Format::Ndjson, "ndjson"),
        _ => (Format::Csv, "csv"),
    }
}

fn is_too_large(error: &Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == ErrorKind::FileTooLarge)
}

fn too_much(why: &str, guild: GuildId) -> Error {
    UserError::new(format!(
        "The list {why}. Choose a role, or ask the bot's owner for it: `cogsmith job members-export --guild {guild}`."
    ))
    .into()
}
