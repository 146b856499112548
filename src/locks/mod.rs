//! Locks by key, for async and for blocking code alike, that know who holds them and who waits.
//!
//! They are of this process alone and end with it; what must hold over a crash belongs in the database.

mod error;
mod holder;
mod key;
mod registry;

use std::{collections::BTreeMap, panic::Location, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith_tasks::Clock;
use tokio::runtime::Handle;

pub use error::LockError;
pub use key::Key;

use holder::Holder;
use registry::Registry;

/// How long a lock is waited for unless it is said.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Every lock of the process. Cheap to clone.
#[derive(Clone)]
pub struct Locks {
    registry: Arc<Registry>,
    runtime: Handle,
}

/// A lock that is held. Dropping it gives the lock to whoever has waited longest, also when a panic drops it.
#[must_use = "the lock is free again when this is dropped"]
pub struct Guard {
    registry: Arc<Registry>,
    key: Key,
    ticket: u64,
}

/// A lock that is held, and who waits for it, those first who get it first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// What is locked.
    pub key: Key,
    /// The module, its method, command or task, and the line that took it.
    pub holder: String,
    /// When it was taken.
    pub since: DateTime<Utc>,
    /// Who waits.
    pub waiting: Vec<Waiting>,
}

/// Somebody who waits for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// As [`Held::holder`].
    pub waiter: String,
    /// When it asked.
    pub since: DateTime<Utc>,
}

/// How locks of one name were waited for since the start; those that were free count nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waits {
    /// How often.
    pub count: u64,
    /// For how long in all.
    pub total: Duration,
    /// The longest time.
    pub longest: Duration,
}

impl Locks {
    /// # Panics
    /// Outside of a tokio runtime.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            registry: Arc::new(Registry::new(clock)),
            runtime: Handle::current(),
        }
    }

    /// Waits for `key`, 30 s at the most. Whoever asks first is first.
    ///
    /// # Errors
    /// As [`Locks::lock_within`].
    #[track_caller]
    pub fn lock<K: Into<Key>>(
        &self,
        key: K,
    ) -> impl Future<Output = Result<Guard, LockError>> + Send + use<K> {
        self.at(key.into(), PATIENCE, Location::caller())
    }

    /// Waits for `key`, for `patience` by the host's clock at the most.
    ///
    /// # Errors
    /// [`LockError::TimedOut`] names who holds it; [`LockError::Again`] comes at once when that is the call of
    /// the command, listener or task that asks, whose blocking calls are part of it.
    #[track_caller]
    pub fn lock_within<K: Into<Key>>(
        &self,
        key: K,
        patience: Duration,
    ) -> impl Future<Output = Result<Guard, LockError>> + Send + use<K> {
        self.at(key.into(), patience, Location::caller())
    }

    /// As [`Locks::lock`], for code that blocks.
    ///
    /// # Errors
    /// As [`Locks::lock_within`].
    ///
    /// # Panics
    /// In async code, which must not block.
    #[track_caller]
    pub fn lock_blocking(&self, key: impl Into<Key>) -> Result<Guard, LockError> {
        self.lock_blocking_within(key, PATIENCE)
    }

    /// As [`Locks::lock_within`], for code that blocks.
    ///
    /// # Errors
    /// As [`Locks::lock_within`].
    ///
    /// # Panics
    /// In async code, which must not block.
    #[track_caller]
    pub fn lock_blocking_within(
        &self,
        key: impl Into<Key>,
        patience: Duration,
    ) -> Result<Guard, LockError> {
        let locked = self.at(key.into(), patience, Location::caller());
        self.runtime.block_on(locked)
    }

    /// Asks when it is first polled, as whoever polls it then.
    fn at(
        &self,
        key: Key,
        patience: Duration,
        place: &'static Location<'static>,
    ) -> impl Future<Output = Result<Guard, LockError>> + Send + use<> {
        let registry = Arc::clone(&self.registry);
        async move {
            let who = Holder::current(place);
            let (ticket, turn) = registry.ask(key, &who)?;
            let guard = Guard {
                registry,
                key,
                ticket,
            };
            let Some(turn) = turn else {
                return Ok(guard);
            };
            tokio::select! {
                biased;
                _ = turn => Ok(guard),
                () = guard.registry.clock.sleep(patience) => {
                    let blame = guard.registry.blame(key, ticket, &who, patience);
                    blame.map_or(Ok(guard), Err)
                }
            }
        }
    }

    /// Which locks are held, by key, and who waits for them.
    pub fn held(&self) -> Vec<Held> {
        self.registry.held()
    }

    /// How long was waited for locks since the start, by their names without ids.
    pub fn waits(&self) -> BTreeMap<&'static str, Waits> {
        self.registry.waits()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.registry.leave(self.key, self.ticket);
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Guard").field(&self.key).finish()
    }
}

#[cfg(test)]
mod tests;
