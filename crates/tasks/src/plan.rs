//! The rules of time that one task goes by: its trigger seen through its policies.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;

use crate::{
    instant::{delta, just_before, plus},
    policy::{First, Policy},
    spec::TaskSpec,
    trigger::Trigger,
};

/// Set back by no more than this, a wall clock does not run the slots of a calendar again; by more, it
/// was wrong before. Vixie's cron draws the same line.
const RECALL: TimeDelta = TimeDelta::hours(3);

#[derive(Clone, Copy)]
pub(crate) struct Plan<'a> {
    pub(crate) trigger: &'a Trigger,
    pub(crate) policy: &'a Policy,
    /// A number of its own for each name and scope, the same in every process.
    seat: u64,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(trigger: &'a Trigger, spec: &'a TaskSpec) -> Self {
        let policy = &spec.policy;
        let is_splayed = !policy.splay.is_zero();
        Self {
            trigger,
            policy,
            seat: if is_splayed {
                seat(&spec.name, &spec.scope)
            } else {
                0
            },
        }
    }

    /// The first slot of a life that begins at `now`; `anchor` is the last one of the lives before.
    pub(crate) fn first(
        &self,
        anchor: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let trigger = self.trigger;
        if trigger.is_manual() {
            return None;
        }
        if let Some(only) = trigger.only_slot() {
            return Some(only);
        }
        match (self.policy.first, anchor) {
            (First::Now, _) => Some(now),
            (First::AfterInterval, _) => self.after(now),
            (First::Rhythm, None) if !trigger.follows_the_wall() => Some(now),
            (First::Rhythm, anchor) => self.on_grid(anchor, now),
        }
    }

    /// The slot after `slot`; none at the end of the calendar.
    pub(crate) fn after(&self, slot: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.trigger.next_after(slot)
    }

    /// The first slot at or after `now` that follows `anchor`, which has been claimed itself.
    pub(crate) fn on_grid(
        &self,
        anchor: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let just_before = just_before(now);
        if self.trigger.follows_the_wall() {
            let anchor = anchor.filter(|anchor| *anchor <= plus(now, RECALL));
            return self.after(anchor.map_or(just_before, |anchor| anchor.max(just_before)));
        }
        let first = self.after(anchor?)?;
        let (newest, _) = self.trigger.newest(first, now);
        if newest >= now {
            Some(newest)
        } else {
            self.after(newest)
        }
    }

    /// The first slot at or after `instant`, of the future or the past; `grid` is any slot of an interval.
    pub(crate) fn at_or_after(
        &self,
        grid: Option<DateTime<Utc>>,
        instant: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let Some(interval) = self.trigger.interval() else {
            return self.trigger.next_after(just_before(instant));
        };
        let step = delta(interval).num_milliseconds().max(1);
        let off = (grid.unwrap_or(instant) - instant).num_milliseconds();
        instant.checked_add_signed(TimeDelta::milliseconds(off.rem_euclid(step)))
    }

    /// When to wake for `slot`: at most as late as jitter and splay say, and before the next slot.
    pub(crate) fn wake(&self, slot: DateTime<Utc>) -> DateTime<Utc> {
        let (jitter, splay) = (self.policy.jitter, self.policy.splay);
        if jitter.is_zero() && splay.is_zero() {
            return slot;
        }
        let gap = self
            .trigger
            .next_after(slot)
            .map_or(i64::MAX, |next| (next - slot).num_milliseconds());
        let room = gap.max(1).unsigned_abs();
        let share = self.seat % millis(splay).clamp(1, room);
        let chance = rand::rng().random_range(0..=millis(jitter).min(room - 1 - share));
        let delay = i64::try_from(share + chance)
            .ok()
            .and_then(TimeDelta::try_milliseconds);
        delay
            .and_then(|delay| slot.checked_add_signed(delay))
            .unwrap_or(slot)
    }

    /// How late a run may be without its slot counting as missed.
    pub(crate) fn grace(&self) -> TimeDelta {
        let usual = if self.trigger.follows_the_wall() {
            TimeDelta::seconds(60)
        } else {
            TimeDelta::seconds(1)
        };
        self.policy.grace.map_or(usual, delta)
    }

    /// How old a missed slot may be to be made up for.
    pub(crate) fn window(&self) -> TimeDelta {
        let usual = match self.trigger.only_slot() {
            Some(_) => TimeDelta::MAX,
            None => TimeDelta::hours(24),
        };
        self.policy.catch_up_window.map_or(usual, delta)
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// FNV-1a: spreads evenly, and gives the same number in every build.
fn seat(name: &str, scope: &str) -> u64 {
    let bytes = name.bytes().chain([0]).chain(scope.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{at, every, mins, secs};

    fn noon() -> DateTime<Utc> {
        "2026-06-01T12:00:00Z".parse().unwrap()
    }

    fn spec(scope: &str, trigger: Trigger) -> TaskSpec {
        TaskSpec::new("t", trigger, |_| async { Ok(()) }).scope(scope)
    }

    #[track_caller]
    fn check_delays(spec: &TaskSpec, bound: Duration) {
        for _ in 0..500 {
            let delay = Plan::new(&spec.trigger, spec).wake(noon()) - noon();
            assert!(
                delay >= TimeDelta::zero() && delay <= delta(bound),
                "{delay}"
            );
        }
    }

    #[test]
    fn jitter_stays_within_its_bound_and_before_the_next_slot() {
        check_delays(&spec("", every(secs(3))).jitter(secs(2)), secs(2));
        check_delays(
            &spec("", every(secs(3))).jitter(secs(4)),
            Duration::from_millis(2_999),
        );
        check_delays(&spec("", at(["12:00"])).jitter(mins(5)), mins(5));
        check_delays(
            &spec("a", every(secs(3))).splay(secs(2)).jitter(mins(2)),
            Duration::from_millis(2_999),
        );
        check_delays(
            &spec("a", every(secs(3))).splay(mins(2)),
            Duration::from_millis(2_999),
        );
        check_delays(&spec("", every(secs(3))), Duration::ZERO);
    }

    #[test]
    fn splay_spreads_scopes_and_gives_each_always_the_same_place() {
        let place = |guild: u64| {
            let spec = spec(&format!("guild:{guild}"), every(mins(10))).splay(mins(10));
            Plan::new(&spec.trigger, &spec).wake(noon()) - noon()
        };
        let mut minutes = [0; 10];
        for guild in 0..1_000 {
            assert_eq!(place(guild), place(guild));
            minutes[usize::try_from(place(guild).num_minutes()).unwrap()] += 1;
        }
        assert!(minutes.iter().all(|n| (50..200).contains(n)), "{minutes:?}");
    }
}
