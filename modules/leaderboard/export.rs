//! `cogsmith job leaderboard-export`: the scores of a guild, read beside the bot.

use cogsmith::prelude::*;
use futures_util::TryStreamExt;

use super::store;

/// Write every member's place, XP and messages in a guild, as they are in the database
#[derive(clap::Args)]
pub(super) struct Export {
    /// The guild: its id, or its name, which Discord is asked for
    #[arg(long)]
    guild: String,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) async fn export(job: Job, arguments: Export) -> Result<()> {
    let guild = job.guild(&arguments.guild).await?;
    let columns = ["place", "user_id", "xp", "messages", "awarded_at"];
    let mut table = job.table(arguments.format, columns);
    let mut progress = job.progress("members", None);
    let mut scores = store::placed(job.db().await?, guild);
    while let Some(score) = scores.try_next().await? {
        let awarded_at = DateTime::from_timestamp_millis(score.awarded_at);
        table.row([
            score.place.into(),
            score.user_id.to_string().into(),
            score.xp.into(),
            score.messages.into(),
            awarded_at.into(),
        ])?;
        progress.advance(1);
    }
    Ok(table.finish()?)
}
