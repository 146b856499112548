//! Tasks, families and runs as owners see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use cogsmith_tasks::{RunRecord, Status, TaskHandle};

use super::{Medium, target::label};
use crate::reply::{counted, shorten};

/// Code points of an error in a list of runs, and of a trigger in a list of tasks.
const ERROR: usize = 300;
const TRIGGER: usize = 100;

/// A fact by its name.
type Field = (&'static str, String);

/// Everything about a task.
pub(super) fn task(medium: Medium, now: DateTime<Utc>, status: &Status) -> Vec<Field> {
    let past = |at: Option<DateTime<Utc>>| past(medium, now, at);
    let trigger = match status.overridden {
        true => format!(
            "{} (set by hand; in the code: {})",
            status.trigger, status.default_trigger
        ),
        false => status.trigger.to_string(),
    };
    let next = status.held_by.as_ref().map_or_else(
        || or_never(medium, status.next_run_at),
        |gate| format!("waits for {gate}"),
    );
    let error = status.last_error.as_deref().unwrap_or("none");
    vec![
        ("State", status.state.to_string()),
        ("Due", trigger),
        ("Next run", next),
        ("Last run", past(status.last_run_at)),
        ("Last success", past(status.last_ok_at)),
        (
            "Runs",
            format!(
                "{} ({} ok by schedule since the last start)",
                status.runs_total, status.loop_index
            ),
        ),
        ("Failures in a row", status.fails.to_string()),
        ("Last error", error.to_owned()),
    ]
}

/// A family in numbers.
pub(super) fn family(medium: Medium, now: DateTime<Utc>, members: &[TaskHandle]) -> Vec<Field> {
    let members: Vec<_> = members.iter().map(TaskHandle::status).collect();
    let next = members.iter().filter_map(|status| status.next_run_at).min();
    let last = members.iter().filter_map(|status| status.last_run_at).max();
    let failing = members.iter().filter(|status| status.fails > 0).count();
    let runs: u64 = members.iter().map(|status| status.runs_total).sum();
    vec![
        ("Members", members.len().to_string()),
        ("States", states(&members)),
        ("Next run", or_never(medium, next)),
        ("Last run", past(medium, now, last)),
        ("Failed last", failing.to_string()),
        ("Runs", runs.to_string()),
    ]
}

/// Relative to a moment that is this one nobody reads an instant.
fn past(medium: Medium, now: DateTime<Utc>, at: Option<DateTime<Utc>>) -> String {
    let is_now = |at: &DateTime<Utc>| (now - *at).num_seconds() < 1;
    match at.filter(is_now) {
        Some(_) if medium == Medium::Discord => "just now".to_owned(),
        _ => or_never(medium, at),
    }
}

fn or_never(medium: Medium, at: Option<DateTime<Utc>>) -> String {
    at.map_or("never".to_owned(), |at| medium.instant(at))
}

/// `97 active, 3 stopped`.
pub(super) fn states(members: &[Status]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for member in members {
        *counts.entry(member.state.as_str()).or_default() += 1;
    }
    let counts = counts
        .iter()
        .map(|(state, count)| format!("{count} {state}"));
    counts.collect::<Vec<_>>().join(", ")
}

/// Every task in a line, a family in one for all its members.
pub(super) fn lines(medium: Medium, tasks: &[TaskHandle]) -> Vec<String> {
    let families = tasks.chunk_by(|a, b| a.name() == b.name());
    families
        .map(|family| match family {
            [only] if only.scope().is_empty() => line(medium, only),
            members => {
                let statuses: Vec<_> = members.iter().map(TaskHandle::status).collect();
                let next = statuses
                    .iter()
                    .filter_map(|status| status.next_run_at)
                    .min();
                format!(
                    "{} {}: {}{}",
                    medium.name(&members[0].name()),
                    counted(members.len(), "member"),
                    states(&statuses),
                    coming(medium, next)
                )
            }
        })
        .collect()
}

/// A task in a list.
pub(super) fn line(medium: Medium, task: &TaskHandle) -> String {
    let status = task.status();
    format!(
        "{} {}, {}{}",
        medium.name(&label(task)),
        status.state,
        shorten(&status.trigger.to_string(), TRIGGER),
        coming(medium, status.next_run_at)
    )
}

fn coming(medium: Medium, next: Option<DateTime<Utc>>) -> String {
    next.map_or(String::new(), |at| format!(", next {}", medium.instant(at)))
}

/// What a task failed with last.
pub(super) fn last_error(medium: Medium, task: &TaskHandle) -> String {
    let status = task.status();
    let at = status.last_run_at.map_or(String::new(), |at| {
        format!(", last run {}", medium.instant(at))
    });
    format!(
        "{} {} in a row{at}: {}",
        medium.name(&label(task)),
        counted(status.fails, "failure"),
        shorten(status.last_error.as_deref().unwrap_or_default(), ERROR)
    )
}

/// A run in a list.
pub(super) fn run(medium: Medium, run: &RunRecord) -> String {
    let took = run.duration().map_or(String::new(), |took| {
        format!(", {} ms", took.num_milliseconds())
    });
    let error = run.error.as_deref().map_or(String::new(), |error| {
        format!(": {}", shorten(error, ERROR))
    });
    format!(
        "{} {} ({}, attempt {}){took}{error}",
        medium.instant(run.slot_at),
        run.state,
        run.cause,
        run.attempt
    )
}
