//! The durable half of a task, and every step it can take: pure, no clock, no store.
//!
//! A step changes the cursor in memory; the engine then writes the whole cursor, and only when that is
//! written does anything follow that somebody could see. So after a crash the store holds the state
//! before a step or after it, never between.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{
    outcome::Cause,
    plan::Plan,
    policy::{First, History, Misfire, Overlap},
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
    /// The live run is to make way.
    Replace,
}

/// What a task that is due finds.
pub(crate) struct Scene<'a> {
    /// Missed slots up to this one are made up for, one after the other.
    pub(crate) catch_up: &'a mut Option<DateTime<Utc>>,
    /// Runs in progress.
    pub(crate) live: usize,
    /// Whether what is due has waited for a live run.
    pub(crate) is_queued: bool,
    pub(crate) now: DateTime<Utc>,
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
    pub(crate) fn new(plan: Plan<'_>, now: DateTime<Utc>) -> Self {
        let mut cursor = Self {
            state: State::Stopped,
            default_trigger: plan.trigger.to_string().into(),
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

    /// Whether an active task has nothing left that could ever be due.
    pub(crate) fn is_over(&self, trigger: &Trigger) -> bool {
        self.state == State::Active && self.wake_at.is_none() && !trigger.is_manual()
    }

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
                next - interval
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
        if stored != self.next_at || wake.is_none() || had_retry {
            self.aim(plan, self.next_at);
        }
        if self.is_over(plan.trigger) {
            self.end(State::Failed);
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

    /// Decides what to do at `now`.
    pub(crate) fn due(&mut self, plan: Plan<'_>, scene: Scene<'_>) -> Due {
        let Scene {
            catch_up,
            live,
            is_queued,
            now,
        } = scene;
        let Some(wake) = self.wake_at.filter(|wake| *wake <= now) else {
            return Due::Wait;
        };
        let has_room = live < plan.policy.overlap.most_live();
        let is_next_later = self.next_at.is_none_or(|next| next > now);
        if let Some(slot) = self.retry_slot.filter(|_| is_next_later) {
            return if has_room {
                self.claim_retry(plan, slot)
            } else {
                Due::Wait
            };
        }
        self.forget_retry();
        let Some(next) = self.next_at else {
            return Due::Wait;
        };
        if catch_up.is_some_and(|through| next <= through) {
            return if live == 0 {
                self.claim_slot(plan, next, Cause::CatchUp, 0)
            } else {
                Due::Wait
            };
        }
        *catch_up = None;
        let (newest, behind) = plan.trigger.newest(next, now);
        match plan.policy.overlap {
            Overlap::Queue(_) if !has_room => Due::Wait,
            Overlap::Replace if !has_room => Due::Replace,
            _ if !has_room => self.skip(plan, newest, behind + 1),
            Overlap::Queue(most) if is_queued => {
                self.claim_queued(plan, most, next, newest, behind)
            }
            Overlap::Replace if is_queued => self.claim_queued(plan, 1, next, newest, behind),
            _ => {
                let lateness = now
                    - if behind == 0 {
                        wake.max(newest)
                    } else {
                        newest
                    };
                self.claim_due(plan, catch_up, newest, behind, lateness, now)
            }
        }
    }

    /// Slots came due while as many runs were live as may be.
    fn skip(&mut self, plan: Plan<'_>, newest: DateTime<Utc>, count: u64) -> Due {
        self.skipped += count;
        self.aim(plan, plan.after(newest));
        Due::Skipped {
            slot: newest,
            count,
        }
    }

    /// What waited for a live run: the newest `most` slots, the oldest of them first.
    fn claim_queued(
        &mut self,
        plan: Plan<'_>,
        most: u32,
        next: DateTime<Utc>,
        newest: DateTime<Utc>,
        behind: u64,
    ) -> Due {
        let count = (behind + 1).saturating_sub(u64::from(most));
        if count == 0 {
            return self.claim_slot(plan, next, Cause::Schedule, 0);
        }
        let (slot, _) = plan.trigger.steps_before(newest, u64::from(most), next);
        let (kept, _) = plan.trigger.steps_before(newest, u64::from(most) - 1, next);
        self.skipped += count;
        self.next_at = Some(kept);
        self.wake_at = Some(kept);
        Due::Skipped { slot, count }
    }

    /// A slot, and perhaps `behind` earlier ones, has come and there is room to run.
    fn claim_due(
        &mut self,
        plan: Plan<'_>,
        catch_up: &mut Option<DateTime<Utc>>,
        newest: DateTime<Utc>,
        behind: u64,
        lateness: TimeDelta,
        now: DateTime<Utc>,
    ) -> Due {
        let is_missed = lateness > plan.grace();
        let is_lost = lateness > plan.window();
        match plan.policy.misfire {
            _ if !is_missed && behind == 0 => self.claim_slot(plan, newest, Cause::Schedule, 0),
            _ if is_lost => self.miss(plan, newest, behind + 1),
            Misfire::Skip if is_missed => self.miss(plan, newest, behind + 1),
            Misfire::All(max) if max > 0 => {
                let most = behind.min(u64::from(max) - 1);
                let limit = now.checked_sub_signed(plan.window());
                let limit = limit.unwrap_or(DateTime::<Utc>::MIN_UTC);
                let (oldest, again) = plan.trigger.steps_before(newest, most, limit);
                *catch_up = Some(newest);
                self.claim_slot(plan, oldest, Cause::CatchUp, behind - again)
            }
            _ if is_missed => self.claim_slot(plan, newest, Cause::CatchUp, behind),
            _ => self.claim_slot(plan, newest, Cause::Schedule, behind),
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
        let fits = self.state == State::Active && self.next_at.is_none_or(|next| at < next);
        if fits {
            self.retry_slot = Some(slot);
            self.attempt = attempt;
            self.wake_at = Some(at);
        }
        fits
    }

    /// The wall hand was stepped by `by`: an interval keeps its rhythm, a calendar follows the wall,
    /// and a pause before a retry keeps its length.
    pub(crate) fn shift(&mut self, plan: Plan<'_>, by: TimeDelta, now: DateTime<Utc>) {
        if !plan.trigger.follows_the_wall() {
            for instant in [&mut self.anchor_at, &mut self.next_at, &mut self.wake_at] {
                *instant = instant.and_then(|at| at.checked_add_signed(by));
            }
            return;
        }
        if plan.trigger.only_slot().is_none() && self.next_at.is_some_and(|next| next > now) {
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

    fn claim_slot(
        &mut self,
        plan: Plan<'_>,
        slot: DateTime<Utc>,
        cause: Cause,
        missed: u64,
    ) -> Due {
        self.missed += missed;
        self.anchor_at = Some(slot);
        self.aim(plan, plan.after(slot));
        Due::Run(Claim {
            slot,
            attempt: 1,
            cause,
            missed,
        })
    }

    fn claim_retry(&mut self, plan: Plan<'_>, slot: DateTime<Utc>) -> Due {
        let attempt = self.attempt + 1;
        self.forget_retry();
        self.aim(plan, self.next_at);
        Due::Run(Claim {
            slot,
            attempt,
            cause: Cause::Retry,
            missed: 0,
        })
    }

    fn miss(&mut self, plan: Plan<'_>, newest: DateTime<Utc>, count: u64) -> Due {
        self.missed += count;
        self.anchor_at = Some(newest);
        self.aim(plan, plan.after(newest));
        Due::Missed {
            slot: newest,
            count,
        }
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
