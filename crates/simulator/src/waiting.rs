//! Waiting for a state of the world, without polling and not for ever.

use std::panic::Location;
use std::time::Duration;

use chrono::TimeDelta;
use thiserror::Error;
use tokio::sync::watch;

use crate::simulator::Simulator;
use crate::world::World;
use crate::world::interaction::Answer;

/// Something that was waited for did not happen.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{expected} did not happen within {within:?}; {state}")]
#[non_exhaustive]
pub struct TimedOut {
    /// What was waited for.
    pub expected: String,
    /// How long was waited, in real time.
    pub within: Duration,
    /// What the simulator looked like then.
    pub state: String,
}

impl Simulator {
    /// Waits until this holds. It is looked at after every change.
    ///
    /// # Panics
    /// When the simulator's patience is over, naming the caller's line and what is pending.
    #[track_caller]
    pub fn until<'a>(
        &'a self,
        holds: impl Fn(&Self) -> bool + Send + Sync + 'a,
    ) -> impl Future<Output = ()> + Send + 'a {
        let place = Location::caller();
        async move {
            let expected = format!("what {}:{} waits for", place.file(), place.line());
            if let Err(error) = self.try_until(&expected, holds).await {
                panic!("{error}");
            }
        }
    }

    /// Waits until this holds. It is looked at after every change.
    ///
    /// # Errors
    /// When the simulator's patience is over; the error names `expected` and what is pending.
    pub async fn try_until(
        &self,
        expected: &str,
        holds: impl Fn(&Self) -> bool + Send + Sync,
    ) -> Result<(), TimedOut> {
        let mut changes = self.changes();
        let wait = async {
            while !holds(self) {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let within = self.core().patience;
        let waited = tokio::time::timeout(within, wait).await;
        waited.map_err(|_| TimedOut {
            expected: expected.to_owned(),
            within,
            state: self.state(),
        })
    }

    /// Returns when everything that happened is with the clients, and nobody waits for an answer
    /// that the bot may still give. What the bot itself still does, the simulator cannot know.
    ///
    /// # Errors
    /// When the simulator's patience is over; the error names what is pending.
    pub async fn quiet(&self) -> Result<(), TimedOut> {
        self.write(World::catch_up);
        self.try_until("quiet", |sim| sim.read(World::is_quiet))
            .await
    }

    /// Moves the simulator's clock forward, and with it every deadline, limit and cool-down; then
    /// waits as [`Self::quiet`] does. For who has no clock of their own to give to the builder: a
    /// given clock is not moved, the simulator's then goes ahead of it.
    ///
    /// # Errors
    /// As [`Self::quiet`].
    pub async fn advance(&self, by: Duration) -> Result<(), TimedOut> {
        let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
        self.write(|world| world.advance(by));
        self.quiet().await
    }

    /// Counts the changes of the world; a receiver wakes after each.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.core().changes()
    }

    /// What people still wait for: interactions that the bot has not answered, or only promised to,
    /// while it still may.
    pub fn pending(&self) -> Vec<String> {
        self.read(World::pending)
    }

    /// What is not with the clients yet, by shard.
    pub fn unsent(&self) -> Vec<String> {
        self.read(World::unsent)
    }

    /// One line about what is connected, pending and missing.
    fn state(&self) -> String {
        format!(
            "{} connected, {} identified, {} resumed, pending: [{}], unsent: [{}], gaps: [{}]",
            self.connections().len(),
            self.identifies(),
            self.resumes(),
            self.pending().join(", "),
            self.unsent().join(", "),
            self.gaps().join(", "),
        )
    }
}

impl World {
    pub(crate) fn pending(&self) -> Vec<String> {
        let interactions = self.interactions.values();
        let open = interactions.filter(|it| self.may_answer(it));
        let pending = open.filter_map(|it| match it.answer {
            Answer::None => Some(format!("/{} unanswered", it.name)),
            Answer::Deferred { .. } => Some(format!("/{} promised", it.name)),
            _ => None,
        });
        pending.collect()
    }

    pub(crate) fn unsent(&self) -> Vec<String> {
        let connected = self.sessions.connected();
        let behind = connected.iter().filter(|it| it.unsent() > 0);
        let told =
            behind.map(|it| format!("shard {}: {} unsent", it.listener.shard.0, it.unsent()));
        told.collect()
    }

    pub(crate) fn is_quiet(&self) -> bool {
        self.pending().is_empty() && self.unsent().is_empty()
    }
}
