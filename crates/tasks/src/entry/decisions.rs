//! What error hooks decide about runs that have failed.

use super::{Entry, Failed, LifeStage};
use crate::{
    core::{Core, Then},
    cursor::State,
    decision::Decision,
    event::EventKind,
    instant::{delta, plus},
    outcome::EndReason,
    plan::Plan,
};

impl Entry {
    /// The error hook has returned: does as it says, if there still is something to decide.
    pub(super) fn decide(&mut self, decision: Decision, failed: Failed, core: &mut Core) {
        let before = self.cursor.state;
        let is_over = self.is_leaving || core.closing || failed.life != self.cursor.life;
        if is_over || !matches!(before, State::Active | State::Failed) {
            return;
        }
        let is_newest = failed.run == self.newest_claim && self.live.is_empty();
        let is_moved = match decision {
            Decision::Stop => {
                self.end(EndReason::Stopped, core);
                true
            }
            Decision::Retry if is_newest => self.try_again(failed, core),
            Decision::Continue if is_newest => self.go_on(failed, core),
            Decision::Default | Decision::Retry | Decision::Continue => false,
        };
        if self.cursor.state != before {
            self.tell_change(before, Some("the error hook".into()), core);
        }
        if is_moved {
            self.write(None, Then::Nothing, core);
        }
    }

    fn try_again(&mut self, failed: Failed, core: &Core) -> bool {
        if self.cursor.retry_slot.is_some() {
            return false;
        }
        let is_revived = self.revive(core);
        let pause = self.spec.policy.backoff.pause(failed.attempt);
        let at = plus(core.now(), delta(pause));
        let is_due = self.cursor.retry(failed.slot, failed.attempt, at);
        if is_due {
            self.cursor.fails = self.cursor.fails.saturating_sub(1);
            let run = failed.run;
            self.tell(EventKind::Retried { run, at }, core);
        }
        is_revived || is_due
    }

    fn go_on(&mut self, failed: Failed, core: &Core) -> bool {
        if self.cursor.state == State::Failed {
            return self.trigger.only_slot().is_none() && self.revive(core);
        }
        let is_pending = self.cursor.retry_slot == Some(failed.slot);
        if is_pending {
            self.give_up_retry(core);
            self.end_if_over(State::Failed, core);
        }
        is_pending
    }

    /// Takes back that the task has failed, while its life has not ended and nobody has cancelled it;
    /// tells whether it did.
    fn revive(&mut self, core: &Core) -> bool {
        let life = self.life.as_mut().filter(|life| life.asked.is_none());
        let Some(life) = life else {
            return false;
        };
        let is_ending = self.cursor.state == State::Failed && life.stage == LifeStage::Ending;
        if is_ending {
            (life.stage, life.reason) = (LifeStage::Open, None);
            let plan = Plan::new(&self.trigger, &self.spec);
            self.cursor.revive(plan, core.now());
        }
        is_ending
    }
}
