//! How often sessions may be started: a number per day, and per shard bucket one in 5 s.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

/// After this, all starts are there again.
const PERIOD: TimeDelta = TimeDelta::hours(24);
/// How long a bucket of shards is closed after an IDENTIFY.
const PAUSE: TimeDelta = TimeDelta::seconds(5);

/// What the simulator allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StartLimits {
    /// Sessions per day.
    pub(crate) total: u64,
    /// How many shards may identify at once: shard `n` is in bucket `n % max_concurrency`.
    pub(crate) max_concurrency: u64,
    /// Whether a bucket is closed for 5 s after an IDENTIFY.
    pub(crate) paced: bool,
}

impl Default for StartLimits {
    fn default() -> Self {
        Self {
            total: 1000,
            max_concurrency: 16,
            paced: false,
        }
    }
}

/// What the limits say to an IDENTIFY.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// Go on.
    Allowed,
    /// Its bucket is closed for a moment.
    TooSoon,
    /// No start is left.
    Exhausted,
}

#[derive(Debug, Default)]
pub(crate) struct Starts {
    since: Option<DateTime<Utc>>,
    used: u64,
    last: HashMap<u64, DateTime<Utc>>,
}

impl Starts {
    /// Counts an IDENTIFY of this shard, unless it is refused.
    pub(crate) fn take(&mut self, now: DateTime<Utc>, shard: u64, limits: StartLimits) -> Verdict {
        if self.remaining(now, limits) == 0 {
            return Verdict::Exhausted;
        }
        let bucket = shard % limits.max_concurrency.max(1);
        let recent = self.last.get(&bucket).is_some_and(|it| now - it < PAUSE);
        if limits.paced && recent {
            return Verdict::TooSoon;
        }
        if self.is_over(now) {
            (self.since, self.used) = (Some(now), 0);
        }
        self.used += 1;
        self.last.insert(bucket, now);
        Verdict::Allowed
    }

    /// How many sessions may still be started.
    pub(crate) fn remaining(&self, now: DateTime<Utc>, limits: StartLimits) -> u64 {
        let used = if self.is_over(now) { 0 } else { self.used };
        limits.total.saturating_sub(used)
    }

    /// How long until all starts are there again: 0 when none was used.
    pub(crate) fn reset_after(&self, now: DateTime<Utc>) -> TimeDelta {
        let end = self.since.map_or(now, |since| since + PERIOD);
        (end - now).max(TimeDelta::zero())
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.reset_after(now) == TimeDelta::zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: StartLimits = StartLimits {
        total: 3,
        max_concurrency: 2,
        paced: true,
    };

    #[track_caller]
    fn check(starts: &mut Starts, second: i64, shard: u64, verdict: Verdict) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        assert_eq!(starts.take(now, shard, LIMITS), verdict);
    }

    #[test]
    fn a_bucket_pauses_and_a_day_is_counted_down() {
        let mut starts = Starts::default();
        check(&mut starts, 0, 0, Verdict::Allowed);
        check(&mut starts, 0, 2, Verdict::TooSoon);
        check(&mut starts, 0, 1, Verdict::Allowed);
        check(&mut starts, 4, 0, Verdict::TooSoon);
        check(&mut starts, 5, 0, Verdict::Allowed);
        check(&mut starts, 10, 1, Verdict::Exhausted);
        check(&mut starts, 86_399, 1, Verdict::Exhausted);
        check(&mut starts, 86_400, 1, Verdict::Allowed);
    }

    #[test]
    fn what_remains_is_told_with_the_time_until_all_is_back() {
        let mut starts = Starts::default();
        let now = DateTime::UNIX_EPOCH;
        let told = |starts: &Starts, second| {
            let now = now + TimeDelta::seconds(second);
            (starts.remaining(now, LIMITS), starts.reset_after(now))
        };
        assert_eq!(told(&starts, 0), (3, TimeDelta::zero()));
        starts.take(now, 0, LIMITS);
        assert_eq!(told(&starts, 400), (2, TimeDelta::seconds(86_000)));
        assert_eq!(told(&starts, 86_400), (3, TimeDelta::zero()));
    }
}
