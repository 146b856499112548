//! One stream of what happened; logs derive from it here, metrics wherever it is listened to.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::broadcast;
use tracing::{debug, error, info, warn};

use crate::{
    cursor::State,
    duration::Written,
    outcome::{Cause, EndReason, Stage},
    store::RunState,
    trigger::Trigger,
};

/// Events that a slow listener may lag behind before it loses the oldest.
const CAPACITY: usize = 1_024;

/// Something happened to a task.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// The name of the task.
    pub task: Arc<str>,
    /// Its scope; empty for a task that exists once.
    pub scope: Arc<str>,
    /// When, by the wall hand of the engine's clock.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A life began: `before` is called next.
    Began,
    /// A life ended, its `after` hook included.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// A slot was taken, and the run recorded if the task keeps a history.
    Claimed {
        /// The number of the run.
        run: u64,
        /// The ideal instant.
        slot: DateTime<Utc>,
        /// Why.
        cause: Cause,
    },
    /// The body was called.
    Started {
        /// The number of the run.
        run: u64,
        /// Which attempt for its slot, from 1.
        attempt: u32,
        /// How long after its slot, or after the instant of its retry, the body began.
        lateness: Duration,
    },
    /// The body returned, or was ended.
    Finished {
        /// The number of the run.
        run: u64,
        /// How.
        state: RunState,
        /// How long the body took.
        duration: Duration,
        /// What went wrong.
        error: Option<Arc<str>>,
    },
    /// The slot is tried again.
    Retried {
        /// The number of the run that failed.
        run: u64,
        /// When.
        at: DateTime<Utc>,
    },
    /// Slots came due while a run was live.
    Skipped {
        /// The newest of them.
        slot: DateTime<Utc>,
        /// How many.
        count: u64,
    },
    /// Slots were missed and are not made up for.
    Missed {
        /// The newest slot that came due.
        slot: DateTime<Utc>,
        /// How many were missed.
        count: u64,
    },
    /// A run of an earlier process was cut off by a crash.
    Abandoned {
        /// The number of the run.
        run: u64,
    },
    /// A command changed the state or the trigger.
    Changed {
        /// The state before.
        from: State,
        /// The state now.
        to: State,
        /// The trigger now.
        trigger: Trigger,
        /// Who asked, when they said so.
        by: Option<Arc<str>>,
    },
    /// The task gave up.
    Failed {
        /// Slots that failed in a row.
        fails: u64,
    },
    /// So many slots have failed in a row, and the task goes on; told at the fifth.
    Failing {
        /// Slots that failed in a row.
        fails: u64,
    },
    /// No run has succeeded for longer than [`expect_within`](crate::TaskSpec::expect_within) allows.
    Overdue {
        /// What is allowed.
        within: Duration,
        /// When the last successful run ended.
        last_ok_at: Option<DateTime<Utc>>,
    },
    /// A run has succeeded after all.
    Recovered {
        /// When the successful run before it ended.
        last_ok_at: Option<DateTime<Utc>>,
    },
    /// A run took four fifths of its interval or more; told when that begins.
    Slow {
        /// The number of the run.
        run: u64,
        /// How long the body took.
        duration: Duration,
        /// The interval.
        interval: Duration,
    },
    /// A body that is async blocks its thread, and with it whatever is to run there.
    /// [`TaskSpec::blocking`](crate::TaskSpec::blocking) is for such bodies.
    Stalled {
        /// The number of the run.
        run: u64,
        /// For how long already.
        blocked: Duration,
    },
    /// A hook went wrong.
    HookFailed {
        /// Which.
        stage: Stage,
        /// What went wrong.
        error: Arc<str>,
    },
}

/// Where events are told.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    sender: broadcast::Sender<Event>,
    /// What has happened in this turn of the dispatcher.
    noted: Arc<Mutex<Vec<Event>>>,
}

impl Events {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(CAPACITY),
            noted: Arc::default(),
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }

    /// Whether anybody would learn of the event: what happens at each run costs nothing else.
    pub(crate) fn matters(&self, kind: &EventKind) -> bool {
        !kind.is_routine()
            || self.sender.receiver_count() > 0
            || tracing::enabled!(tracing::Level::DEBUG)
    }

    /// Keeps the event until it is [told](Self::tell).
    pub(crate) fn note(&self, event: Event) {
        self.noted.lock().push(event);
    }

    /// Logs what was noted and hands it to whoever listens, who finds the states that belong to it: they are shown
    /// before.
    pub(crate) fn tell(&self) {
        let noted = std::mem::take(&mut *self.noted.lock());
        for event in noted {
            event.log();
            if self.sender.receiver_count() > 0 {
                // Nobody is left when the last listener goes meanwhile; then nobody misses it.
                let _ = self.sender.send(event);
            }
        }
    }
}

impl EventKind {
    /// Whether it happens at each run, and is logged for debugging only.
    fn is_routine(&self) -> bool {
        matches!(
            self,
            Self::Claimed { .. }
                | Self::Started { .. }
                | Self::Finished { error: None, .. }
                | Self::Retried { .. }
                | Self::Skipped { .. }
        )
    }
}

impl Event {
    fn log(&self) {
        let (name, scope) = (&self.task, &self.scope);
        match &self.kind {
            EventKind::Failed { fails } => {
                error!(task.name = %name, task.scope = %scope, fails, "{name} gave up after {fails} failures");
            }
            EventKind::Finished {
                run,
                state,
                duration,
                error: Some(error),
            } => {
                warn!(task.name = %name, task.scope = %scope, run, ?duration, error = %error, "{name} ended with {state}");
            }
            EventKind::HookFailed { stage, error } => {
                warn!(task.name = %name, task.scope = %scope, ?stage, error = %error, "a hook of {name} failed");
            }
            EventKind::Abandoned { run } => {
                warn!(task.name = %name, task.scope = %scope, run, "a run of {name} was cut off by a crash");
            }
            EventKind::Failing { fails } => {
                error!(task.name = %name, task.scope = %scope, fails, "{name} has failed {fails} times in a row");
            }
            EventKind::Overdue { within, last_ok_at } => {
                error!(task.name = %name, task.scope = %scope, ?last_ok_at, "{name} has not succeeded for {}", Written(*within));
            }
            EventKind::Recovered { .. } => {
                info!(task.name = %name, task.scope = %scope, "{name} has succeeded again");
            }
            EventKind::Slow {
                run,
                duration,
                interval,
            } => {
                warn!(task.name = %name, task.scope = %scope, run, ?duration, "{name} takes most of its {}", Written(*interval));
            }
            EventKind::Stalled { run, blocked } => {
                warn!(task.name = %name, task.scope = %scope, run, ?blocked, "{name} blocks its thread, make its body a blocking one");
            }
            EventKind::Missed { count, .. } => {
                warn!(task.name = %name, task.scope = %scope, count, "{name} missed {count} slots");
            }
            EventKind::Changed {
                to, trigger, by, ..
            } => {
                info!(task.name = %name, task.scope = %scope, by = by.as_deref(), "{name} is {to}, {trigger}");
            }
            EventKind::Ended { reason } => {
                info!(task.name = %name, task.scope = %scope, "{name} ended: {reason}");
            }
            EventKind::Began => info!(task.name = %name, task.scope = %scope, "{name} begins"),
            other => {
                debug!(task.name = %name, task.scope = %scope, event = ?other, "{name} is at work")
            }
        }
    }
}
