//! Which tasks a name means: one, or all members of a family.

use std::collections::BTreeMap;

use cogsmith::{prelude::*, reply::suggestions};
use serenity::builder::CreateAutocompleteResponse;

/// What the option `name` stands for: `module.task`, `module.task (scope)`, or a family as a whole.
pub(super) struct Target {
    /// As it was found, so that answers name it in full.
    pub(super) label: String,
    /// At least one, by scope.
    pub(super) tasks: Vec<TaskHandle>,
    /// Whether the name of a family was given, however many members it has.
    pub(super) is_family: bool,
}

impl Target {
    /// The tasks, in the hands of whoever uses the command.
    pub(super) fn find(ctx: Context<'_>, given: &str) -> Result<Self> {
        let target = Self::named(&ctx.host().tasks(), given.trim());
        let mut target = target.ok_or_else(|| {
            UserError::new(format!(
                "No task is named `{given}`. `/task list` shows them all."
            ))
        })?;
        let by = format!("user {}", ctx.author().id);
        for task in &mut target.tasks {
            *task = task.by(&*by);
        }
        Ok(target)
    }

    fn named(tasks: &[TaskHandle], given: &str) -> Option<Self> {
        let is_named = |task: &&TaskHandle| *task.name() == *given || *id(task) == *given;
        let mut found: Vec<_> = tasks.iter().filter(is_named).cloned().collect();
        let is_family = found.iter().any(|task| !task.scope().is_empty())
            && found.iter().all(|task| *task.name() == *given);
        if found.is_empty() {
            found = tasks
                .iter()
                .filter(|task| label(task) == given)
                .cloned()
                .collect();
        }
        let label = match &*found {
            [] => return None,
            [one] if !is_family => label(one),
            _ => given.to_owned(),
        };
        Some(Self {
            label,
            tasks: found,
            is_family,
        })
    }

    /// The only task.
    pub(super) fn only(&self) -> Result<&TaskHandle> {
        match &*self.tasks {
            [task] => Ok(task),
            tasks => Err(UserError::new(format!(
                "`{}` has {}; say which, such as `{}`.",
                self.label,
                counted(tasks.len(), "member"),
                label(&tasks[0])
            ))
            .into()),
        }
    }
}

/// `module.task`, or `module.task (scope)`. Neither name nor scope can have a blank or a bracket.
pub(super) fn label(task: &TaskHandle) -> String {
    full_name(&task.name(), &task.scope())
}

pub(super) fn full_name(name: &str, scope: &str) -> String {
    match scope {
        "" => name.to_owned(),
        scope => format!("{name} ({scope})"),
    }
}

/// Short where the label is too long for a suggestion's value; no name begins so.
fn id(task: &TaskHandle) -> String {
    format!("#{}", task.id().0)
}

/// Suggests what has in it what was typed: whole names first, then members of families.
pub(super) async fn names(ctx: Context<'_>, typed: &str) -> CreateAutocompleteResponse {
    suggestions(suggested(&ctx.host().tasks(), typed))
}

fn suggested(tasks: &[TaskHandle], typed: &str) -> Vec<(String, String)> {
    let mut names: BTreeMap<_, Vec<&TaskHandle>> = BTreeMap::new();
    for task in tasks {
        names.entry(task.name()).or_default().push(task);
    }
    let whole = names.iter().map(|(name, tasks)| match &**tasks {
        [only] if only.scope().is_empty() => (name.to_string(), name.to_string()),
        members => (format!("{name}: all {}", members.len()), name.to_string()),
    });
    let members = tasks.iter().filter(|task| !task.scope().is_empty());
    let members = members.map(|task| match label(task) {
        long if long.len() > 100 => (format!("{} {long}", id(task)), id(task)),
        label => (label.clone(), label),
    });
    let typed = typed.trim().to_lowercase();
    let matches = |label: &str| label.to_lowercase().contains(&typed);
    let all = whole.chain(members);
    all.filter(|(label, value)| matches(label) || matches(value))
        .collect()
}
