//! `/members diff`: who joined, left and changed between two snapshots.

use cogsmith::{prelude::*, reply::suggestions};
use serenity::{builder::CreateAutocompleteResponse, model::id::GuildId};

use super::{NONE, guild};
use crate::modules::members::{Members, change::Change, diff::Diff, snapshot::Snapshot, store};

/// The buttons under a list of changes: the instants of both snapshots, in UTC milliseconds, and the page.
pub(in crate::modules::members) const CHANGES: CustomId<(i64, i64, usize)> =
    CustomId::new("members:diff:{older}:{newer}:{page}");

const GONE: &str = "That snapshot is not kept any more.";

/// Shows who joined, left, and changed name or roles between two snapshots: at first the last two.
#[command(
    slash_command,
    guild_only,
    ephemeral,
    required_permissions = "MANAGE_GUILD"
)]
pub(super) async fn diff(
    ctx: Context<'_>,
    #[description = "The older snapshot, such as 2026-03-02; the one before the newer when left out"]
    #[autocomplete = "snapshots"]
    since: Option<String>,
    #[description = "The newer snapshot; the last when left out"]
    #[autocomplete = "snapshots"]
    until: Option<String>,
) -> Result<()> {
    let (module, guild) = (ctx.module::<Members>(), guild(ctx)?);
    let taken = store::snapshot::taken(ctx.host().db(), guild).await?;
    let (older, newer) = pair(&taken, since.as_deref(), until.as_deref())?;
    ctx.answer(module.changes(guild, &older, &newer, 1).await?)
        .await
}

/// The snapshots that are meant, of those that are there, the newest first.
fn pair(
    taken: &[Snapshot],
    since: Option<&str>,
    until: Option<&str>,
) -> Result<(Snapshot, Snapshot), UserError> {
    let newest = taken.first().ok_or(UserError::new(NONE))?;
    let newer = until.map_or(Ok(*newest), |text| find(taken, text))?;
    let before = |it: &&Snapshot| it.taken_at < newer.taken_at;
    let older = match since {
        Some(text) => find(taken, text)?,
        None => *taken.iter().find(before).ok_or(UserError::new(
            "There is one snapshot only: two nights make a difference.",
        ))?,
    };
    if older.taken_at >= newer.taken_at {
        let sentence = format!("{} is not before {}.", label(&older), label(&newer));
        return Err(UserError::new(sentence));
    }
    Ok((older, newer))
}

/// The newest whose day, or day and time, is this.
fn find(taken: &[Snapshot], text: &str) -> Result<Snapshot, UserError> {
    let text = text.trim();
    let mut fitting = taken.iter().filter(|it| label(it).starts_with(text));
    fitting.next().copied().ok_or_else(|| {
        UserError::new(format!(
            "There is no snapshot of `{text}`: expected a day with one, such as `2026-03-02`."
        ))
    })
}

/// When it was taken, in UTC.
fn label(snapshot: &Snapshot) -> String {
    snapshot.taken_at.format("%Y-%m-%d %H:%M").to_string()
}

async fn snapshots(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    let Some(guild) = ctx.guild_id() else {
        return suggestions([]);
    };
    let taken = store::snapshot::taken(ctx.host().db(), guild).await;
    let labels = taken.unwrap_or_default().into_iter().map(|it| label(&it));
    let fitting = labels.filter(|label| label.contains(typed.trim()));
    suggestions(fitting.map(|label| (format!("{label} UTC"), label)))
}

impl Members {
    pub(in crate::modules::members) async fn turn_changes(
        &self,
        press: Press<(i64, i64, usize)>,
    ) -> Result<()> {
        let (older, newer, page) = press.arguments;
        let Some(guild) = press.guild_id else {
            return Ok(());
        };
        let taken = store::snapshot::taken(self.host.db(), guild).await?;
        let find = |at| taken.iter().find(|it| it.taken_at.timestamp_millis() == at);
        let (Some(older), Some(newer)) = (find(older), find(newer)) else {
            return Err(UserError::new(GONE).into());
        };
        press
            .update(self.changes(guild, older, newer, page).await?)
            .await
    }

    async fn changes(
        &self,
        guild: GuildId,
        older: &Snapshot,
        newer: &Snapshot,
        page: usize,
    ) -> Result<Reply> {
        let diff = self.diff(guild, older, newer).await?;
        let embed = Embed::new(format!("{} to {} UTC", label(older), label(newer)))
            .field("Joined", diff.joined.to_string())
            .field("Left", diff.left.to_string())
            .field("Changed", diff.changed.to_string());
        if diff.count() == 0 {
            let (older, newer) = (relative(older.taken_at), relative(newer.taken_at));
            let text = format!("Nothing has changed from {older} to {newer}.");
            return Ok(embed.description(text).into());
        }
        let id = |page| {
            let [older, newer] = [older, newer].map(|it| it.taken_at.timestamp_millis());
            CHANGES.with((older, newer, page))
        };
        Ok(Reply::page(embed, lines(&diff), page, id))
    }
}

fn lines(diff: &Diff) -> Vec<String> {
    let mut lines: Vec<_> = diff.listed.iter().map(Change::to_string).collect();
    let left_out = diff.count() - lines.len() as u64;
    if left_out > 0 {
        lines.push(format!("and {} more", counted(left_out, "member")));
    }
    lines
}
