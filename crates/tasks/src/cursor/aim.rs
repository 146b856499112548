//! Where the next slot is when something else than a run moves it: another trigger, a restart of the
//! process, a `before` hook that took its time, a wall clock that was set.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Cursor, State};
use crate::{
    instant::{delta, plus},
    plan::Plan,
    policy::{First, History, Misfire},
    trigger::Trigger,
};

impl Cursor {
    /// Re-aims at the next slot of the plan's trigger, which has just replaced `before`.
    pub(crate) fn re_aim(&mut self, before: &Trigger, plan: Plan<'_>, now: DateTime<Utc>) {
        if self.state != State::Active {
            return;
        }
        let next = match (plan.trigger.interval(), self.anchor_at) {
            (None, anchor) => plan
                .trigger
                .only_slot()
                .or_else(|| plan.on_grid(anchor, now)),
            (Some(_), Some(anchor)) => plan.after(anchor).map(|next| next.max(now)),
            (Some(_), None) => Some(self.first_of_interval(before, plan, now)),
        };
        self.next_at = next;
        let is_next_earlier = self
            .wake_at
            .is_none_or(|wake| next.is_some_and(|next| wake >= next));
        if self.retry_slot.is_none() || is_next_earlier {
            self.forget_retry();
            self.aim(plan, next);
        }
    }

    /// The first slot of a life that has had none, when an interval replaces `before`.
    fn first_of_interval(
        &self,
        before: &Trigger,
        plan: Plan<'_>,
        now: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let began = match (before.interval(), self.next_at) {
            (Some(interval), Some(next)) if plan.policy.first == First::AfterInterval => {
                plus(next, -delta(interval))
            }
            (Some(_), Some(next)) => return next,
            _ if plan.policy.first == First::AfterInterval => now,
            _ => return now,
        };
        plan.after(began).map_or(now, |next| next.max(now))
    }

    /// Makes up for what a restart of the process cannot know.
    pub(crate) fn resume(&mut self, plan: Plan<'_>, now: DateTime<Utc>) {
        if self.state != State::Active {
            return;
        }
        if self.is_unaimed(plan.trigger) {
            return self.aim_at_first(plan, now);
        }
        let (stored, wake) = (self.next_at, self.wake_at);
        self.next_at = if plan.trigger.follows_the_wall() {
            self.resume_calendar(plan, now)
        } else {
            self.resume_interval(plan, now)
        };
        let is_earlier = |wake: &DateTime<Utc>| self.next_at.is_none_or(|next| *wake < next);
        let retry_at = wake.filter(|wake| self.retry_slot.is_some() && is_earlier(wake));
        if retry_at.is_some() {
            return;
        }
        let had_retry = self.retry_slot.is_some();
        self.forget_retry();
        if stored != self.next_at || wake.is_none() || wake == stored || had_retry {
            self.aim(plan, self.next_at);
        }
    }

    /// A clock that is behind costs at most one interval.
    fn resume_interval(&self, plan: Plan<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        plan.trigger.interval()?;
        let next = self.next_at.unwrap_or(now).min(plan.after(now)?);
        if plan.policy.history != History::None || next >= now {
            return Some(next);
        }
        match self.anchor_at {
            Some(_) if plan.policy.misfire == Misfire::Skip => plan.on_grid(self.anchor_at, now),
            _ => Some(now),
        }
    }

    /// A slot that is still to come is worked out anew: the clock may have been set, and laws about
    /// clocks change. Without a history nobody knows whether a slot that is past was missed.
    fn resume_calendar(&self, plan: Plan<'_>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_blind = plan.policy.history == History::None;
        match self.next_at {
            next if plan.trigger.only_slot().is_some() => next,
            Some(next) if next <= now && !is_blind => Some(next),
            _ => plan.on_grid(self.anchor_at, now),
        }
    }

    /// Nothing was to be done until now: slots that have passed are let go, and so is a retry. Tells
    /// whether the cursor has moved.
    pub(crate) fn pass_idle_slots(&mut self, plan: Plan<'_>, now: DateTime<Utc>) -> bool {
        let has_passed = self.wake_at.is_some_and(|wake| wake < now);
        let is_passing = self.state == State::Active && has_passed;
        if !is_passing || plan.trigger.only_slot().is_some() {
            return false;
        }
        let passed = self.next_at.filter(|next| *next < now);
        self.forget_retry();
        self.aim(
            plan,
            match passed {
                Some(passed) => plan.on_grid(self.anchor_at.or(Some(passed)), now),
                None => self.next_at,
            },
        );
        true
    }

    /// The life opens: a first slot that waited for the `before` hook is due now, not late.
    pub(crate) fn open(&mut self, plan: Plan<'_>, now: DateTime<Utc>) {
        let is_at_once = match plan.policy.first {
            First::Rhythm => !plan.trigger.follows_the_wall(),
            First::Now => plan.trigger.only_slot().is_none(),
            First::AfterInterval => false,
        };
        if is_at_once && self.anchor_at.is_none() && self.next_at.is_some_and(|next| next < now) {
            self.aim(plan, Some(now));
        }
    }

    /// The wall hand was stepped by `by`: an interval keeps its rhythm, a calendar follows the wall,
    /// and a pause before a retry keeps its length.
    pub(crate) fn shift(&mut self, plan: Plan<'_>, by: TimeDelta, now: DateTime<Utc>) {
        if !plan.trigger.follows_the_wall() {
            for instant in [&mut self.anchor_at, &mut self.next_at, &mut self.wake_at] {
                *instant = instant.and_then(|at| at.checked_add_signed(by));
            }
            if self.state == State::Active && self.next_at.is_none() {
                self.aim(plan, plan.on_grid(self.anchor_at, now));
            }
            return;
        }
        let is_to_come = self.next_at.is_none_or(|next| next > now);
        if plan.trigger.only_slot().is_none() && self.state == State::Active && is_to_come {
            self.next_at = plan.on_grid(self.anchor_at, now);
        }
        let (slot, attempt) = (self.retry_slot, self.attempt);
        let retry_at = self.wake_at.and_then(|at| at.checked_add_signed(by));
        self.forget_retry();
        if self.next_at.is_some() {
            self.aim(plan, self.next_at);
        }
        if let (Some(slot), Some(at)) = (slot, retry_at) {
            self.retry(slot, attempt, at);
        }
    }
}
