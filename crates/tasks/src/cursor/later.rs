//! Steps that are taken while the policies of the task are not known, because its code is not there.
//!
//! What depends on them is left open: a slot that is `None` though the trigger has slots is the first of a life, and
//! a wake-up just at its slot is worked out anew. [`Cursor::resume`] does both when the code is there.

use chrono::{DateTime, Utc};

use super::{Cursor, State};
use crate::{plan::Plan, policy::First, trigger::Trigger};

impl Cursor {
    /// Begins a new life, whose first slot is still to be worked out unless it is the only one.
    pub(crate) fn start_later(&mut self, trigger: &Trigger) {
        self.life += 1;
        self.loop_index = 0;
        self.fails = 0;
        self.forget_retry();
        self.state = State::Active;
        self.next_at = trigger.only_slot();
        self.wake_at = self.next_at;
    }

    /// As [`re_aim`](Self::re_aim). A life that has had no run keeps its first slot when an interval replaces another.
    pub(crate) fn re_aim_later(&mut self, before: &Trigger, plan: Plan<'_>, now: DateTime<Utc>) {
        if self.state != State::Active {
            return;
        }
        match plan.trigger.only_slot() {
            Some(only) => {
                self.forget_retry();
                self.next_at = Some(only);
            }
            None if self.next_at.is_none() => {}
            None => self.re_aim(before, plan, now),
        }
        if self.retry_slot.is_none() {
            self.wake_at = self.next_at;
        }
    }

    /// Whether the first slot of the life was left open.
    pub(super) fn is_unaimed(&self, trigger: &Trigger) -> bool {
        self.next_at.is_none() && self.retry_slot.is_none() && trigger.only_slot().is_none()
    }

    /// Works the first slot of the life out, as [`start`](Self::start) would have.
    pub(super) fn aim_at_first(&mut self, plan: Plan<'_>, now: DateTime<Utc>) {
        if plan.policy.first != First::Rhythm {
            self.anchor_at = None;
        }
        self.aim(plan, plan.first(self.anchor_at, now));
    }
}
