//! The status that handles read.

use std::sync::Arc;

use super::{Entry, LifeStage};
use crate::{
    core::Core,
    cursor::State,
    outcome::EndReason,
    status::{Phase, Status},
};

impl Entry {
    /// Notes that the snapshot is out of date.
    pub(super) fn touch(&mut self, core: &mut Core) {
        if !self.is_dirty {
            self.is_dirty = true;
            core.dirty.push(self.id);
        }
    }

    /// Brings the snapshot up to date. Waking nobody is not free, so it is left out while the only
    /// receiver is the one that handles copy.
    pub(crate) fn publish(&mut self) {
        self.is_dirty = false;
        let snapshot = self.snapshot();
        self.status.send_if_modified(|status| {
            *status = snapshot;
            self.status.receiver_count() > 1
        });
    }

    pub(super) fn snapshot(&self) -> Status {
        let status = Status::new(&self.spec, &self.cursor, &self.trigger);
        Status {
            next_run_at: status.next_run_at.filter(|_| self.idle_gate().is_none()),
            phase: self.phase(),
            is_being_cancelled: self.is_being_cancelled(),
            held_by: self.held_by(),
            is_overdue: self.vigil.is_overdue(),
            ..status
        }
    }

    fn phase(&self) -> Phase {
        match self.life.as_ref().map(|life| life.stage) {
            Some(LifeStage::Starting) => Phase::Starting,
            Some(LifeStage::Ending | LifeStage::After) => Phase::Ending,
            _ if !self.live.is_empty() => Phase::Running,
            _ if self.held_by().is_some() => Phase::Held,
            None => Phase::Idle,
            Some(LifeStage::Open) if self.cursor.retry_slot.is_some() => Phase::Backoff,
            Some(LifeStage::Open) => Phase::Waiting,
        }
    }

    /// The name of the gate that an active task waits for.
    fn held_by(&self) -> Option<Arc<str>> {
        let is_active = self.cursor.state == State::Active;
        let gate = self.closed_gate().or_else(|| self.idle_gate());
        let gate = gate.filter(|_| is_active)?;
        Some(gate.name().clone())
    }

    fn is_being_cancelled(&self) -> bool {
        let life = self.life.as_ref();
        let reason = life.and_then(|life| life.reason.or(life.asked));
        reason == Some(EndReason::Cancelled) || self.live.iter().any(|live| live.is_told_to_end)
    }
}
