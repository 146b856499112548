//! A run in progress, and the handle on its call.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures_util::future::AbortHandle;
use tokio_util::sync::CancellationToken;

use super::Entry;
use crate::{
    cursor::{Claim, Cursor},
    presence::Presence,
    store::{RunRecord, RunState},
};

/// Code that is async and does not give its thread back for so long holds up others.
const STALL: Duration = Duration::from_secs(1);

/// A run that was claimed and has not ended.
pub(super) struct Live {
    pub(super) number: u64,
    pub(super) life: u64,
    pub(super) claim: Claim,
    pub(super) claimed_at: DateTime<Utc>,
    pub(super) is_told_to_end: bool,
    pub(super) call: Option<InProgress>,
}

/// A run that has failed, for what is decided about it later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failed {
    pub(super) run: u64,
    pub(super) life: u64,
    pub(super) slot: DateTime<Utc>,
    pub(super) attempt: u32,
}

/// A handle on user code that is being run.
pub(super) struct InProgress {
    pub(super) cancel: CancellationToken,
    pub(super) presence: Arc<Presence>,
    pub(super) abort: AbortHandle,
    pub(super) is_stall_told: bool,
}

impl InProgress {
    /// Tells the code to end.
    pub(super) fn cancel(&self) {
        if !self.cancel.is_cancelled() {
            self.presence.stir();
            self.cancel.cancel();
        }
    }

    /// For how long the code has not given its thread back, once for each time that it does not.
    pub(super) fn newly_stalled(&mut self) -> Option<Duration> {
        let blocked = self.presence.blocked();
        let is_stalled = blocked.is_some_and(|blocked| blocked >= STALL);
        let is_new = is_stalled && !std::mem::replace(&mut self.is_stall_told, is_stalled);
        self.is_stall_told = is_stalled;
        blocked.filter(|_| is_new)
    }
}

impl Live {
    /// Whether its end moves the life that `cursor` is in.
    pub(super) fn counts(&self, cursor: &Cursor) -> bool {
        self.life == cursor.life && self.claim.cause.is_scheduled()
    }

    pub(super) fn failed(&self) -> Failed {
        Failed {
            run: self.number,
            life: self.life,
            slot: self.claim.slot,
            attempt: self.claim.attempt,
        }
    }

    pub(super) fn record(&self, entry: &Entry, state: RunState) -> RunRecord {
        RunRecord {
            task: entry.id,
            number: self.number,
            life: self.life,
            slot_at: self.claim.slot,
            attempt: self.claim.attempt,
            cause: self.claim.cause,
            state,
            missed: self.claim.missed,
            started_at: self.claimed_at,
            finished_at: None,
            error: None,
        }
    }
}
