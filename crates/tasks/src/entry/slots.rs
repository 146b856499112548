//! Slots: what comes due, and finds that it may run or not.

use chrono::{DateTime, Utc};

use super::Entry;
use crate::{
    core::{Core, Then},
    cursor::{Due, Scene, State},
    event::EventKind,
    outcome::Cause,
    plan::Plan,
    policy::History,
    store::{RunRecord, RunState},
};

impl Entry {
    /// The timer of the task has fired.
    pub(crate) fn fire(&mut self, core: &mut Core) {
        self.armed = None;
        if self.closed_gate().is_some() || self.idle_gate().is_some() {
            return;
        }
        let now = core.now();
        if self.is_count_in_hand() || self.is_making_amends() {
            self.is_held = true;
            self.is_excused |= self.is_on_time(now);
            return;
        }
        if self.has_failed_by_waiting(core) {
            return;
        }
        let scene = Scene {
            catch_up: &mut self.catch_up,
            live: self.live.len(),
            is_queued: self.is_queued,
            is_excused: std::mem::take(&mut self.is_excused),
            now,
        };
        let plan = Plan::new(&self.trigger, &self.spec);
        match self.cursor.due(plan, scene) {
            Due::Wait => self.hold(),
            Due::Run(claim) => {
                self.is_queued = false;
                self.claim(claim, None, core);
            }
            Due::Skipped { slot, count } => {
                self.is_unsaved = true;
                self.tell(EventKind::Skipped { slot, count }, core);
            }
            Due::Missed { slot, count } => self.note_missed(slot, count, core),
            Due::Replace => {
                self.hold();
                self.cancel_runs(core);
            }
        }
    }

    /// There is something to do again: the slots that have passed meanwhile are let go.
    pub(super) fn pass_idle_slots(&mut self, core: &Core) {
        let is_idle = self.idle_gate().is_some();
        if std::mem::replace(&mut self.was_idle, is_idle) && !is_idle {
            let plan = Plan::new(&self.trigger, &self.spec);
            self.is_unsaved |= self.cursor.pass_idle_slots(plan, core.now());
        }
    }

    /// A retry that something has held until the next slot is not made, and its slot has failed; tells
    /// whether that was one failure too many.
    fn has_failed_by_waiting(&mut self, core: &mut Core) -> bool {
        let is_overtaken = self.cursor.next_at.is_some_and(|next| next <= core.now());
        if self.cursor.retry_slot.is_none() || !is_overtaken {
            return false;
        }
        self.give_up_retry(core);
        let is_over = self.cursor.state != State::Active;
        if is_over {
            self.write(None, Then::Nothing, core);
        }
        is_over
    }

    /// Whether what is due is not late yet.
    fn is_on_time(&self, now: DateTime<Utc>) -> bool {
        let grace = Plan::new(&self.trigger, &self.spec).grace();
        self.cursor.wake_at.is_some_and(|wake| now - wake <= grace)
    }

    /// What is due waits until a live run has ended.
    fn hold(&mut self) {
        self.is_held = !self.live.is_empty();
        self.is_queued = self.is_held;
    }

    /// Whether the live runs would complete the count if all went well.
    fn is_count_in_hand(&self) -> bool {
        let left = self
            .spec
            .policy
            .count
            .map(|count| count.saturating_sub(self.cursor.loop_index));
        let live = self
            .live
            .iter()
            .filter(|live| live.counts(&self.cursor))
            .count();
        live > 0 && left.is_some_and(|left| u64::try_from(live).is_ok_and(|live| live >= left))
    }

    pub(super) fn has_room(&self) -> bool {
        self.live.len() < self.spec.policy.overlap.most_live()
    }

    /// Counts a slot that finds a run in progress.
    pub(super) fn skip(&mut self, slot: DateTime<Utc>, count: u64, core: &mut Core) {
        self.cursor.skipped += count;
        self.is_unsaved = true;
        self.tell(EventKind::Skipped { slot, count }, core);
        self.touch(core);
    }

    fn note_missed(&mut self, slot: DateTime<Utc>, count: u64, core: &mut Core) {
        self.is_unsaved = true;
        self.tell(EventKind::Missed { slot, count }, core);
        let is_over = self.end_if_over(State::Finished, core);
        if self.spec.policy.history == History::None {
            if is_over {
                self.write(None, Then::Nothing, core);
            }
            return;
        }
        self.cursor.records += 1;
        let now = core.now();
        let note = RunRecord {
            task: self.id,
            number: self.cursor.records,
            life: self.cursor.life,
            slot_at: slot,
            attempt: 0,
            cause: Cause::Schedule,
            state: RunState::Skipped,
            missed: count,
            started_at: now,
            finished_at: Some(now),
            error: None,
        };
        self.write(Some(note), Then::Nothing, core);
    }
}
