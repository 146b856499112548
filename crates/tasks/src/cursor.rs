//! The durable half of a task, and every step it can take: pure, no clock, no store.
//!
//! A step changes the cursor in memory; the engine then writes the whole cursor, and only when that is
//! written does anything follow that somebody could see. So after a crash the store holds the state
//! before a step or after it, never between.

mod aim;
mod due;
mod later;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{plan::Plan, policy::First, spec::TaskSpec, store::text_form, trigger::Trigger};
pub(crate) use due::{Claim, Due, Scene};

/// Whether a task is to run. Survives restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Runs when it is due.
    #[default]
    Active,
    /// Stopped or cancelled by request.
    Stopped,
    /// Gave up: too many failures in a row, its `before` hook failed, or its only slot did.
    Failed,
    /// Done: its count of runs is reached, or its only slot is over.
    Finished,
}

text_form!(
    State,
    Active = "active",
    Stopped = "stopped",
    Failed = "failed",
    Finished = "finished"
);

/// Everything about a task that changes and survives. All instants in whole milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Whether the task is to run.
    pub state: State,
    /// The trigger that the code asks for, in its text form.
    pub default_trigger: Arc<str>,
    /// The trigger that `change_interval` set; wins over the default.
    pub override_trigger: Option<Arc<str>>,
    /// Counts the starts: `start` and `restart` begin a new life.
    pub life: u64,
    /// The last slot that was claimed: the grid stands on it. `None` before the first.
    pub anchor_at: Option<DateTime<Utc>>,
    /// The next slot; while runs overlap in a queue, the oldest that waits. `None` unless active, and
    /// when no slot is left: of a manual trigger, or while the last run of a task that runs once is live.
    pub next_at: Option<DateTime<Utc>>,
    /// When there is something to do: the next slot with its jitter, or an earlier retry. `None` when
    /// there is neither.
    pub wake_at: Option<DateTime<Utc>>,
    /// The slot that is to be tried again, between two attempts.
    pub retry_slot: Option<DateTime<Utc>>,
    /// How many attempts `retry_slot` has had; 0 when none is to be tried again.
    pub attempt: u32,
    /// Successful runs in this life, manual ones aside.
    pub loop_index: u64,
    /// Slots that failed in a row.
    pub fails: u64,
    /// Attempts that were begun, ever.
    pub runs_total: u64,
    /// Slots that came due while a run was live, ever.
    pub skipped: u64,
    /// Slots that were missed and not made up for, ever.
    pub missed: u64,
    /// Runs that a crash cut off, ever.
    pub abandoned: u64,
    /// The number of the newest run record.
    pub records: u64,
    /// Runs up to this number that a crash cut off have been dealt with.
    pub answered: u64,
    /// Past slots that are still to be run by request.
    pub backfill: Option<Backfill>,
    /// What the task was registered with, as JSON.
    pub payload: Option<Arc<str>>,
    /// What a body put down last, as JSON.
    pub checkpoint: Option<Arc<str>>,
    /// When the last attempt was claimed.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When the last successful attempt ended.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// How long the last attempt took, in milliseconds.
    pub last_duration_ms: Option<u64>,
    /// What went wrong last, in at most 1,000 characters; stays until something else does.
    pub last_error: Option<Arc<str>>,
    /// Who gave the last command, when they said so.
    pub updated_by: Option<Arc<str>>,
    /// When the cursor was written last.
    pub updated_at: DateTime<Utc>,
    /// Counts the writes.
    pub version: u64,
}

/// Past slots that are still to be run by request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// The next slot.
    pub at: DateTime<Utc>,
    /// No slot after this one.
    pub until: DateTime<Utc>,
    /// The most slots that are still run; at least 1.
    pub left: u32,
}

impl Cursor {
    /// The cursor of a task that is registered for the first time.
    pub(crate) fn new(spec: &TaskSpec, now: DateTime<Utc>) -> Self {
        let trigger = spec.chosen.as_ref().unwrap_or(&spec.trigger);
        let plan = Plan::new(trigger, spec);
        let mut cursor = Self {
            state: State::Stopped,
            default_trigger: spec.trigger.to_string().into(),
            override_trigger: spec.chosen.as_ref().map(|own| own.to_string().into()),
            payload: spec.payload.clone().and_then(Result::ok).flatten(),
            updated_at: now,
            ..Self::default()
        };
        if plan.policy.auto_start {
            cursor.start(plan, now);
        }
        cursor
    }

    /// Begins a new life.
    pub(crate) fn start(&mut self, plan: Plan<'_>, now: DateTime<Utc>) {
        if plan.policy.first != First::Rhythm {
            self.anchor_at = None;
        }
        self.life += 1;
        self.loop_index = 0;
        self.fails = 0;
        self.forget_retry();
        self.state = State::Active;
        self.aim(plan, plan.first(self.anchor_at, now));
    }

    /// Ends the life for good: nothing is due until `start`.
    pub(crate) fn end(&mut self, state: State) {
        self.state = state;
        self.forget_retry();
        self.next_at = None;
        self.wake_at = None;
    }

    /// Takes back that the life has ended: on to the next slot.
    pub(crate) fn revive(&mut self, plan: Plan<'_>, now: DateTime<Utc>) {
        self.state = State::Active;
        self.aim(plan, plan.on_grid(self.anchor_at, now));
    }

    /// No further attempt for the slot that failed: on to the next.
    pub(crate) fn give_up_retry(&mut self, plan: Plan<'_>) {
        self.forget_retry();
        self.aim(plan, self.next_at);
    }

    /// Whether an active task has nothing left that could ever be due. One that only finds no slot at the
    /// end of the calendar waits for a clock that is set right.
    pub(crate) fn is_over(&self, trigger: &Trigger) -> bool {
        let is_due_no_more = self.state == State::Active && self.wake_at.is_none();
        is_due_no_more && trigger.only_slot().is_some()
    }

    /// The slot failed and is tried again at `at`, unless the next slot comes first.
    pub(crate) fn retry(&mut self, slot: DateTime<Utc>, attempt: u32, at: DateTime<Utc>) -> bool {
        let fits = self.state == State::Active && self.next_at.is_none_or(|next| at < next);
        if fits {
            self.retry_slot = Some(slot);
            self.attempt = attempt;
            self.wake_at = Some(at);
        }
        fits
    }

    fn aim(&mut self, plan: Plan<'_>, next: Option<DateTime<Utc>>) {
        self.next_at = next;
        self.wake_at = next.map(|next| plan.wake(next));
    }

    fn forget_retry(&mut self) {
        self.retry_slot = None;
        self.attempt = 0;
    }
}
