//! What a module may touch: database, Discord's REST API, clock, tasks, owners.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use cogsmith_tasks::{Clock, Engine, ErrorChain, Gate, TaskHandle};
use rand::RngExt;
use serenity::{
    builder::CreateMessage,
    http::Http,
    model::{channel::Nonce, id::UserId},
};

use tracing::warn;

use crate::{
    error::Result,
    events::{Positions, Progress},
    reply::{limits, shorten},
    settings::Settings,
    store::{Db, Transaction},
    switches::Switches,
};

/// Between two questions to a database that does not answer.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The host, as modules see it. Cheap to clone.
#[derive(Clone)]
pub struct Host(Arc<Inner>);

struct Inner {
    db: Db,
    http: Arc<Http>,
    engine: Engine,
    settings: Settings,
    switches: Switches,
    connected: Gate,
    progress: Arc<Progress>,
    owners: BTreeSet<UserId>,
    failures: AtomicU64,
}

impl Host {
    pub(crate) fn new(
        db: Db,
        http: Arc<Http>,
        engine: Engine,
        settings: Settings,
        switches: Switches,
        progress: Arc<Progress>,
        owners: BTreeSet<UserId>,
    ) -> Self {
        Self(Arc::new(Inner {
            db,
            http,
            engine,
            settings,
            switches,
            connected: Gate::closed("Discord"),
            progress,
            owners,
            failures: AtomicU64::new(0),
        }))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Discord's REST API, for serenity's models and builders.
    pub fn http(&self) -> &Arc<Http> {
        &self.0.http
    }

    /// The only clock: in tests it stands until it is moved.
    pub fn clock(&self) -> &Clock {
        self.0.engine.clock()
    }

    /// The present instant of [`Host::clock`].
    pub fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// A task by its full name, `<module>.<task>`.
    ///
    /// # Errors
    /// No loaded module has such a task.
    pub fn task(&self, name: &str) -> Result<TaskHandle> {
        self.0
            .engine
            .task(name)
            .with_context(|| format!("no task is named {name:?}"))
    }

    /// Every task, by name.
    pub fn tasks(&self) -> Vec<TaskHandle> {
        self.0.engine.tasks()
    }

    /// The task engine.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// What each guild has set of what the modules declare.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Which modules are switched on, everywhere and in each guild.
    pub fn switches(&self) -> &Switches {
        &self.0.switches
    }

    /// Open while every shard is connected to Discord: what tasks that talk to Discord need.
    pub fn connected(&self) -> &Gate {
        &self.0.connected
    }

    /// Who may use owner-only commands.
    pub fn owners(&self) -> &BTreeSet<UserId> {
        &self.0.owners
    }

    /// Commits `transaction` together with how far this module has folded events into what it wrote.
    ///
    /// After a crash at any moment each folded event up to `positions` is in the database once, and none is
    /// offered to the module again; later ones are, when the session is resumed.
    ///
    /// # Errors
    /// Nothing was committed: the module keeps what it folded and tries again.
    pub async fn commit_folded(
        &self,
        module: &'static str,
        mut transaction: Transaction,
        positions: &Positions,
    ) -> Result<()> {
        self.0
            .progress
            .write_marks(&mut transaction, module, positions)
            .await?;
        if let Err(error) = transaction.commit().await
            && !self.was_committed(module, positions).await
        {
            return Err(error.into());
        }
        self.0.progress.marks_committed(module, positions);
        Ok(())
    }

    /// A commit may succeed though its answer is lost; taking it for a failure would count everything twice.
    async fn was_committed(&self, module: &'static str, positions: &Positions) -> bool {
        loop {
            match self
                .0
                .progress
                .has_marks(self.db(), module, positions)
                .await
            {
                Ok(was_committed) => return was_committed,
                Err(error) => warn!(
                    module.name = module,
                    "asking what became of a commit: {}",
                    ErrorChain(&error.into())
                ),
            }
            self.clock().sleep(ASK_AGAIN).await;
        }
    }

    /// Sends a direct message to every owner; a longer one is shortened to 2,000 code points.
    ///
    /// # Errors
    /// An owner could not be reached; the others were still tried.
    pub async fn tell_owner(&self, text: impl Into<String>) -> Result<()> {
        let text = text.into();
        let text = shorten(&text, limits::CONTENT);
        let mut told = Ok(());
        for owner in self.owners() {
            let nonce = format!("{:x}", rand::rng().random::<u64>());
            let message = CreateMessage::new()
                .content(&*text)
                .nonce(Nonce::String(nonce))
                .enforce_nonce(true);
            if let Err(error) = owner.direct_message(self.http(), message).await {
                told = Err(error)
                    .with_context(|| format!("sending a direct message to owner {owner}"));
            }
        }
        told
    }

    /// How many commands, listeners and folds have failed unexpectedly since the start.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    pub(crate) fn count_failure(&self) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn progress(&self) -> &Arc<Progress> {
        &self.0.progress
    }
}

#[cfg(test)]
mod tests;
