//! What is to be done about a task whose time has come.

use chrono::{DateTime, TimeDelta, Utc};

use super::Cursor;
use crate::{
    outcome::Cause,
    plan::Plan,
    policy::{Misfire, Overlap},
};

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
    /// Whether what is due was on time and has waited for amends.
    pub(crate) is_excused: bool,
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
    /// Decides what to do at `now`.
    pub(crate) fn due(&mut self, plan: Plan<'_>, scene: Scene<'_>) -> Due {
        let Scene {
            catch_up,
            live,
            is_queued,
            is_excused,
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
                let is_skipped = plan.policy.misfire == Misfire::Skip && lateness > plan.grace();
                if is_skipped && is_excused {
                    return self.claim_slot(plan, newest, Cause::CatchUp, behind);
                }
                self.claim_due(plan, catch_up, newest, behind, lateness, now)
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
        let attempt = self.attempt.saturating_add(1);
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
}
