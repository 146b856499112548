//! `/task purge`: what is stored of tasks that no module has any more is listed, and deleted on confirmation.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use cogsmith::{
    prelude::*,
    tasks::{TaskId, TaskRow},
};

use super::{shown, target::full_name};

/// Lists what is stored of tasks that no module has any more, and deletes it on confirmation.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn purge(
    ctx: Context<'_>,
    #[description = "Only tasks of this name"] name: Option<String>,
    #[description = "Deletes what was listed: the code that the list ends with"] confirm: Option<
        String,
    >,
    #[description = "Which page of the list; the first when left out"]
    #[min = 1]
    page: Option<usize>,
) -> Result<()> {
    let engine = ctx.host().engine();
    let mut orphans = engine.orphans().await?;
    orphans.retain(|row| name.as_ref().is_none_or(|name| *row.name == *name.trim()));
    if orphans.is_empty() {
        let nothing = name.map_or_else(
            || "Every task that is stored belongs to a module.".to_owned(),
            |name| format!("No task named `{name}` is stored without a module."),
        );
        return ctx.answer(nothing).await;
    }
    let code = code(&orphans);
    let Some(confirm) = confirm else {
        return list(ctx, &orphans, &code, name.as_deref(), page).await;
    };
    if confirm.trim() != code {
        return Err(UserError::new(format!(
            "`{confirm}` is not the code of what `/task purge` lists now. Nothing has been deleted."
        ))
        .into());
    }
    let ids: Vec<TaskId> = orphans.iter().map(|row| row.id).collect();
    let purged = engine.purge_orphans(&ids).await?;
    let embed = Embed::new("What it was").page(lines(&orphans), page.unwrap_or(1));
    let text = format!("Deleted with their history: {}.", counted(purged, "task"));
    ctx.answer(Reply::from(text).embed(embed)).await
}

async fn list(
    ctx: Context<'_>,
    orphans: &[TaskRow],
    code: &str,
    name: Option<&str>,
    page: Option<usize>,
) -> Result<()> {
    let of = name.map_or(String::new(), |name| format!(" name:{name}"));
    let text = format!(
        "{} without a module. Nothing has been deleted. To delete what is listed here, with its history: \
         `/task purge{of} confirm:{code}`.",
        counted(orphans.len(), "task")
    );
    let embed = Embed::new("Tasks without a module").page(lines(orphans), page.unwrap_or(1));
    ctx.answer(Reply::from(text).embed(embed)).await
}

/// Stands for exactly these tasks: what comes later needs another code.
fn code(orphans: &[TaskRow]) -> String {
    let mut hasher = DefaultHasher::new();
    orphans.iter().for_each(|row| row.id.hash(&mut hasher));
    format!("{}-{:06x}", orphans.len(), hasher.finish() & 0xff_ffff)
}

/// A line for each name, with what it was and when it was last written, which is when its code was last there
/// at the earliest.
fn lines(orphans: &[TaskRow]) -> Vec<String> {
    let mut names: BTreeMap<_, Vec<&TaskRow>> = BTreeMap::new();
    for row in orphans {
        names.entry(&row.name).or_default().push(row);
    }
    names.into_values().map(|rows| line(&rows)).collect()
}

fn line(rows: &[&TaskRow]) -> String {
    let first = rows[0];
    let runs: u64 = rows.iter().map(|row| row.cursor.runs_total).sum();
    let last = rows.iter().map(|row| row.cursor.updated_at).max();
    let last = last.map_or(String::new(), |at| {
        format!(", last written {}", shown::relative(at))
    });
    let (label, members) = match rows.len() {
        1 => (full_name(&first.name, &first.scope), String::new()),
        many => (
            first.name.to_string(),
            format!("{}, ", counted(many, "member")),
        ),
    };
    format!(
        "`{label}` {members}{}, {}, {}{last}",
        first.cursor.state,
        first.cursor.default_trigger,
        counted(runs, "run")
    )
}
