//! Tasks, families and runs as owners see them.

use std::collections::BTreeMap;

use cogsmith::{prelude::*, tasks::RunRecord};

use super::target::{full_name, label};

/// Code points of an error in a list of runs, and of a trigger in a list of tasks.
const ERROR: usize = 300;
const TRIGGER: usize = 100;

/// Everything about a task.
pub(super) fn task(status: &Status) -> Embed {
    let instant = |at: Option<DateTime<Utc>>| at.map_or("never".to_owned(), relative);
    let trigger = match status.overridden {
        true => format!(
            "{} (set by hand; in the code: {})",
            status.trigger, status.default_trigger
        ),
        false => status.trigger.to_string(),
    };
    let next = status.held_by.as_ref().map_or_else(
        || instant(status.next_run_at),
        |gate| format!("waits for {gate}"),
    );
    Embed::new(full_name(&status.name, &status.scope))
        .field("State", status.state.to_string())
        .field("Due", trigger)
        .field("Next run", next)
        .field("Last run", instant(status.last_run_at))
        .field("Last success", instant(status.last_ok_at))
        .field(
            "Runs",
            format!("{} ({} in this life)", status.runs_total, status.loop_index),
        )
        .field("Failures in a row", status.fails.to_string())
        .field("Last error", status.last_error.as_deref().unwrap_or("none"))
}

/// A family in numbers.
pub(super) fn family(name: &str, members: &[TaskHandle]) -> Embed {
    let members: Vec<_> = members.iter().map(TaskHandle::status).collect();
    let next = members.iter().filter_map(|status| status.next_run_at).min();
    let last = members.iter().filter_map(|status| status.last_run_at).max();
    let failing = members.iter().filter(|status| status.fails > 0).count();
    let runs: u64 = members.iter().map(|status| status.runs_total).sum();
    Embed::new(name)
        .field("Members", members.len().to_string())
        .field("States", states(&members))
        .field("Next run", next.map_or("never".to_owned(), relative))
        .field("Last run", last.map_or("never".to_owned(), relative))
        .field("Failed last", failing.to_string())
        .field("Runs", runs.to_string())
        .footer(format!("/task list name:{name} lists the members."))
}

/// `97 active, 3 stopped`.
fn states(members: &[Status]) -> String {
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
pub(super) fn lines(tasks: &[TaskHandle]) -> Vec<String> {
    let families = tasks.chunk_by(|a, b| a.name() == b.name());
    families
        .map(|family| match family {
            [only] if only.scope().is_empty() => line(only),
            members => {
                let statuses: Vec<_> = members.iter().map(TaskHandle::status).collect();
                let next = statuses
                    .iter()
                    .filter_map(|status| status.next_run_at)
                    .min();
                format!(
                    "`{}` {}: {}{}",
                    members[0].name(),
                    counted(members.len(), "member"),
                    states(&statuses),
                    coming(next)
                )
            }
        })
        .collect()
}

/// A task in a list.
pub(super) fn line(task: &TaskHandle) -> String {
    let status = task.status();
    format!(
        "`{}` {}, {}{}",
        label(task),
        status.state,
        shorten(&status.trigger.to_string(), TRIGGER),
        coming(status.next_run_at)
    )
}

fn coming(next: Option<DateTime<Utc>>) -> String {
    next.map_or(String::new(), |at| format!(", next {}", relative(at)))
}

pub(super) fn relative(at: DateTime<Utc>) -> String {
    format!("<t:{}:R>", at.timestamp())
}

/// A run in a list.
pub(super) fn run(run: &RunRecord) -> String {
    let took = run.duration().map_or(String::new(), |took| {
        format!(", {} ms", took.num_milliseconds())
    });
    let error = run.error.as_deref().map_or(String::new(), |error| {
        format!(": {}", shorten(error, ERROR))
    });
    format!(
        "{} {} ({}, attempt {}){took}{error}",
        relative(run.slot_at),
        run.state,
        run.cause,
        run.attempt
    )
}
