//! Amends for the past: runs that a crash cut off, and past slots that somebody asks for.
//!
//! They are made one at a time, while nothing else of the task is live. A slot that comes due meanwhile
//! waits for the end of that run, and is not skipped for it.

use super::Entry;
use crate::{
    core::{Core, Then},
    cursor::{Backfill, Claim, State},
    event::EventKind,
    outcome::Cause,
    plan::Plan,
    policy::OnCrash,
    store::RunRecord,
};

impl Entry {
    /// Takes over the runs that a crash cut off, and writes off those that are not run again.
    pub(super) fn take_over(&mut self, mut cut_off: Vec<RunRecord>, core: &mut Core) {
        cut_off.sort_unstable_by_key(|run| run.number);
        self.cut_off = cut_off.into();
        self.write_off(core);
    }

    /// Begins the next run that makes amends, if it is time for one; tells whether the task has ended
    /// instead, because a slot that is given up was one failure too many.
    pub(super) fn make_amends(&mut self, core: &mut Core) -> bool {
        let is_between_attempts = self.cursor.retry_slot.is_some();
        let is_calm = self.live.is_empty() && !is_between_attempts && self.closed_gate().is_none();
        let has_code = !self.spec.is_adopted;
        if !is_calm || core.closing || !core.started || self.is_leaving || !has_code {
            return false;
        }
        if self.is_open() && self.gives_up(core) {
            return true;
        }
        let claim = self.claim_cut_off(core).or_else(|| self.claim_past(core));
        if let Some(claim) = claim {
            self.claim(claim, None, core);
            self.amends = Some(self.cursor.records);
        }
        false
    }

    fn gives_up(&mut self, core: &mut Core) -> bool {
        let before = self.cursor.state;
        self.write_off(core);
        let is_over = self.cursor.state != before;
        if is_over {
            self.write(None, Then::Nothing, core);
        }
        is_over
    }

    /// Whether a slot that comes due waits because amends are being made: for the run that makes them
    /// when there is no room besides it, and for every run that a crash cut off.
    pub(super) fn is_making_amends(&self) -> bool {
        let is_live = |number| self.live.iter().any(|live| live.number == number);
        let is_in_the_way = self.amends.is_some_and(is_live) && !self.has_room();
        let is_between_attempts = self.cursor.retry_slot.is_some();
        let are_more_to_come = !self.cut_off.is_empty() && !self.live.is_empty();
        is_in_the_way || (are_more_to_come && !is_between_attempts)
    }

    /// Gives up everything that was still to be made up for.
    pub(super) fn give_up_amends(&mut self, core: &Core) {
        self.cursor.backfill = None;
        while let Some(run) = self.cut_off.pop_front() {
            self.account_for(&run, core);
        }
    }

    fn claim_cut_off(&mut self, core: &mut Core) -> Option<Claim> {
        if !self.is_open() {
            return None;
        }
        let run = self.cut_off.pop_front()?;
        self.account_for(&run, core);
        let is_scheduled = run.cause.is_scheduled();
        Some(Claim {
            slot: run.slot_at,
            attempt: run.attempt.saturating_add(1),
            cause: if is_scheduled {
                Cause::Retry
            } else {
                run.cause
            },
            missed: 0,
        })
    }

    /// The next past slot, unless one of the present is due.
    fn claim_past(&mut self, core: &Core) -> Option<Claim> {
        let is_due = self.cursor.wake_at.is_some_and(|wake| wake <= core.now());
        let may_run = self.is_open() || (self.life.is_none() && !self.is_active());
        if is_due || !may_run {
            return None;
        }
        let Backfill { at, until, left } = self.cursor.backfill?;
        let next = Plan::new(&self.trigger, &self.spec).after(at);
        let next = next.filter(|next| *next <= until && *next > at && left > 1);
        self.cursor.backfill = next.map(|at| Backfill {
            at,
            until,
            left: left - 1,
        });
        Some(Claim {
            slot: at,
            attempt: 1,
            cause: Cause::Backfill,
            missed: 0,
        })
    }

    /// Accounts for the oldest runs that were cut off, up to one that is to be run again.
    pub(super) fn write_off(&mut self, core: &mut Core) {
        while let Some(run) = self.cut_off.front() {
            if self.is_run_again(run) {
                return;
            }
            let is_spent = self.is_redone(run) && run.cause.is_scheduled();
            if let Some(run) = self.cut_off.pop_front() {
                self.account_for(&run, core);
            }
            if is_spent {
                self.count_failure(core);
            }
        }
    }

    fn is_run_again(&self, run: &RunRecord) -> bool {
        self.is_redone(run) && run.attempt < self.spec.policy.attempts
    }

    fn is_redone(&self, run: &RunRecord) -> bool {
        let is_of_this_life = self.is_active() && run.life == self.cursor.life;
        self.spec.policy.on_crash == OnCrash::Redo && is_of_this_life
    }

    fn is_active(&self) -> bool {
        self.cursor.state == State::Active
    }

    /// What is to be known of the run is in the cursor from now on.
    fn account_for(&mut self, run: &RunRecord, core: &Core) {
        self.cursor.abandoned += 1;
        self.cursor.answered = self.cursor.answered.max(run.number);
        self.cursor.last_error = Some("the process ended during the run".into());
        self.is_unsaved = true;
        self.tell(EventKind::Abandoned { run: run.number }, core);
    }
}
