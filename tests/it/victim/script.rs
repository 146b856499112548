//! What a process plays until it is killed: known to it, and to those who kill it.

use chrono::{DateTime, Utc};
use cogsmith_tasks::OnCrash;
use serde::{Deserialize, Serialize};

/// The name of the task that is played.
pub(crate) const TASK: &str = "t";

/// Where the process dies: the rows of the crash table in docs/TASKS.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Point {
    /// Before the claim of a run is committed.
    BeforeClaim,
    /// When the database has the claim, and the engine does not know it yet.
    AfterClaim,
    /// In the middle of the body.
    InBody,
    /// When the body is done, before its end is committed.
    BeforeEnd,
    /// When the database has the end, before the hook that follows.
    AfterEnd,
    /// Between two attempts.
    InBackOff,
    /// When the database has a command, before anything shows of it.
    AfterCommand,
}

/// A task, its fate up to the point, and the point.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Script {
    /// Tells the task from those of other scripts in the same database.
    pub(crate) scope: String,
    /// The trigger of the code, in its text form.
    pub(crate) default_trigger: String,
    /// The trigger that somebody chose before the first run.
    pub(crate) chosen_trigger: Option<String>,
    /// The number of the run at which the process dies, from 1; the earlier ones succeed.
    pub(crate) run: u64,
    /// How that run ends.
    pub(crate) ending: Ending,
    /// What is asked for, once that run has begun.
    pub(crate) command: Option<Command>,
    pub(crate) point: Point,
    /// Whether a run that the crash cuts off is to be run again.
    pub(crate) is_repeated: bool,
}

impl Script {
    pub(crate) fn on_crash(&self) -> OnCrash {
        if self.is_repeated {
            OnCrash::Redo
        } else {
            OnCrash::Skip
        }
    }
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ending {
    Ok,
    /// As the last one of the task's count.
    Finished,
    Error,
    /// With an error that is worth another attempt.
    Transient,
}

/// A command, and when it is given.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) order: Order,
    /// While the body is running; else between two runs.
    pub(crate) in_body: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Order {
    Stop,
    Cancel,
    Restart,
    Change(String),
    Reset,
}

/// The time at which every script begins.
pub(crate) fn dawn() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_345_600, 0).unwrap_or_default()
}
