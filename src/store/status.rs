//! What a process knows of its ownership of the database, and of the database's condition.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::sync::watch;

use super::{Error, Result};

/// Shared by every clone of a [`Db`](super::Db) and its transactions.
pub(super) struct Status {
    pub(super) place: String,
    /// The newest epoch that this process was given, or found when it opened the database; 0 when there is none.
    epoch: AtomicI64,
    ownership: watch::Sender<Ownership>,
    damaged: AtomicBool,
}

/// Whether this process may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    Held,
    /// The lock went with its connection; nobody else is known to have taken it.
    Lost,
    /// Another process has taken over, for good.
    Superseded,
    /// It was never asked for.
    None,
}

impl Status {
    pub(super) fn new(place: String) -> Self {
        Self::with(place, Ownership::Held)
    }

    /// Of a process that reads beside the owner.
    pub(super) fn reading(place: String) -> Self {
        Self::with(place, Ownership::None)
    }

    fn with(place: String, ownership: Ownership) -> Self {
        Self {
            place,
            epoch: AtomicI64::new(0),
            ownership: watch::Sender::new(ownership),
            damaged: AtomicBool::new(false),
        }
    }

    pub(super) fn epoch(&self) -> i64 {
        self.epoch.load(Ordering::Acquire)
    }

    pub(super) fn set_epoch(&self, epoch: i64) {
        self.epoch.store(epoch, Ordering::Release);
    }

    /// Being superseded is for good.
    pub(super) fn set_ownership(&self, ownership: Ownership) {
        self.ownership.send_modify(|now| {
            if *now != Ownership::Superseded {
                *now = ownership;
            }
        });
    }

    /// Refuses to write without ownership.
    pub(super) fn check(&self) -> Result<()> {
        match *self.ownership.borrow() {
            Ownership::Held => Ok(()),
            Ownership::Lost => Err(Error::LockLost),
            Ownership::Superseded => Err(Error::Superseded),
            Ownership::None => Err(Error::ReadOnly),
        }
    }

    pub(super) async fn superseded(&self) {
        let mut ownership = self.ownership.subscribe();
        let superseded = ownership.wait_for(|now| *now == Ownership::Superseded);
        if superseded.await.is_err() {
            unreachable!("the sender is borrowed here");
        }
    }

    /// Passes an error on, and remembers when it says that the file is damaged.
    pub(super) fn note(&self, error: sqlx::Error) -> Error {
        let error = Error::from(error);
        if error.says_damaged() && !self.damaged.swap(true, Ordering::Relaxed) {
            tracing::error!("{}", self.damage(&error));
        }
        error
    }

    /// What the database said when it was found to be damaged.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    pub(super) fn damage(&self, reason: &impl ToString) -> Error {
        Error::Damaged {
            place: self.place.clone(),
            reason: reason.to_string(),
        }
    }
}
