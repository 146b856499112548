//! What came of an order to many tasks: how many of them did what.

use std::collections::BTreeMap;

use cogsmith_tasks::{Error as TaskError, TaskHandle};
use serde_json::{Value, json};
use tracing::error;

use super::{Answer, Steering, order::refusal, target::Target};
use crate::{
    error::{Error, Result, UserError},
    reply::counted,
};

/// What a task did, or why it did not.
pub(super) type Outcome = Result<String, TaskError>;

impl Steering<'_> {
    /// What came of an order that was given to each task of `target`, in their order, and how they are now.
    pub(super) fn told(&self, target: &Target, outcomes: Vec<Outcome>) -> Result<Answer> {
        let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
        if target.alone().is_some() {
            let outcome = outcomes.into_iter().next();
            let done = outcome.unwrap_or(Err(TaskError::ShutDown));
            let done = done.map_err(|error| told(&target.label, error))?;
            let facts = json!([fact(&target.tasks[0], &done, true)]);
            let answer = self.shown(target).said(done);
            return Ok(Answer { facts, ..answer });
        }
        let said = outcomes.into_iter().zip(&target.tasks);
        let said: Vec<_> = said
            .map(|(outcome, task)| sentence(task, outcome))
            .collect();
        let facts = said.iter().zip(&target.tasks);
        let facts = facts.map(|((said, is_done), task)| fact(task, said, *is_done));
        let facts = Value::Array(facts.collect());
        let members = counted(said.len(), "member");
        let lines = tally(said.into_iter().map(|(said, _)| said));
        let text = format!("{members} of `{}`:\n{}", target.label, lines.join("\n"));
        let answer = self.shown(target).said(text);
        Ok(Answer {
            facts,
            refused,
            ..answer
        })
    }
}

/// How a task is, and what it did.
fn fact(task: &TaskHandle, said: &str, is_done: bool) -> Value {
    let mut fact = serde_json::to_value(task.status()).unwrap_or_default();
    fact["answer"] = said.into();
    fact["done"] = is_done.into();
    fact
}

/// What a person is told of it when the only task refused.
pub(super) fn told(label: &str, error: TaskError) -> Error {
    match refusal(&error) {
        Some(predicate) => UserError::new(format!("`{label}` {predicate}.")).into(),
        None => error.into(),
    }
}

/// What one of many did, and whether it did what it was told.
fn sentence(task: &TaskHandle, outcome: Outcome) -> (String, bool) {
    let error = match outcome {
        Ok(done) => return (done, true),
        Err(error) => error,
    };
    let said = refusal(&error).map_or_else(
        || {
            error!(task.name = %task.name(), task.scope = %task.scope(), "steering a task: {error}");
            "Failed unexpectedly: the log says why.".to_owned()
        },
        |predicate| format!("Nothing: it {predicate}."),
    );
    (said, false)
}

/// `97: Stopped.`, the most frequent first.
fn tally(sentences: impl Iterator<Item = String>) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for sentence in sentences {
        *counts.entry(sentence).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let lines = counts
        .into_iter()
        .map(|(sentence, count)| format!("{count}: {sentence}"));
    lines.collect()
}
