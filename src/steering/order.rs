//! What owners can tell a task, and what came of it in a sentence.

use chrono::{DateTime, Utc};
use cogsmith_tasks::{Error as TaskError, Phase, State, Status, TaskHandle, Trigger, manual};
use serde::{Deserialize, Serialize};

use super::typed;
use crate::{error::Result, reply::counted};

/// Something to be done to one task, or to each member of a family, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Start what is stopped.
    Start,
    /// Stop.
    Stop,
    /// Stop, and end the run in progress.
    Cancel,
    /// Begin anew.
    Restart,
    /// Be due at another time; at the code's own when left out.
    Interval {
        /// A length of time, or a trigger.
        time: Option<String>,
    },
    /// Run past slots.
    Backfill {
        /// From how long ago.
        since: String,
        /// So many slots at most.
        most: u32,
    },
}

/// An order that has been understood.
#[derive(Clone)]
pub(super) enum Action {
    Start,
    Stop,
    Cancel,
    Restart,
    Change(Trigger),
    Reset,
    Backfill {
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most: u32,
    },
}

impl Order {
    /// # Errors
    /// A [`UserError`](crate::error::UserError) when a time cannot be read.
    pub(super) fn understand(&self, now: DateTime<Utc>) -> Result<Action> {
        Ok(match self {
            Self::Start => Action::Start,
            Self::Stop => Action::Stop,
            Self::Cancel => Action::Cancel,
            Self::Restart => Action::Restart,
            Self::Interval { time: None } => Action::Reset,
            Self::Interval { time: Some(time) } => Action::Change(typed::trigger(time)?),
            Self::Backfill { since, most } => Action::Backfill {
                from: typed::past(since, now)?,
                to: now,
                most: *most,
            },
        })
    }

    /// As its command is named.
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::Start => "task start",
            Self::Stop => "task stop",
            Self::Cancel => "task cancel",
            Self::Restart => "task restart",
            Self::Interval { time: Some(_) } => "task interval",
            Self::Interval { time: None } => "task reset",
            Self::Backfill { .. } => "task backfill",
        }
    }

    /// Whether the task may be left stopped.
    pub(super) fn stops(&self) -> bool {
        matches!(self, Self::Stop | Self::Cancel)
    }
}

impl Action {
    /// Gives the order, and says what was done: never more than what is so.
    pub(super) async fn give(&self, task: &TaskHandle) -> Result<String, TaskError> {
        let before = task.status();
        Ok(match self {
            Self::Start => started(&task.ensure_started().await?),
            Self::Stop => stopped(&before, &task.stop().await?),
            Self::Cancel => cancelled(&before, &task.cancel().await?),
            Self::Restart => restarted(&before, &task.restart().await?),
            Self::Change(trigger) => {
                changed(&before, &task.change_interval(trigger.clone()).await?)
            }
            Self::Reset if has_only_its_own(&before) => {
                format!(
                    "It is due `{}`, as its module has set it: there is no other time to go back to.",
                    before.trigger
                )
            }
            Self::Reset => changed(&before, &task.reset_interval().await?),
            Self::Backfill { from, to, most } => {
                task.backfill(*from, *to, *most).await?;
                backfilling(&before, *most)
            }
        })
    }
}

/// Why a task did not do what it was told, to be read after its name; `None` for what nobody expects.
pub(super) fn refusal(error: &TaskError) -> Option<String> {
    Some(match error {
        TaskError::Overlapped { .. } => {
            "has a run in progress, and is not made for a second one beside it".to_owned()
        }
        TaskError::Held { gate, .. } => format!("cannot run now: it waits for {gate}"),
        TaskError::NoCode { .. } => {
            "cannot do that while the bot rests: nothing of it runs".to_owned()
        }
        TaskError::NotStarted { .. } => "cannot run yet: the bot is still starting".to_owned(),
        TaskError::Panicked { .. } => {
            "has failed: the engine broke down over it, and the log says why".to_owned()
        }
        TaskError::Unregistered { .. } => "is not there any more".to_owned(),
        TaskError::BadBackfill { .. } => "was not due in that time".to_owned(),
        _ => return None,
    })
}

/// Whether a member's time is its own alone: that of its family is none, and would end it in silence.
fn has_only_its_own(status: &Status) -> bool {
    status.default_trigger == manual() && status.trigger != manual()
}

fn was(status: &Status) -> State {
    status.changed_from.unwrap_or(status.state)
}

fn is_busy(status: &Status) -> bool {
    matches!(
        status.phase,
        Phase::Starting | Phase::Running | Phase::Ending
    )
}

fn unchanged(status: &Status) -> String {
    format!("It was {} already: nothing has changed.", status.state)
}

fn started(after: &Status) -> String {
    if was(after) == State::Active {
        return unchanged(after);
    }
    let held = after.held_by.as_ref();
    let held = held.map_or(String::new(), |gate| format!(" It waits for {gate}."));
    format!("Started: it was {}.{held}", was(after))
}

fn stopped(before: &Status, after: &Status) -> String {
    match (was(after), before.backfill_left) {
        (State::Active, _) if is_busy(before) => {
            "Stopped: the run in progress ends first.".to_owned()
        }
        (State::Active, _) => "Stopped.".to_owned(),
        (_, 0) => unchanged(after),
        (was, _) => format!("It was {was} already; the backfill in progress is stopped."),
    }
}

fn cancelled(before: &Status, after: &Status) -> String {
    match (was(after), is_busy(before)) {
        (State::Active, true) => "Cancelled: the run in progress was told to end.".to_owned(),
        (State::Active, false) => "Cancelled: no run was in progress.".to_owned(),
        (was, true) => format!("It was {was} already; the run in progress was told to end."),
        (_, false) => stopped(before, after),
    }
}

fn restarted(before: &Status, after: &Status) -> String {
    let first = if is_busy(before) {
        " The run in progress ends first."
    } else {
        ""
    };
    format!("Restarted: it was {}.{first}", was(after))
}

fn changed(before: &Status, after: &Status) -> String {
    if before.trigger == after.trigger {
        return format!("It was due `{}` already.", after.trigger);
    }
    format!(
        "Due `{}` from now on; it was `{}`.",
        after.trigger, before.trigger
    )
}

fn backfilling(before: &Status, most: u32) -> String {
    let replaced = match before.backfill_left {
        0 => String::new(),
        left => format!(
            " This replaces a backfill with up to {} left.",
            counted(left, "slot")
        ),
    };
    format!("Past slots run now, oldest first, {most} at most.{replaced}")
}
