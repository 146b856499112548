//! Which tasks a name means: one, or all members of a family.

use std::collections::{BTreeMap, BTreeSet};

use cogsmith_tasks::{Engine, TaskHandle};

use super::Medium;
use crate::{
    error::{Result, UserError},
    reply::counted,
};

/// From 0, nothing in common, to 1, the same: less is not offered for a name that there is not.
const ALIKE: f64 = 0.8;
/// What is less alike than the nearest by more is not offered beside it.
const NEARLY_AS_ALIKE: f64 = 0.03;
/// So many names are offered.
const OFFERED: usize = 3;

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
    /// The tasks, in the hands of `by`.
    ///
    /// # Errors
    /// A [`UserError`] with the nearest names, when there is none of this one.
    pub(super) fn find(engine: &Engine, given: &str, by: &str, medium: Medium) -> Result<Self> {
        let tasks = engine.tasks();
        let target = Self::named(&tasks, given.trim());
        let mut target = target.ok_or_else(|| unknown(&tasks, given, medium))?;
        for task in &mut target.tasks {
            *task = task.by(by);
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

    /// The task, when it was meant alone and not as a family of one.
    pub(super) fn alone(&self) -> Option<&TaskHandle> {
        match &*self.tasks {
            [task] if !self.is_family => Some(task),
            _ => None,
        }
    }

    /// Its name, with how many there are of a family.
    pub(super) fn in_words(&self) -> String {
        match self.alone() {
            Some(_) => self.label.clone(),
            None => format!("{}: all {}", self.label, self.tasks.len()),
        }
    }

    /// The only task.
    ///
    /// # Errors
    /// A [`UserError`] when there are more.
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

fn unknown(tasks: &[TaskHandle], given: &str, medium: Medium) -> UserError {
    let nearest = nearest(tasks, given.trim());
    let offered = match nearest.is_empty() {
        true => String::new(),
        false => format!(" Did you mean {}?", nearest.join(" or ")),
    };
    let list = medium.command("list", &[]);
    UserError::new(format!(
        "No task is named `{given}`.{offered} {list} shows them all."
    ))
}

/// The names most like what was given, the most alike first.
fn nearest(tasks: &[TaskHandle], given: &str) -> Vec<String> {
    let names: BTreeSet<_> = tasks.iter().map(TaskHandle::name).collect();
    let alike = names.into_iter().map(|name| {
        let last = name.rsplit('.').next().unwrap_or_default();
        let likeness = [&*name, last].map(|name| strsim::jaro_winkler(name, given));
        (likeness[0].max(likeness[1]), name)
    });
    let mut alike: Vec<_> = alike.filter(|(likeness, _)| *likeness >= ALIKE).collect();
    alike.sort_by(|one, other| other.0.total_cmp(&one.0));
    let best = alike.first().map_or(0.0, |(likeness, _)| *likeness);
    let nearest = alike.into_iter().take(OFFERED);
    let nearest = nearest.filter(|(likeness, _)| best - likeness < NEARLY_AS_ALIKE);
    nearest.map(|(_, name)| format!("`{name}`")).collect()
}

/// Short where the label is too long for a suggestion's value; no name begins so.
fn id(task: &TaskHandle) -> String {
    format!("#{}", task.id().0)
}

/// Every name, each a label to be read and a value to be sent: whole names first, then members of families.
#[must_use]
pub fn suggested(tasks: &[TaskHandle]) -> Vec<(String, String)> {
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
    whole.chain(members).collect()
}
