//! Who changed what, when, where and why: durable, for whoever answers for the bot or a server.
//!
//! What is changed in the bot's own database is recorded in the same transaction, so that neither is there without
//! the other. Anything else, such as a task, is changed first and recorded then, before anybody is told that it is
//! done: a crash in between leaves a change without an entry.

mod by;
mod change;
mod store;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use cogsmith_tasks::Clock;
use parking_lot::RwLock;
use serenity::model::id::{GuildId, UserId};

pub use by::{Actor, By};
pub use change::{Change, Recorded};

use crate::store::{Db, Result, Transaction};

/// The changes that were recorded. Cheap to clone.
#[derive(Clone)]
pub struct Audit(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    keep: Duration,
    /// Every verb that was ever recorded, to be suggested without asking the database.
    verbs: RwLock<BTreeSet<String>>,
}

/// Which changes are asked for; those that nothing is said about are all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this guild.
    pub guild: Option<GuildId>,
    /// Those that this person made.
    pub user: Option<UserId>,
    /// Those whose verb and target have this text in them, in whatever case.
    pub what: Option<String>,
}

impl Audit {
    /// Entries are kept for `keep`.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn open(db: Db, clock: Clock, keep: Duration) -> Result<Self> {
        let verbs = RwLock::new(store::verbs(&db).await?);
        Ok(Self(Arc::new(Inner {
            db,
            clock,
            keep,
            verbs,
        })))
    }

    /// One that keeps entries for a minute.
    #[cfg(test)]
    pub(crate) async fn of(db: &Db) -> Self {
        let keep = Duration::from_secs(60);
        let audit = Self::open(db.clone(), Clock::system(), keep);
        audit.await.unwrap()
    }

    /// Records a change; it is durable when this returns. What is after as it was before is no change, and is not
    /// recorded.
    ///
    /// # Errors
    /// The database refused: the change has happened and is not recorded.
    pub async fn record(&self, change: Change) -> Result<()> {
        let mut transaction = self.0.db.begin().await?;
        self.record_in(&mut transaction, change).await?;
        transaction.commit().await
    }

    /// As [`Audit::record`], in the transaction that makes the change: both are durable with its commit, or neither.
    ///
    /// # Errors
    /// The database refused: the transaction can only be rolled back.
    pub async fn record_in(&self, transaction: &mut Transaction, change: Change) -> Result<()> {
        if change.before.is_some() && change.before == change.after {
            return Ok(());
        }
        store::add(transaction, self.0.clock.now(), &change).await?;
        if !self.0.verbs.read().contains(&change.verb) {
            self.0.verbs.write().insert(change.verb);
        }
        Ok(())
    }

    /// The newest changes, newest first, `most` at the most.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn list(&self, filter: &Filter, most: u32) -> Result<Vec<Recorded>> {
        store::list(&self.0.db, filter, most).await
    }

    /// Every verb that was ever recorded.
    pub fn verbs(&self) -> BTreeSet<String> {
        self.0.verbs.read().clone()
    }

    /// Deletes entries that are older than `AUDIT_DAYS`, and tells how many.
    ///
    /// # Errors
    /// The database refused, and nothing is deleted.
    pub async fn prune(&self) -> Result<u64> {
        let keep = TimeDelta::from_std(self.0.keep).unwrap_or(TimeDelta::MAX);
        let oldest = self.0.clock.now().checked_sub_signed(keep);
        match oldest {
            Some(oldest) => store::prune(&self.0.db, oldest).await,
            None => Ok(0),
        }
    }

    /// Every change that a person made, or that was about them.
    ///
    /// # Errors
    /// The database cannot be read.
    pub async fn of_user(&self, user: UserId) -> Result<Vec<Recorded>> {
        store::of_user(&self.0.db, user).await
    }

    /// Takes a person out of every entry. What was changed stays: it is the server's, or the bot's.
    ///
    /// # Errors
    /// The database refused, and nothing has changed.
    pub async fn forget_user(&self, user: UserId) -> Result<()> {
        store::forget_user(&self.0.db, user).await
    }

    /// Deletes every entry of a guild.
    ///
    /// # Errors
    /// The database refused, and nothing is deleted.
    pub async fn forget_guild(&self, guild: GuildId) -> Result<()> {
        store::forget_guild(&self.0.db, guild).await
    }
}

#[cfg(test)]
mod tests;
