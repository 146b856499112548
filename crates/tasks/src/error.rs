//! What can go wrong when a task is registered or steered.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::store::StoreError;

/// Why the engine refused or could not do something. Nothing was changed unless a variant says so.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `start` of a task that is active; `ensure_started` accepts that.
    #[error("task {task} is already running")]
    AlreadyRunning {
        /// The name of the task.
        task: Arc<str>,
    },
    /// No task of this name is registered.
    #[error("no task is named {name:?}")]
    UnknownTask {
        /// The name asked for.
        name: String,
    },
    /// A task of this name and scope is registered already.
    #[error("task {name:?} with scope {scope:?} is registered twice")]
    Duplicate {
        /// The name of both.
        name: Arc<str>,
        /// The scope of both.
        scope: Arc<str>,
    },
    /// A name or scope with characters that a durable key must not have.
    #[error("{what} {given:?}, expected 1 to 100 of a-z A-Z 0-9 . _ - :")]
    BadName {
        /// `name` or `scope`.
        what: &'static str,
        /// What was given.
        given: String,
    },
    /// An interval out of bounds.
    #[error("interval {given}, expected 100ms to 10 years")]
    BadInterval {
        /// The interval that was given.
        given: String,
    },
    /// A text that is no trigger, or a trigger without a text form.
    #[error(
        "trigger {given:?}, expected a text such as \"every 10m\", \"at 09:00 in Europe/Berlin\", \
         \"cron 0 9 * * MON\", \"once 2026-12-24T18:00:00Z\" or \"manual\""
    )]
    BadTrigger {
        /// The text that was given.
        given: String,
    },
    /// A text that is no time of day.
    #[error(
        "time of day {given:?}, expected a text such as \"09:00\" or \"21:30:15 in Europe/Berlin\""
    )]
    BadTime {
        /// The text that was given.
        given: String,
    },
    /// No time of day, or too many.
    #[error("{given} times of day, expected 1 to 96")]
    BadTimes {
        /// How many were given.
        given: usize,
    },
    /// A text that is no cron pattern, or one that no day ever matches.
    #[error("cron pattern {given:?}: {why}, expected 5 or 6 fields such as \"0 9 * * MON-FRI\"")]
    BadCron {
        /// The pattern that was given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// A name that is no time zone.
    #[error("time zone {given:?}, expected an IANA name such as \"Europe/Berlin\"")]
    UnknownZone {
        /// The name that was given.
        given: String,
    },
    /// A policy value out of bounds.
    #[error("{what} {given} of task {task}, expected {expected}")]
    BadPolicy {
        /// The name of the task.
        task: Arc<str>,
        /// Which policy.
        what: &'static str,
        /// The value that was given.
        given: String,
        /// The values that are accepted.
        expected: &'static str,
    },
    /// What a task carries cannot be written or read as the code asks.
    #[error("{what} of task {task}, expected {expected}: {why}")]
    BadPayload {
        /// The name of the task.
        task: Arc<str>,
        /// `payload` or `checkpoint`.
        what: &'static str,
        /// The type that the code asks for.
        expected: &'static str,
        /// What is wrong; never more of the value than its place.
        why: String,
    },
    /// A `backfill` of slots that there are not.
    #[error(
        "backfill of task {task} from {from} to {to}, at most {max} slots: expected {expected}"
    )]
    BadBackfill {
        /// The name of the task.
        task: Arc<str>,
        /// The beginning of the span.
        from: DateTime<Utc>,
        /// Its end.
        to: DateTime<Utc>,
        /// The most slots.
        max: u32,
        /// What is accepted.
        expected: &'static str,
    },
    /// An instant that the engine does not reckon with.
    #[error("{what} {given}, expected an instant of the years 0 to 9999")]
    BadInstant {
        /// Whose instant it is, such as `the beginning of a backfill`.
        what: &'static str,
        /// The instant that was given.
        given: DateTime<Utc>,
    },
    /// `trigger_now` while a run is live; the extra run was counted as skipped.
    #[error("task {task} has a run in progress, and its overlap policy allows no further")]
    Overlapped {
        /// The name of the task.
        task: Arc<str>,
    },
    /// `trigger_now` while a gate of the task is closed.
    #[error("task {task} cannot run while {gate:?} is closed")]
    Held {
        /// The name of the task.
        task: Arc<str>,
        /// The name of the gate.
        gate: Arc<str>,
    },
    /// `trigger_now` before [`Engine::start`](crate::Engine::start).
    #[error("the engine has not started, so task {task} cannot run now")]
    NotStarted {
        /// The name of the task.
        task: Arc<str>,
    },
    /// `trigger_now` or `cancel` of a task that was [adopted](crate::Engine::adopt).
    #[error("task {task} is here without its code, so nothing of it runs")]
    NoCode {
        /// The name of the task.
        task: Arc<str>,
    },
    /// The engine panicked over this task, which has failed or, at its registration, is left out. Others
    /// go on; a `start` tries again.
    #[error("the engine panicked over task {task}, which does not run")]
    Panicked {
        /// The name of the task.
        task: Arc<str>,
    },
    /// The task was unregistered; its row and its history are still in the store.
    #[error("task {task} was unregistered")]
    Unregistered {
        /// The name of the task.
        task: Arc<str>,
    },
    /// Another engine has the store and is alive.
    #[error("the task store is in use by {owner}")]
    Occupied {
        /// How the other engine calls itself.
        owner: Arc<str>,
    },
    /// Another engine has taken the store over; this one has stopped for good.
    #[error("another engine has taken over the store")]
    Fenced,
    /// The store could not be opened or read, or it refused what it was told.
    #[error("task store: {0}")]
    Store(#[source] Arc<StoreError>),
    /// Work that blocks has panicked.
    #[error("blocking work panicked: {text}")]
    BlockingPanicked {
        /// What the panic said.
        text: Arc<str>,
    },
    /// Work that blocks was told to end before it had begun.
    #[error("blocking work was cancelled before it began")]
    BlockingCancelled,
    /// The engine was shut down.
    #[error("the task engine was shut down")]
    ShutDown,
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced => Self::Fenced,
            StoreError::Occupied { owner, .. } => Self::Occupied {
                owner: owner.into(),
            },
            other => Self::Store(Arc::new(other)),
        }
    }
}
