//! What is stored of tasks that no module has any more is listed, and deleted on confirmation.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use cogsmith_tasks::{TaskId, TaskRow};
use serde_json::{Value, json};

use super::{Answer, Medium, Steering, target::full_name};
use crate::{
    error::{Result, UserError},
    reply::counted,
};

impl Steering<'_> {
    pub(super) async fn purge(&self, name: Option<&str>, confirm: Option<&str>) -> Result<Answer> {
        let mut orphans = self.engine.orphans().await?;
        orphans.retain(|row| name.is_none_or(|name| *row.name == *name.trim()));
        if orphans.is_empty() {
            return Ok(Answer::of_facts(&json!({ "tasks": [] })).said(nothing(name)));
        }
        let code = code(&orphans);
        let Some(confirm) = confirm else {
            return Ok(self.orphans(&orphans, &code, name));
        };
        if confirm.trim() != code {
            let purge = self.medium.command("purge", &[]);
            return Err(UserError::new(format!(
                "`{confirm}` is not the code of what {purge} lists now. Nothing has been deleted."
            ))
            .into());
        }
        let ids: Vec<TaskId> = orphans.iter().map(|row| row.id).collect();
        let purged = self.engine.purge_orphans(&ids).await?;
        let names: BTreeSet<_> = orphans.iter().map(|row| &*row.name).collect();
        let names = names.into_iter().collect::<Vec<_>>().join(", ");
        let purged_in_words = counted(purged, "task");
        let change = self.by.did("task purge", names);
        let note = self.record(change.from(&*purged_in_words)).await;
        let text = format!("Deleted with their history: {purged_in_words}.{note}");
        let facts = json!({ "tasks": facts(&orphans), "purged": purged });
        let answer = Answer::of_facts(&facts).said(text).titled("What it was");
        Ok(answer.listed(lines(self.medium, &orphans)))
    }

    fn orphans(&self, orphans: &[TaskRow], code: &str, name: Option<&str>) -> Answer {
        let mut options: Vec<_> = name.map(|name| ("name", name)).into_iter().collect();
        options.push(("confirm", code));
        let text = format!(
            "{} without a module. Nothing has been deleted. To delete what is listed here, with its history: {}.",
            counted(orphans.len(), "task"),
            self.medium.command("purge", &options)
        );
        let facts = json!({ "tasks": facts(orphans), "confirm": code });
        let answer = Answer::of_facts(&facts)
            .said(text)
            .titled("Tasks without a module");
        answer.listed(lines(self.medium, orphans))
    }
}

fn nothing(name: Option<&str>) -> String {
    name.map_or_else(
        || "Every task that is stored belongs to a module.".to_owned(),
        |name| format!("No task named `{name}` is stored without a module."),
    )
}

fn facts(orphans: &[TaskRow]) -> Value {
    let facts = orphans.iter().map(|row| {
        json!({
            "name": row.name,
            "scope": row.scope,
            "state": row.cursor.state,
            "runs_total": row.cursor.runs_total,
            "updated_at": row.cursor.updated_at,
        })
    });
    facts.collect()
}

/// Stands for exactly these tasks: what comes later needs another code.
fn code(orphans: &[TaskRow]) -> String {
    let mut hasher = DefaultHasher::new();
    orphans.iter().for_each(|row| row.id.hash(&mut hasher));
    format!("{}-{:06x}", orphans.len(), hasher.finish() & 0xff_ffff)
}

/// A line for each name, with what it was and when it was last written, which is when its code was last there
/// at the earliest.
fn lines(medium: Medium, orphans: &[TaskRow]) -> Vec<String> {
    let mut names: BTreeMap<_, Vec<&TaskRow>> = BTreeMap::new();
    for row in orphans {
        names.entry(&row.name).or_default().push(row);
    }
    names
        .into_values()
        .map(|rows| line(medium, &rows))
        .collect()
}

fn line(medium: Medium, rows: &[&TaskRow]) -> String {
    let first = rows[0];
    let runs: u64 = rows.iter().map(|row| row.cursor.runs_total).sum();
    let last = rows.iter().map(|row| row.cursor.updated_at).max();
    let last = last.map_or(String::new(), |at| {
        format!(", last written {}", medium.instant(at))
    });
    let (label, members) = match rows.len() {
        1 => (full_name(&first.name, &first.scope), String::new()),
        many => (
            first.name.to_string(),
            format!("{}, ", counted(many, "member")),
        ),
    };
    format!(
        "{} {members}{}, {}, {}{last}",
        medium.name(&label),
        first.cursor.state,
        first.cursor.default_trigger,
        counted(runs, "run")
    )
}
