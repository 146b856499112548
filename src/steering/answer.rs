//! What is answered.

use cogsmith_tasks::TaskHandle;
use serde::Serialize;
use serde_json::Value;

use crate::reply::{Embed, Reply};

/// What was done and what came of it: sentences, then facts about a task or family, or a list.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Answer {
    /// Full sentences; empty where the facts say all.
    pub text: String,
    /// What the facts or the lines are about.
    pub title: String,
    /// Facts by name.
    pub fields: Vec<(&'static str, String)>,
    /// A list.
    pub lines: Vec<String>,
    /// What else can be asked.
    pub footer: String,
    /// All of it for a machine.
    pub facts: Value,
    /// How many tasks did not do what they were told.
    pub refused: usize,
    /// The task, where the answer is about one alone.
    pub task: Option<TaskHandle>,
}

impl Answer {
    /// About these tasks, as they are now.
    pub(super) fn about(tasks: &[TaskHandle]) -> Self {
        let statuses: Vec<_> = tasks.iter().map(TaskHandle::status).collect();
        Self::of_facts(&statuses)
    }

    pub(super) fn of_facts(facts: &impl Serialize) -> Self {
        Self {
            facts: serde_json::to_value(facts).unwrap_or_default(),
            ..Self::default()
        }
    }

    pub(super) fn said(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    pub(super) fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    pub(super) fn with_fields(mut self, fields: Vec<(&'static str, String)>) -> Self {
        self.fields = fields;
        self
    }

    pub(super) fn listed(mut self, lines: Vec<String>) -> Self {
        self.lines = lines;
        self
    }

    pub(super) fn footed(mut self, footer: String) -> Self {
        self.footer = footer;
        self
    }

    pub(super) fn of_one(mut self, task: &TaskHandle) -> Self {
        self.task = Some(task.clone());
        self
    }

    /// The facts, or a page of the list.
    pub fn embed(&self, page: usize) -> Embed {
        let fields = self.fields.iter();
        let embed = fields.fold(Embed::new(&*self.title), |embed, (name, value)| {
            embed.field(*name, &**value)
        });
        let embed = embed.footer(self.footer.replace('`', ""));
        match self.lines.is_empty() {
            true => embed,
            false => embed.page(self.lines.iter().cloned(), page),
        }
    }

    /// As a message, with this page of the list.
    pub fn reply(&self, page: usize) -> Reply {
        let reply = Reply::from(&*self.text);
        match self.fields.is_empty() && self.lines.is_empty() {
            true => reply,
            false => reply.embed(self.embed(page)),
        }
    }

    /// As lines for a terminal.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut lines = Vec::new();
        let width = self.fields.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or_default();
        lines.extend((!self.text.is_empty()).then(|| self.text.clone()));
        if !self.fields.is_empty() {
            lines.push(self.title.clone());
        }
        for (name, value) in &self.fields {
            lines.push(format!("  {name:width$}  {value}"));
        }
        lines.extend(self.lines.iter().cloned());
        lines.extend((!self.footer.is_empty()).then(|| self.footer.clone()));
        lines.join("\n")
    }
}
