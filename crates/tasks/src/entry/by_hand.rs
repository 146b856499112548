//! Runs by hand: extra runs that somebody asks for.

use super::Entry;
use crate::{core::Core, mail::Answer, policy::Overlap};

impl Entry {
    /// Whether a run by hand may begin, wait, or take the place of the live one.
    pub(super) fn admits_by_hand(&self) -> bool {
        let has_place = match self.spec.policy.overlap {
            Overlap::Queue(most) => self.by_hand < most,
            Overlap::Replace => true,
            Overlap::Skip | Overlap::Allow(_) => false,
        };
        has_place || self.has_room()
    }

    /// Runs by hand that waited for the live run begin when it has ended.
    pub(super) fn claim_by_hand(&mut self, core: &mut Core) {
        let may_run = self.closed_gate().is_none() && !core.closing;
        while self.by_hand > 0 && self.has_room() && may_run {
            self.by_hand -= 1;
            let claim = self.cursor.claim_manual(core.now());
            self.claim(claim, None, core);
        }
    }

    /// One extra run, now or when the live one has ended.
    pub(super) fn run_now(&mut self, answer: Answer, core: &mut Core) {
        if !self.has_room() {
            self.by_hand += 1;
            if self.spec.policy.overlap == Overlap::Replace {
                self.by_hand = 1;
                self.cancel_runs(core);
            }
            return self.answer(answer, false, core);
        }
        let claim = self.cursor.claim_manual(core.now());
        self.claim(claim, Some(answer), core);
        self.touch(core);
    }
}
