//! What came of an order to many tasks: how many of them did what.

use std::collections::BTreeMap;

use cogsmith::{prelude::*, tasks::Error as TaskError};
use tracing::error;

use super::{order::refusal, shown, target::Target};

/// Answers with what came of an order that was given to each task of `target`, in their order, and with how
/// they are now. `note` is said as well.
pub(super) async fn answer(
    ctx: Context<'_>,
    target: &Target,
    outcomes: Vec<Result<String, TaskError>>,
    note: Option<&str>,
) -> Result<()> {
    let note = note.map_or(String::new(), |note| format!("\n{note}"));
    if let [task] = &*target.tasks
        && !target.is_family
    {
        let done = outcomes
            .into_iter()
            .next()
            .unwrap_or(Err(TaskError::ShutDown));
        let done = done.map_err(|error| told(&target.label, error))?;
        let reply = Reply::from(format!("{done}{note}"));
        return ctx.answer(reply.embed(shown::task(&task.status()))).await;
    }
    let count = outcomes.len();
    let lines = tally(target, outcomes);
    let text = format!(
        "{} of `{}`:\n{}{note}",
        counted(count, "member"),
        target.label,
        lines.join("\n")
    );
    ctx.answer(Reply::from(text).embed(shown::family(&target.label, &target.tasks)))
        .await
}

/// What a person is told of it when the only task refused.
pub(super) fn told(label: &str, error: TaskError) -> Error {
    match refusal(&error) {
        Some(predicate) => UserError::new(format!("`{label}` {predicate}.")).into(),
        None => error.into(),
    }
}

/// `97: Stopped.`, the most frequent first.
fn tally(target: &Target, outcomes: Vec<Result<String, TaskError>>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (task, outcome) in target.tasks.iter().zip(outcomes) {
        let sentence = outcome.unwrap_or_else(|error| {
            refusal(&error).map_or_else(
                || {
                    error!(task.name = %task.name(), task.scope = %task.scope(), "steering a task: {error}");
                    "Failed unexpectedly: the log says why.".to_owned()
                },
                |predicate| format!("Nothing: it {predicate}."),
            )
        });
        *counts.entry(sentence).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let lines = counts
        .into_iter()
        .map(|(sentence, count)| format!("{count}: {sentence}"));
    lines.collect()
}
