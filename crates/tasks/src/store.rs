//! What an engine needs from a database: seven transactions and two reads.
//!
//! One engine owns a store at a time. [`Store::open`] hands out an *epoch*; whoever opens later gets a
//! higher one, and every write of a lower epoch is refused as a whole. So the engine's own memory is
//! the truth while it lives, each write is a small batch that replaces cursors and adds runs, and a
//! process that was paused and comes back can do no harm.

use std::{fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::BoxFuture;
use serde::Serialize;

use crate::{cursor::Cursor, instant::plus, outcome::Cause};

/// Names a task in a store: a number that the store gives when a name and scope first come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TaskId(pub i64);

/// A process's claim on a store; higher is newer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Epoch(pub i64);

/// Why a store did not do what it was asked to. Nothing of the transaction was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A newer epoch owns the store.
    #[error("another engine has taken over")]
    Fenced,
    /// Another engine has the store and is alive.
    #[error("{owner} has the store{}", Until(.until))]
    Occupied {
        /// How the other engine calls itself.
        owner: String,
        /// When the store is free, unless the other engine is heard of again.
        until: Option<DateTime<Utc>>,
    },
    /// The write does not follow from what is stored: another writer, or a defect.
    #[error("conflicting write: {0}")]
    Conflict(String),
    /// The database cannot be reached, is busy, full or read-only: worth another attempt.
    #[error("the database is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be read.
    #[error("unreadable row: {0}")]
    Unreadable(String),
}

struct Until<'a>(&'a Option<DateTime<Utc>>);

impl fmt::Display for Until<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |until| write!(f, " until {until}"))
    }
}

/// What [`Store::open`] found.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The new epoch; every later write carries it.
    pub epoch: Epoch,
    /// Runs that an earlier process began and did not finish, and that no process has answered for:
    /// those that are marked as abandoned and whose number is above their cursor's `answered`.
    pub abandoned: Vec<RunRecord>,
}

/// A task as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRow {
    /// The number that the store gave.
    pub id: TaskId,
    /// With `scope` the durable key.
    pub name: Arc<str>,
    /// Empty for a task that exists once.
    pub scope: Arc<str>,
    /// Everything that changes.
    pub cursor: Cursor,
}

/// A task to be found by its name and scope, or added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// With `scope` the durable key.
    pub name: Arc<str>,
    /// Empty for a task that exists once.
    pub scope: Arc<str>,
    /// How the task begins when it is not known yet.
    pub cursor: Cursor,
}

/// How far a run got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Claimed; not finished yet.
    Running,
    /// The body returned `Ok`.
    Ok,
    /// The body returned `Err`.
    Error,
    /// The body panicked.
    Panic,
    /// The body took longer than it may.
    Timeout,
    /// Somebody cancelled it, or the engine shut down.
    Cancelled,
    /// The process ended while it ran.
    Abandoned,
    /// No run: slots that were missed and are not made up for.
    Skipped,
}

/// One attempt for one slot, or a note about slots that were missed. All instants in whole milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// The task.
    pub task: TaskId,
    /// Counts the records of a task from 1, without gaps while every run is recorded.
    pub number: u64,
    /// Which life of the task: counts its starts.
    pub life: u64,
    /// The ideal instant.
    pub slot_at: DateTime<Utc>,
    /// From 1.
    pub attempt: u32,
    /// Why it was made.
    pub cause: Cause,
    /// How far it got.
    pub state: RunState,
    /// Slots before this one that were missed and are not made up for.
    pub missed: u64,
    /// When it was claimed.
    pub started_at: DateTime<Utc>,
    /// `None` exactly while it is running.
    pub finished_at: Option<DateTime<Utc>>,
    /// What went wrong, in at most 1,000 characters.
    pub error: Option<Arc<str>>,
}

/// One step of one task: its cursor from now on and, when the step began or ended a run, that run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The task.
    pub task: TaskId,
    /// Replaces the stored cursor, whose `version` must be one less.
    pub cursor: Cursor,
    /// Added when its number is new, else replaces the run of that number.
    pub run: Option<RunRecord>,
}

/// What [`Store::prune`] leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The newest runs of each task that are kept whatever their age.
    pub per_task: u64,
    /// Other runs that are `Ok`, `Cancelled` or `Skipped` and began before this are deleted.
    pub successes_since: DateTime<Utc>,
    /// Other runs that began before this are deleted whatever their state.
    pub failures_since: DateTime<Utc>,
}

/// Keeps tasks and runs. Every method is one transaction: all of it or nothing.
pub trait Store: Send + Sync + 'static {
    /// Takes the store over: raises the epoch, and marks every running run as abandoned with
    /// `finished_at = now`.
    ///
    /// A store that can tell that another engine is alive, by a lock or a lease, refuses with
    /// [`StoreError::Occupied`] until that engine has closed or is gone. Any other takes over at once.
    fn open<'a>(
        &'a self,
        owner: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Opened, StoreError>>;

    /// The rows of these names and scopes, no two of which are the same, in their order. Those that there
    /// are not are added with their cursors.
    fn register<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [Registration],
    ) -> BoxFuture<'a, Result<Vec<TaskRow>, StoreError>>;

    /// Applies `changes` in order.
    ///
    /// Refused with [`StoreError::Conflict`] when a task is unknown, or when the version of a cursor is
    /// not one more than that of the cursor before it, in the store or in `changes`.
    fn commit<'a>(
        &'a self,
        epoch: Epoch,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Notes that the engine of `epoch` is alive. Called about every 5 s.
    fn beat(&self, epoch: Epoch, now: DateTime<Utc>) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Notes that the engine of `epoch` ended in good order.
    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Every task, also those whose code no longer exists, by name and scope.
    fn tasks(&self) -> BoxFuture<'_, Result<Vec<TaskRow>, StoreError>>;

    /// The newest `limit` runs of a task, newest first.
    fn history(
        &self,
        task: TaskId,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<RunRecord>, StoreError>>;

    /// Deletes tasks with all their runs, and tells how many there were.
    fn delete<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<u64, StoreError>>;

    /// Deletes old runs, never a running one, and tells how many.
    fn prune(&self, epoch: Epoch, retention: Retention) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Lets the database tidy itself up, such as what it knows of its tables for planning. Called about
    /// once a day; by default there is nothing to do.
    fn optimise(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl RunRecord {
    /// How long after its slot the run was claimed.
    #[must_use]
    pub fn lateness(&self) -> TimeDelta {
        self.started_at - self.slot_at
    }

    /// From claim to end; `None` while it is running.
    #[must_use]
    pub fn duration(&self) -> Option<TimeDelta> {
        Some(self.finished_at? - self.started_at)
    }
}

impl Retention {
    /// The newest 100 runs of each task, all of 30 days, failures of 90 days.
    #[must_use]
    pub fn standard(now: DateTime<Utc>) -> Self {
        Self {
            per_task: 100,
            successes_since: plus(now, TimeDelta::days(-30)),
            failures_since: plus(now, TimeDelta::days(-90)),
        }
    }

    /// Whether a run that is not among the newest of its task may go.
    #[must_use]
    pub fn drops(&self, run: &RunRecord) -> bool {
        let since = match run.state {
            RunState::Running => return false,
            RunState::Ok | RunState::Cancelled | RunState::Skipped => self.successes_since,
            _ => self.failures_since,
        };
        run.started_at < since
    }
}

macro_rules! text_form {
    ($type:ty, $($variant:ident = $text:literal),+) => {
        impl $type {
            /// The text that a store keeps.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// Reads the text that a store keeps.
            ///
            /// # Errors
            /// [`StoreError::Unreadable`](crate::StoreError::Unreadable) for any other text.
            pub fn from_text(text: &str) -> Result<Self, $crate::StoreError> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::StoreError::Unreadable(format!(
                        concat!(stringify!($type), " {:?}, expected one of ", $($text, " ",)+), other
                    ))),
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use text_form;

text_form!(
    RunState,
    Running = "running",
    Ok = "ok",
    Error = "error",
    Panic = "panic",
    Timeout = "timeout",
    Cancelled = "cancelled",
    Abandoned = "abandoned",
    Skipped = "skipped"
);

text_form!(
    Cause,
    Schedule = "schedule",
    CatchUp = "catchup",
    Retry = "retry",
    Manual = "manual",
    Backfill = "backfill",
    Hook = "hook"
);
