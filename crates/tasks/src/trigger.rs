//! When a task is due: one pure function from a slot to the next.
//!
//! A *slot* is the ideal instant a run is for. Lateness, missed counts and freedom from drift all
//! follow from counting in slots rather than from the moment a run happened to begin.

mod at;
mod cron;
mod text;
mod zone;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    duration::Written,
    error::Error,
    instant::{delta, is_kept, just_before, kept},
};

/// The shortest interval: 100 ms.
pub const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// The longest interval: 10 years of 365 days.
pub const MAX_INTERVAL: Duration = Duration::from_hours(10 * 365 * 24);

/// Slots of a calendar are counted one by one, and no further than this.
const MOST_COUNTED: u64 = 10_000;

/// When a task is due. Its text form (`every 10m`) is what the store keeps.
///
/// A trigger is checked where it is used (registration, `change_interval`), so that building one
/// never fails and a bad one changes nothing.
#[derive(Clone, Debug)]
pub struct Trigger(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Every(Duration),
    At(Arc<at::Times>),
    Cron(Arc<cron::Pattern>),
    Once(DateTime<Utc>),
    Manual,
    /// Refused when it is used.
    Unusable {
        text: Arc<str>,
        error: Arc<Error>,
    },
}

/// Due every `interval`, on a grid that does not drift.
///
/// From [`MIN_INTERVAL`] (100 ms) to [`MAX_INTERVAL`] (10 years) in whole milliseconds; anything
/// finer is dropped. Waited for on the monotonic clock, so that setting the wall clock does not move it.
#[must_use]
pub fn every(interval: Duration) -> Trigger {
    let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
    Trigger(Kind::Every(Duration::from_millis(millis)))
}

/// Due at times of day, 1 to 96 of them, such as `09:00`, `18:30:15` or `09:00 in Europe/Berlin`.
///
/// Each time is by the clocks of its own place, an IANA name; without one UTC is meant. A time that
/// the clocks skip when they are put forward is the first valid instant after the gap; one that comes
/// twice when they are put back is its first pass: once a day, either way.
///
/// ```
/// use cogsmith_tasks::at;
/// # use chrono::{DateTime, Utc};
///
/// let morning = at(["09:00 in America/New_York", "09:00 in Asia/Tokyo"]);
/// let now: DateTime<Utc> = "2026-03-08T08:00:00Z".parse().unwrap();
/// let expected: DateTime<Utc> = "2026-03-08T09:00:00-04:00".parse().unwrap();
/// assert_eq!(morning.next_after(now), Some(expected));
/// ```
#[must_use]
pub fn at<T: AsRef<str>>(times: impl IntoIterator<Item = T>) -> Trigger {
    let texts: Vec<_> = times.into_iter().collect();
    match at::Times::read(texts.iter()) {
        Ok(times) => Trigger(Kind::At(Arc::new(times))),
        Err(error) => {
            let texts: Vec<_> = texts.iter().map(AsRef::as_ref).collect();
            Trigger::unusable(format!("at {}", texts.join(", ")), error)
        }
    }
}

/// Due when a cron pattern of 5 or 6 fields matches, such as `0 18 * * SUN` or
/// `*/30 * * * * in Europe/Berlin`; without a place, by UTC. With 6 fields the first is the second.
///
/// Fields hold numbers, `*`, lists, ranges and steps, names of months and weekdays, and the `L`, `W`
/// and `#` of larger crons. When both days are restricted either may match; a `+` before the weekday
/// asks for both.
///
/// A pattern that names times of day (plain numbers, lists and ranges in second, minute and hour)
/// goes by the rules of [`at`]. One with a wildcard or a step there runs in both passes when clocks are
/// put back, in the order of real time, and not at all in the gap when they are put forward.
#[must_use]
pub fn cron(pattern: impl AsRef<str>) -> Trigger {
    match pattern.as_ref().parse() {
        Ok(pattern) => Trigger(Kind::Cron(Arc::new(pattern))),
        Err(error) => Trigger::unusable(format!("cron {}", pattern.as_ref()), error),
    }
}

/// Due at one instant, in whole milliseconds; then the task is finished, or failed when its last
/// attempt did not succeed.
///
/// An instant in the past is due at once unless [`misfire`](crate::TaskSpec::misfire) says otherwise,
/// however long ago it was. A start command makes a finished task run once more.
#[must_use]
pub fn once(instant: DateTime<Utc>) -> Trigger {
    let instant = DateTime::from_timestamp_millis(instant.timestamp_millis()).unwrap_or(instant);
    Trigger(Kind::Once(instant))
}

/// Never due: the task runs when [`trigger_now`](crate::TaskHandle::trigger_now) says so.
#[must_use]
pub fn manual() -> Trigger {
    Trigger(Kind::Manual)
}

impl Trigger {
    /// The time between slots; `None` unless made by [`every`].
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        match self.0 {
            Kind::Every(interval) => Some(interval),
            _ => None,
        }
    }

    /// The slot that follows `slot`; `None` when there is none. Calendars have slots in the years 0 to
    /// 9999, patterns of cron in the years 1 to 5000.
    #[must_use]
    pub fn next_after(&self, slot: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.0 {
            Kind::Every(interval) => slot.checked_add_signed(delta(*interval)),
            Kind::At(times) => times.next_after(kept(slot)).filter(|next| is_kept(*next)),
            Kind::Cron(pattern) => pattern.next_after(kept(slot)).filter(|next| is_kept(*next)),
            Kind::Once(instant) => Some(*instant).filter(|instant| *instant > slot),
            Kind::Manual | Kind::Unusable { .. } => None,
        }
    }

    /// Whether the trigger can be used.
    ///
    /// # Errors
    /// [`Error::BadInterval`] for an interval under 100 ms or above 10 years; [`Error::BadTime`],
    /// [`Error::BadTimes`], [`Error::BadCron`] and [`Error::UnknownZone`] for what they name;
    /// [`Error::BadTrigger`] for an instant whose year has more than four digits.
    pub fn check(&self) -> Result<(), Error> {
        match &self.0 {
            Kind::Every(given) if !(MIN_INTERVAL..=MAX_INTERVAL).contains(given) => {
                Err(Error::BadInterval {
                    given: Written(*given).to_string(),
                })
            }
            Kind::Once(instant) if !is_kept(*instant) => Err(Error::BadTrigger {
                given: self.to_string(),
            }),
            Kind::Unusable { error, .. } => Err(Error::clone(error)),
            _ => Ok(()),
        }
    }

    /// Whether slots are instants of the wall clock, which stay where they are when it is set.
    pub(crate) fn follows_the_wall(&self) -> bool {
        matches!(self.0, Kind::At(_) | Kind::Cron(_) | Kind::Once(_))
    }

    /// The one instant of a task that runs once.
    pub(crate) fn only_slot(&self) -> Option<DateTime<Utc>> {
        match self.0 {
            Kind::Once(instant) => Some(instant),
            _ => None,
        }
    }

    /// Whether the task waits to be run by hand.
    pub(crate) fn is_manual(&self) -> bool {
        matches!(self.0, Kind::Manual)
    }

    /// The newest slot at or before `now` that is `slot` or follows it, and how many steps it is away;
    /// of a calendar no more than 10,000 are counted.
    pub(crate) fn newest(&self, slot: DateTime<Utc>, now: DateTime<Utc>) -> (DateTime<Utc>, u64) {
        if let Kind::Every(interval) = self.0 {
            let step = delta(interval).num_milliseconds().max(1);
            let steps = ((now - slot).num_milliseconds() / step).max(0);
            let newest = slot + TimeDelta::milliseconds(steps * step);
            return (newest, steps.unsigned_abs());
        }
        if self.next_after(slot).is_none_or(|next| next > now) {
            return (slot, 0);
        }
        let newest = self.last_until(now).unwrap_or(slot).max(slot);
        let mut at = newest;
        let steps = (1..MOST_COUNTED).find(|_| {
            at = self.before(at, slot);
            at == slot
        });
        (newest, steps.unwrap_or(MOST_COUNTED))
    }

    /// The slot that is at most `steps` before `newest` and no earlier than `limit`, and how many steps
    /// it is away.
    pub(crate) fn steps_before(
        &self,
        newest: DateTime<Utc>,
        steps: u64,
        limit: DateTime<Utc>,
    ) -> (DateTime<Utc>, u64) {
        if let Kind::Every(interval) = self.0 {
            let step = delta(interval).num_milliseconds().max(1);
            let within = ((newest - limit).num_milliseconds() / step).max(0);
            let made = i64::try_from(steps).unwrap_or(i64::MAX).min(within);
            let slot = newest - TimeDelta::milliseconds(made * step);
            return (slot, made.unsigned_abs());
        }
        let (mut slot, mut made) = (newest, 0);
        while made < steps.min(MOST_COUNTED) {
            let before = self.last_until(just_before(slot));
            let Some(before) = before.filter(|before| *before >= limit) else {
                break;
            };
            (slot, made) = (before, made + 1);
        }
        (slot, made)
    }

    /// The slot before `slot`, but not before `oldest`, which need not be on the calendar.
    fn before(&self, slot: DateTime<Utc>, oldest: DateTime<Utc>) -> DateTime<Utc> {
        let before = self.last_until(just_before(slot));
        before.unwrap_or(oldest).max(oldest)
    }

    fn last_until(&self, instant: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.0 {
            Kind::At(times) => times
                .last_until(kept(instant))
                .filter(|last| is_kept(*last)),
            Kind::Cron(pattern) => pattern
                .last_until(kept(instant))
                .filter(|last| is_kept(*last)),
            Kind::Once(only) => Some(*only).filter(|only| *only <= instant),
            Kind::Every(_) | Kind::Manual | Kind::Unusable { .. } => None,
        }
    }
}

impl PartialEq for Trigger {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Every(a), Kind::Every(b)) => a == b,
            (Kind::At(a), Kind::At(b)) => a == b,
            (Kind::Cron(a), Kind::Cron(b)) => a == b,
            (Kind::Once(a), Kind::Once(b)) => a == b,
            (Kind::Manual, Kind::Manual) => true,
            (Kind::Unusable { text: a, .. }, Kind::Unusable { text: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl Eq for Trigger {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::secs;

    #[test]
    fn the_newest_slot_of_an_interval_is_found_without_counting() {
        let slot = DateTime::from_timestamp(1_000, 0).unwrap();
        let trigger = every(secs(10));
        let newest = |millis| trigger.newest(slot, slot + TimeDelta::milliseconds(millis));
        assert_eq!(newest(-5), (slot, 0));
        assert_eq!(newest(9_999), (slot, 0));
        assert_eq!(newest(35_000), (slot + TimeDelta::seconds(30), 3));
    }

    #[test]
    fn the_newest_slot_of_a_calendar_is_found_also_from_a_slot_beside_it() {
        let noon: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        for trigger in [at(["12:00", "18:00"]), cron("0 12,18 * * *")] {
            let newest = |from, hours| trigger.newest(from, noon + TimeDelta::hours(hours));
            assert_eq!(newest(noon, 5), (noon, 0));
            assert_eq!(newest(noon, 6), (noon + TimeDelta::hours(6), 1));
            assert_eq!(newest(noon, 25), (noon + TimeDelta::hours(24), 2));
            let beside = noon + TimeDelta::minutes(7);
            assert_eq!(newest(beside, 25), (noon + TimeDelta::hours(24), 2));
            let back = |steps| trigger.steps_before(noon + TimeDelta::hours(24), steps, beside);
            assert_eq!(back(1), (noon + TimeDelta::hours(6), 1));
            assert_eq!(back(9), (noon + TimeDelta::hours(6), 1));
        }
    }

    #[test]
    fn slots_of_a_calendar_are_counted_up_to_ten_thousand() {
        let slot: DateTime<Utc> = "2026-06-01T12:00:00Z".parse().unwrap();
        let trigger = cron("* * * * * *");
        let (newest, steps) = trigger.newest(slot, slot + TimeDelta::milliseconds(9_999_999));
        assert_eq!((newest, steps), (slot + TimeDelta::seconds(9_999), 9_999));
        let (newest, steps) = trigger.newest(slot, slot + TimeDelta::days(365));
        assert_eq!((newest, steps), (slot + TimeDelta::days(365), 10_000));
    }
}
