//! Why a lock was not given.

use std::time::Duration;

use chrono::{DateTime, Utc};
use cogsmith_tasks::format_duration;

use super::Key;

/// Why a lock was not given. Each names who holds it; what it guards was not touched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Its holder asks for it again, and would wait for itself.
    #[error("{waiter} asks for the lock {key:?} that it holds itself: {holder}, since {since}", key = key.to_string())]
    Again {
        /// What is locked.
        key: Key,
        /// Where it was taken.
        holder: String,
        /// When it was taken.
        since: DateTime<Utc>,
        /// Where it was asked for again.
        waiter: String,
    },
    /// It was not free in time.
    #[error("{waiter} waited {patience} for the lock {key:?}, which is held by {holder}, since {since}",
        key = key.to_string(), patience = format_duration(*patience))]
    TimedOut {
        /// What is locked.
        key: Key,
        /// Who holds it.
        holder: String,
        /// When it was taken.
        since: DateTime<Utc>,
        /// Who waited.
        waiter: String,
        /// For how long.
        patience: Duration,
    },
}
