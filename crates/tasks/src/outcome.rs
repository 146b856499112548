//! What happened: how a run ended, why a life ended, what went wrong.

use std::{any::Any, fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    decision::{Decision, Verdict},
    duration::Written,
    handle::TaskHandle,
    store::RunState,
};

/// Why a run was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Cause {
    /// Its slot came.
    Schedule,
    /// Its slot was missed and is made up for.
    CatchUp,
    /// An earlier attempt for the slot failed, or was cut off by a crash.
    Retry,
    /// Somebody asked for it with `trigger_now`.
    Manual,
    /// Somebody asked for its past slot with `backfill`.
    Backfill,
    /// No run at all: a `before` or `after` hook.
    Hook,
}

impl Cause {
    /// Whether the run is one of the schedule: it moves counters and may be retried.
    pub(crate) fn is_scheduled(self) -> bool {
        matches!(self, Self::Schedule | Self::CatchUp | Self::Retry)
    }
}

/// Why a life of a task ended, as its `after` hook is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EndReason {
    /// `stop` was called.
    Stopped,
    /// `cancel` was called.
    Cancelled,
    /// `restart` was called; a new life follows.
    Restarted,
    /// The count of runs was reached, or the only slot is over.
    Finished,
    /// Too many runs failed in a row, or `before` failed.
    Failed,
    /// The engine shuts down; the task stays active and goes on at the next start.
    Shutdown,
    /// The task was unregistered.
    Unloaded,
}

/// In which part of a task something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Stage {
    /// The `before` hook: the life ends as failed.
    Before,
    /// The body, or the `before_each` hook that was to prepare it.
    Body,
    /// The `after_each` hook: the run has ended anyway.
    AfterEach,
    /// The `after` hook: the life has ended anyway.
    After,
    /// The error hook: logged, and never told to itself.
    Error,
    /// The engine itself, which panicked over the task: the task is failed, and its runs have ended.
    Engine,
}

/// What the error hook is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Failure {
    /// The task; its commands may be used from within the hook.
    pub task: TaskHandle,
    /// Where it went wrong.
    pub stage: Stage,
    /// What went wrong; [`ErrorChain`](crate::ErrorChain) shows the causes. A panic or a time-out is an error with its message.
    pub error: Arc<anyhow::Error>,
    /// Which attempt for the slot it was, from 1; 0 for hooks.
    pub attempt: u32,
    /// The slot of the run; for hooks the moment they were called.
    pub slot: DateTime<Utc>,
    /// Whether another attempt for this slot follows, unless the hook decides otherwise.
    pub will_retry: bool,
    pub(crate) verdict: Verdict,
}

impl Failure {
    /// Decides what is to become of the task, once the hook has returned; the last decision stands.
    pub fn decide(&self, decision: Decision) {
        self.verdict.set(decision);
    }
}

/// How a run, or a hook, ended.
#[derive(Clone, Debug, Default)]
pub(crate) enum Outcome {
    Ok,
    Error(Arc<anyhow::Error>),
    Panic(Arc<anyhow::Error>),
    Timeout(Arc<anyhow::Error>),
    #[default]
    Cancelled,
}

impl Outcome {
    pub(crate) fn timeout(after: Duration) -> Self {
        Self::Timeout(Arc::new(anyhow::anyhow!(
            "took longer than {}",
            Written(after)
        )))
    }

    pub(crate) fn panic(payload: &(dyn Any + Send)) -> Self {
        let text = panic_text(payload);
        Self::Panic(Arc::new(anyhow::anyhow!("panicked: {text}")))
    }

    pub(crate) fn error(&self) -> Option<&Arc<anyhow::Error>> {
        match self {
            Self::Error(error) | Self::Panic(error) | Self::Timeout(error) => Some(error),
            Self::Ok | Self::Cancelled => None,
        }
    }

    pub(crate) fn run_state(&self) -> RunState {
        match self {
            Self::Ok => RunState::Ok,
            Self::Error(_) => RunState::Error,
            Self::Panic(_) => RunState::Panic,
            Self::Timeout(_) => RunState::Timeout,
            Self::Cancelled => RunState::Cancelled,
        }
    }
}

/// What a panic says.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with a value that is no text")
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
            Self::Restarted => "restarted",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Shutdown => "shutdown",
            Self::Unloaded => "unloaded",
        })
    }
}
