//! The last failures over all tasks.

use std::cmp::Reverse;

use cogsmith_tasks::{RunRecord, TaskHandle};
use serde_json::json;

use super::{Answer, LOOKED_AT, Steering, shown, target::label};
use crate::error::Result;

/// So many tasks, those that ran last, are looked at.
const TASKS: usize = 50;

impl Steering<'_> {
    pub(super) async fn errors(&self) -> Result<Answer> {
        let mut failing: Vec<_> = self.engine.tasks();
        failing.retain(|task| task.status().last_error.is_some());
        failing.sort_by_key(|task| Reverse(task.status().last_run_at));
        let mut failures = Vec::new();
        for task in failing.iter().take(TASKS) {
            let runs = task.history(LOOKED_AT).await?;
            let failed = runs.into_iter().filter(|run| run.error.is_some());
            failures.extend(failed.map(|run| (label(task), run)));
        }
        failures.sort_by_key(|(_, run)| Reverse(run.started_at));
        failures.truncate(usize::try_from(LOOKED_AT).unwrap_or(usize::MAX));
        let facts: Vec<_> = failures.iter().map(fact).collect();
        let answer = Answer::of_facts(&facts).titled("Failures, the newest first");
        let lines = failures.iter().map(|(name, run)| {
            let run = shown::run(self.medium, run);
            format!("{} {run}", self.medium.name(name))
        });
        let unrecorded = failing.iter().filter(|task| is_unrecorded(task, &failures));
        let unrecorded = unrecorded.map(|task| shown::last_error(self.medium, task));
        let lines: Vec<_> = unrecorded.chain(lines).collect();
        Ok(match lines.is_empty() {
            true => answer.said("No task has failed."),
            false => answer.listed(lines),
        })
    }
}

/// Whether a task keeps no record of the run that failed.
fn is_unrecorded(task: &TaskHandle, failures: &[(String, RunRecord)]) -> bool {
    let label = label(task);
    failures.iter().all(|(name, _)| *name != label)
}

fn fact((name, run): &(String, RunRecord)) -> serde_json::Value {
    json!({ "task": name, "run": run })
}
