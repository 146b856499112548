//! The durable half of a task, and every step it can take: pure, no clock, no store.
//!
//! A step changes the cursor in memory; the engine then writes the whole cursor, and only when that is
//! written does anything follow that somebody could see. So after a crash the store holds the state
//! before a step or after it, never between.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    outcome::Cause,
    policy::{First, Misfire, Policy},
    store::text_form,
    trigger::Trigger,
};

/// Whether a task is to run. Survives restarts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Runs when it is due.
    #[default]
    Active,
    /// Stopped or cancelled by request.
    Stopped,
    /// Gave up: too many failures in a row, or its `before` hook failed.
    Failed,
    /// Done: its count of runs is reached.
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
    /// The next slot. `Some` exactly while active.
    pub next_at: Option<DateTime<Utc>>,
    /// When there is something to do: the next slot, or an earlier retry. `Some` exactly while active.
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
    /// What went wrong last; stays until something else does.
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

/// What is to be done about a task whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Not yet, or not while something is live.
    Wait,
    /// A run was claimed.
    Run(Claim),
    /// Slots came due while a run was live.
    Skipped { slot: DateTime<Utc>, count: u64 },
    /// Slots were missed, and none is made up for.
    Missed { slot: DateTime<Utc>, count: u64 },
}

/// The right to run once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) slot: DateTime<Utc>,
    pub(crate) attempt: u32,
    pub(crate) cause: Cause,
    pub(crate) missed: u64,
}

impl Cursor {
    /// The cursor of a task that is registered for the first time.
    pub(crate) fn new(trigger: &Trigger, policy: &Policy, now: DateTime<Utc>) -> Self {
        let mut cursor = Self {
            state: State::Stopped,
            default_trigger: trigger.to_string().into(),
            updated_at: now,
            ..Self::default()
        };
        if policy.auto_start {
            cursor.start(trigger, policy.first, now);
        }
        cursor
    }

    /// Begins a new life.
    pub(crate) fn start(&mut self, trigger: &Trigger, first: First, now: DateTime<Utc>) {
        if first != First::Rhythm {
            self.anchor_at = None;
        }
        self.life += 1;
        self.loop_index = 0;
        self.fails = 0;
        self.forget_retry();
        let next = match (first, self.anchor_at) {
            (First::AfterInterval, _) => after(trigger, now),
            (_, None) => now,
            (_, Some(anchor)) => on_grid(trigger, anchor, now),
        };
        self.state = State::Active;
        self.aim(next);
    }

    /// Ends the life for good: nothing is due until `start`.
    pub(crate) fn end(&mut self, state: State) {
        self.state = state;
        self.forget_retry();
        self.next_at = None;
        self.wake_at = None;
    }

    /// Re-aims at the next slot of `trigger`, which has just replaced `before`.
    pub(crate) fn re_aim(
        &mut self,
        before: &Trigger,
        trigger: &Trigger,
        first: First,
        now: DateTime<Utc>,
    ) {
        let Some(next) = self.next_at else { return };
        let next = match self.anchor_at {
            Some(anchor) => after(trigger, anchor).max(now),
            None if first != First::AfterInterval => next,
            None => (next - step(before) + step(trigger)).max(now),
        };
        self.next_at = Some(next);
        if self.retry_slot.is_none() || self.wake_at.is_none_or(|wake| wake >= next) {
            self.forget_retry();
            self.wake_at = Some(next);
        }
    }

    /// Makes up for what a restart of the process cannot know.
    pub(crate) fn resume(&mut self, trigger: &Trigger, policy: &Policy, now: DateTime<Utc>) {
        if self.state != State::Active {
            return;
        }
        let next = self.next_at.unwrap_or(now).min(after(trigger, now));
        let is_blind = policy.history == crate::History::None && next < now;
        let next = match self.anchor_at {
            _ if !is_blind => next,
            Some(anchor) if policy.misfire == Misfire::Skip => on_grid(trigger, anchor, now),
            _ => now,
        };
        self.next_at = Some(next);
        let retry_at = self
            .wake_at
            .filter(|wake| self.retry_slot.is_some() && *wake < next);
        if retry_at.is_none() {
            self.forget_retry();
        }
        self.wake_at = Some(retry_at.unwrap_or(next));
    }

    /// The life opens: a first slot that waited for the `before` hook is due now, not late.
    pub(crate) fn open(&mut self, first: First, now: DateTime<Utc>) {
        if self.anchor_at.is_none() && first != First::AfterInterval && self.next_at < Some(now) {
            self.aim(now);
        }
    }

    /// Decides what to do at `now`. `is_live` tells whether a run of the task is in progress.
    pub(crate) fn due(
        &mut self,
        trigger: &Trigger,
        policy: &Policy,
        catch_up: &mut Option<DateTime<Utc>>,
        is_live: bool,
        now: DateTime<Utc>,
    ) -> Due {
        let (Some(next), Some(wake)) = (self.next_at, self.wake_at) else {
            return Due::Wait;
        };
        if wake > now {
            return Due::Wait;
        }
        if let Some(slot) = self.retry_slot.filter(|_| next > now) {
            return if is_live {
                Due::Wait
            } else {
                self.claim_retry(slot, next)
            };
        }
        self.forget_retry();
        if catch_up.is_some_and(|through| next <= through) {
            return if is_live {
                Due::Wait
            } else {
                self.claim_slot(trigger, next, Cause::CatchUp, 0)
            };
        }
        *catch_up = None;
        let (newest, behind) = trigger.newest(next, now);
        if is_live {
            self.skipped += behind + 1;
            self.aim(after(trigger, newest));
            return Due::Skipped {
                slot: newest,
                count: behind + 1,
            };
        }
        self.claim_due(trigger, policy, catch_up, newest, behind, now)
    }

    /// A slot, and perhaps `behind` earlier ones, has come and nothing is live.
    fn claim_due(
        &mut self,
        trigger: &Trigger,
        policy: &Policy,
        catch_up: &mut Option<DateTime<Utc>>,
        newest: DateTime<Utc>,
        behind: u64,
        now: DateTime<Utc>,
    ) -> Due {
        let lateness = now - newest;
        let is_missed = lateness > delta(policy.grace);
        let is_lost = lateness > delta(policy.catch_up_window);
        match policy.misfire {
            _ if !is_missed && behind == 0 => self.claim_slot(trigger, newest, Cause::Schedule, 0),
            _ if is_lost => self.miss(trigger, newest, behind + 1),
            Misfire::Skip if is_missed => self.miss(trigger, newest, behind + 1),
            Misfire::All(max) if max > 0 => {
                let step = trigger.interval().as_millis().max(1);
                let window = (policy.catch_up_window.as_millis()
                    - lateness.num_milliseconds().max(0).unsigned_abs() as u128)
                    / step;
                let again = behind
                    .min(u64::from(max) - 1)
                    .min(u64::try_from(window).unwrap_or(u64::MAX));
                *catch_up = Some(newest);
                let oldest = newest - step_times(trigger, again);
                self.claim_slot(trigger, oldest, Cause::CatchUp, behind - again)
            }
            _ => {
                let cause = if is_missed {
                    Cause::CatchUp
                } else {
                    Cause::Schedule
                };
                self.claim_slot(trigger, newest, cause, behind)
            }
        }
    }

    /// An extra run, which leaves the schedule alone.
    pub(crate) fn claim_manual(&mut self, now: DateTime<Utc>) -> Claim {
        Claim {
            slot: now,
            attempt: 1,
            cause: Cause::Manual,
            missed: 0,
        }
    }

    /// The slot failed and is tried again at `at`, unless the next slot comes first.
    pub(crate) fn retry(&mut self, slot: DateTime<Utc>, attempt: u32, at: DateTime<Utc>) -> bool {
        let fits = self.state == State::Active && self.next_at.is_some_and(|next| at < next);
        if fits {
            self.retry_slot = Some(slot);
            self.attempt = attempt;
            self.wake_at = Some(at);
        }
        fits
    }

    /// Moves every instant ahead by `by`: an interval keeps its rhythm when the wall hand is stepped.
    pub(crate) fn shift(&mut self, by: TimeDelta) {
        for instant in [&mut self.anchor_at, &mut self.next_at, &mut self.wake_at] {
            *instant = instant.and_then(|at| at.checked_add_signed(by));
        }
    }

    fn claim_slot(
        &mut self,
        trigger: &Trigger,
        slot: DateTime<Utc>,
        cause: Cause,
        missed: u64,
    ) -> Due {
        self.missed += missed;
        self.anchor_at = Some(slot);
        self.aim(after(trigger, slot));
        Due::Run(Claim {
            slot,
            attempt: 1,
            cause,
            missed,
        })
    }

    fn claim_retry(&mut self, slot: DateTime<Utc>, next: DateTime<Utc>) -> Due {
        let attempt = self.attempt + 1;
        self.forget_retry();
        self.wake_at = Some(next);
        Due::Run(Claim {
            slot,
            attempt,
            cause: Cause::Retry,
            missed: 0,
        })
    }

    fn miss(&mut self, trigger: &Trigger, newest: DateTime<Utc>, count: u64) -> Due {
        self.missed += count;
        self.anchor_at = Some(newest);
        self.aim(after(trigger, newest));
        Due::Missed {
            slot: newest,
            count,
        }
    }

    fn aim(&mut self, next: DateTime<Utc>) {
        self.next_at = Some(next);
        self.wake_at = Some(next);
    }

    fn forget_retry(&mut self) {
        self.retry_slot = None;
        self.attempt = 0;
    }
}

/// The slot after `slot`. An interval is at most 10 years, so only a clock at the end of the calendar
/// has none; it then stays where it is.
fn after(trigger: &Trigger, slot: DateTime<Utc>) -> DateTime<Utc> {
    trigger.next_after(slot).unwrap_or(slot)
}

/// The first slot at or after `now` on the grid of `anchor`, which has been claimed itself.
fn on_grid(trigger: &Trigger, anchor: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let first = after(trigger, anchor);
    let (newest, _) = trigger.newest(first, now);
    if newest >= now {
        newest
    } else {
        after(trigger, newest)
    }
}

fn step(trigger: &Trigger) -> TimeDelta {
    delta(trigger.interval())
}

fn step_times(trigger: &Trigger, times: u64) -> TimeDelta {
    let millis = trigger
        .interval()
        .as_millis()
        .saturating_mul(u128::from(times));
    TimeDelta::milliseconds(i64::try_from(millis).unwrap_or(i64::MAX))
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
