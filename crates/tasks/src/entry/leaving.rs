//! Tasks that are taken out.

use chrono::{DateTime, Utc};
use tokio::sync::oneshot;

use super::Entry;
use crate::{core::Core, cursor::State, outcome::Stage, store::RunRecord};

impl Entry {
    /// Takes the task out: its life ends at once, and then `reply` is told.
    pub(crate) fn leave(&mut self, reply: oneshot::Sender<()>, core: &mut Core) {
        self.leavers.push(reply);
        self.go(core);
    }

    /// As [`leave`](Self::leave), and its row is deleted before `reply` is told.
    pub(crate) fn delete(&mut self, reply: Option<oneshot::Sender<()>>, core: &mut Core) {
        self.is_deleted = true;
        self.leavers.extend(reply);
        self.go(core);
    }

    /// Whatever was asked before: nothing is waited for but what ends in order.
    fn go(&mut self, core: &mut Core) {
        self.is_leaving = true;
        self.by_hand = 0;
        self.cancel_runs(core);
        self.cancel_hooks(Stage::Before);
    }

    /// Tells `reply` when the task that is being taken out is gone.
    pub(crate) fn tell_when_gone(&mut self, reply: oneshot::Sender<()>) {
        self.leavers.push(reply);
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.is_leaving
    }

    pub(crate) fn is_deleted(&self) -> bool {
        self.is_deleted
    }

    /// Whether it is a member of a family that is over, well or not, and was not touched since.
    pub(crate) fn is_retired(&self, since: DateTime<Utc>) -> bool {
        let is_over = match self.cursor.state {
            State::Finished => true,
            State::Failed => self.trigger.only_slot().is_some(),
            State::Active | State::Stopped => false,
        };
        let is_old = self.cursor.updated_at < since;
        self.spec.is_member && is_over && is_old && self.is_quiet()
    }

    pub(crate) fn take_leavers(&mut self) -> Vec<oneshot::Sender<()>> {
        std::mem::take(&mut self.leavers)
    }

    /// What is still to be accounted for when the task comes back.
    pub(crate) fn take_cut_off(&mut self) -> Vec<RunRecord> {
        std::mem::take(&mut self.cut_off).into()
    }

    /// Whether the task was taken out and nothing of it is left.
    pub(crate) fn is_gone(&self) -> bool {
        self.is_leaving && self.is_quiet()
    }

    /// Tells those who took the task out.
    pub(crate) fn say_goodbye(&mut self) {
        for leaver in self.leavers.drain(..) {
            // Whoever gave up waiting needs no answer.
            let _ = leaver.send(());
        }
    }
}
