//! What can be said about a task at one moment.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, Serializer};

use crate::{
    cursor::{Cursor, State},
    spec::TaskSpec,
    trigger::Trigger,
};

/// What a task is doing; only while the engine lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// Nothing: no life is in progress.
    #[default]
    Idle,
    /// Its `before` hook is running.
    Starting,
    /// Waits for a gate to open.
    Held,
    /// Waits for its next slot.
    Waiting,
    /// A run is live.
    Running,
    /// An attempt failed; waits to try again.
    Backoff,
    /// The last run ends, or the `after` hook is running.
    Ending,
}

/// A consistent snapshot of a task.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The name, by custom `module.task`.
    pub name: Arc<str>,
    /// Empty for a task that exists once.
    pub scope: Arc<str>,
    /// Whether the task is to run. Survives restarts.
    pub state: State,
    /// What it is doing.
    pub phase: Phase,
    /// Whether the run or life in progress was told to end at once.
    pub is_being_cancelled: bool,
    /// The name of the closed gate that an active task waits for, or behind which it has nothing to do.
    pub held_by: Option<Arc<str>>,
    /// Whether no run has succeeded for longer than `expect_within` allows.
    pub is_overdue: bool,
    /// The trigger in force.
    pub trigger: Trigger,
    /// The trigger that the code asks for.
    pub default_trigger: Trigger,
    /// Whether `change_interval` set the trigger in force.
    pub overridden: bool,
    /// The next slot, or the next attempt if that is earlier; `None` unless active, and while there
    /// is nothing to do.
    pub next_run_at: Option<DateTime<Utc>>,
    /// When the last attempt was claimed.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When the last successful attempt ended.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// How long the last attempt took.
    #[serde(serialize_with = "as_seconds", rename = "last_duration_seconds")]
    pub last_duration: Option<Duration>,
    /// What went wrong last, in at most 1,000 characters; stays until something else does.
    pub last_error: Option<Arc<str>>,
    /// Successful runs in this life, manual ones aside.
    pub loop_index: u64,
    /// Attempts that were begun, ever.
    pub runs_total: u64,
    /// Slots that failed in a row.
    pub fails: u64,
    /// Slots that came due while a run was live, ever.
    pub skipped: u64,
    /// Slots that were missed and not made up for, ever.
    pub missed: u64,
    /// Runs that a crash cut off, ever.
    pub abandoned: u64,
    /// Past slots that are still to be run by request, at most.
    pub backfill_left: u32,
    /// Who gave the last command, when they said so.
    pub updated_by: Option<Arc<str>>,
    /// What the task carries, which need not be everybody's to see.
    #[serde(skip)]
    pub(crate) payload: Option<Arc<str>>,
    /// In the answer to a command: the state before it. `None` in any other snapshot.
    pub changed_from: Option<State>,
}

impl Status {
    pub(crate) fn new(spec: &TaskSpec, cursor: &Cursor, trigger: &Trigger) -> Self {
        Self {
            name: spec.name.clone(),
            scope: spec.scope.clone(),
            state: cursor.state,
            phase: Phase::Idle,
            is_being_cancelled: false,
            held_by: None,
            is_overdue: false,
            trigger: trigger.clone(),
            default_trigger: spec.trigger.clone(),
            overridden: cursor.override_trigger.is_some(),
            next_run_at: cursor.wake_at,
            last_run_at: cursor.last_run_at,
            last_ok_at: cursor.last_ok_at,
            last_duration: cursor.last_duration_ms.map(Duration::from_millis),
            last_error: cursor.last_error.clone(),
            loop_index: cursor.loop_index,
            runs_total: cursor.runs_total,
            fails: cursor.fails,
            skipped: cursor.skipped,
            missed: cursor.missed,
            abandoned: cursor.abandoned,
            backfill_left: cursor.backfill.map_or(0, |backfill| backfill.left),
            updated_by: cursor.updated_by.clone(),
            payload: cursor.payload.clone(),
            changed_from: None,
        }
    }

    /// Whether the task is active, or is still ending its last run.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.state == State::Active || self.phase != Phase::Idle
    }

    /// The time until the next run, zero when it is due; `None` unless active.
    #[must_use]
    pub fn remaining(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some((self.next_run_at? - now).max(TimeDelta::zero()))
    }

    /// The time since the last attempt began; `None` before the first.
    #[must_use]
    pub fn since_last(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        Some((now - self.last_run_at?).max(TimeDelta::zero()))
    }
}

fn as_seconds<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration
        .map(|duration| duration.as_secs_f64())
        .serialize(serializer)
}
