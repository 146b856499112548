//! How often a client may ask: per route and top-level resource, per resource for everybody, and
//! in all. By the simulator's clock; told in headers always, enforced only where limits bite.

use std::collections::HashMap;

use axum::http::response::Builder;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::rest::call::{Answer, Call};

/// Requests of one bot in a second, whatever they ask for.
const GLOBAL: Limit = Limit::new(50, 1_000);
/// What is told where limits do not bite: after every request the bucket is as good as full.
const RELAXED: Limit = Limit::new(50, 20);
const READS: Limit = Limit::new(50, 1_000);
const WRITES: Limit = Limit::new(10, 10_000);

/// Discord keeps its numbers to itself and changes them; these are near what clients see.
const ROUTES: [(&str, Limit); 7] = [
    ("POST channels/{id}/messages", Limit::new(5, 5_000)),
    ("PATCH channels/{id}/messages/{id}", Limit::new(5, 5_000)),
    ("DELETE channels/{id}/messages/{id}", Limit::new(5, 1_000)),
    ("POST channels/{id}/typing", Limit::new(5, 5_000)),
    ("POST guilds/{id}/emojis", Limit::shared(50, 3_600_000)),
    (
        "PATCH guilds/{id}/emojis/{id}",
        Limit::shared(50, 3_600_000),
    ),
    (
        "DELETE guilds/{id}/emojis/{id}",
        Limit::shared(50, 3_600_000),
    ),
];
/// Giving and taking a reaction; the emoji is part of the path.
const REACTIONS: Limit = Limit::new(1, 250);

/// With more buckets than this, those that are over are forgotten.
const BUCKETS_KEPT: usize = 10_000;

#[derive(Clone, Copy, Debug)]
struct Limit {
    requests: u32,
    period: TimeDelta,
    /// Whether all bots share it.
    is_shared: bool,
}

impl Limit {
    const fn new(requests: u32, milliseconds: i64) -> Self {
        Self {
            requests,
            period: TimeDelta::milliseconds(milliseconds),
            is_shared: false,
        }
    }

    const fn shared(requests: u32, milliseconds: i64) -> Self {
        let mut limit = Self::new(requests, milliseconds);
        limit.is_shared = true;
        limit
    }

    fn of(call: &Call) -> Self {
        let shape = call.shape();
        let named = ROUTES.iter().find(|(route, _)| *route == shape);
        match named {
            Some((_, limit)) => *limit,
            None if call.part(4) == "reactions" && call.method != "GET" => REACTIONS,
            None if call.method == "GET" => READS,
            None => WRITES,
        }
    }
}

/// Requests since the first one of a period.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: DateTime<Utc>,
    used: u32,
    period: TimeDelta,
}

impl Window {
    fn left(&self, now: DateTime<Utc>) -> TimeDelta {
        let left = self.since + self.period - now;
        let is_ahead = left > self.period;
        if is_ahead { TimeDelta::zero() } else { left }
    }
}

/// Every bucket that was asked for lately.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    /// Whether limits are enforced.
    pub(crate) bite: bool,
    windows: HashMap<String, Window>,
}

/// What a client is told about its bucket, and whether it must wait.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    bucket: String,
    limit: u32,
    remaining: u32,
    reset: DateTime<Utc>,
    reset_after: TimeDelta,
    refused: Option<Refusal>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Refusal {
    scope: &'static str,
    wait: TimeDelta,
}

impl Rates {
    /// Counts a request of whoever has this token. Answers to interactions have no limit, and what
    /// is asked with the token of an interaction or a webhook does not count in all.
    pub(crate) fn count(&mut self, call: &Call, who: &str, now: DateTime<Utc>) -> Option<Told> {
        if call.part(0) == "interactions" {
            return None;
        }
        let bucket = call.bucket();
        if !self.bite {
            return Some(Told::new(bucket, RELAXED, 1, RELAXED.period, now));
        }
        let counts_in_all = call.part(0) != "webhooks";
        let all = counts_in_all.then(|| self.take(format!("all {who}"), GLOBAL, now));
        let limit = Limit::of(call);
        let name = match limit.is_shared {
            true => format!("{bucket} {}", call.resource()),
            false => format!("{bucket} {} {who}", call.resource()),
        };
        let (used, left) = self.take(name, limit, now);
        let mut told = Told::new(bucket, limit, used, left, now);
        if used > limit.requests {
            let scope = if limit.is_shared { "shared" } else { "user" };
            told.refused = Some(Refusal { scope, wait: left });
        }
        if let Some((used, wait)) = all
            && used > GLOBAL.requests
        {
            let scope = "global";
            told.refused = Some(Refusal { scope, wait });
        }
        Some(told)
    }

    /// Uses a bucket once: how often it was used in its period, and what is left of that.
    fn take(&mut self, name: String, limit: Limit, now: DateTime<Utc>) -> (u32, TimeDelta) {
        if self.windows.len() > BUCKETS_KEPT {
            self.windows
                .retain(|_, window| window.left(now) > TimeDelta::zero());
        }
        let new = Window {
            since: now,
            used: 0,
            period: limit.period,
        };
        let window = self.windows.entry(name).or_insert(new);
        if window.left(now) <= TimeDelta::zero() {
            *window = new;
        }
        window.used = window.used.saturating_add(1);
        (window.used, window.left(now))
    }
}

impl Told {
    fn new(bucket: String, limit: Limit, used: u32, left: TimeDelta, now: DateTime<Utc>) -> Self {
        Self {
            bucket,
            limit: limit.requests,
            remaining: limit.requests.saturating_sub(used),
            reset: now + left,
            reset_after: left,
            refused: None,
        }
    }

    /// The answer to a request that came too soon.
    pub(crate) fn refusal(&self) -> Option<Answer> {
        let Refusal { scope, wait } = self.refused?;
        let body = json!({
            "message": "You are being rate limited.",
            "retry_after": wait.as_seconds_f64(),
            "global": scope == "global",
        });
        let body = Some(body);
        Some(Answer { status: 429, body })
    }

    pub(crate) const fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Puts the headers on an answer.
    pub(crate) fn tell(&self, response: Builder) -> Builder {
        let reset = self.reset.timestamp_millis();
        let mut response = response
            .header("X-RateLimit-Limit", self.limit)
            .header("X-RateLimit-Remaining", self.remaining)
            .header("X-RateLimit-Reset", decimal(reset))
            .header(
                "X-RateLimit-Reset-After",
                decimal(self.reset_after.num_milliseconds()),
            )
            .header("X-RateLimit-Bucket", &self.bucket);
        if let Some(Refusal { scope, wait }) = self.refused {
            let whole_seconds = (wait.num_milliseconds() + 999).div_euclid(1000);
            response = response
                .header("Retry-After", whole_seconds)
                .header("X-RateLimit-Scope", scope);
            if scope == "global" {
                response = response.header("X-RateLimit-Global", "true");
            }
        }
        response
    }
}

/// Milliseconds as seconds with three places.
fn decimal(milliseconds: i64) -> String {
    let (whole, rest) = (milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    format!("{whole}.{rest:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rates: &mut Rates, limit: Limit, ms: i64, used: u32, left: i64) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(ms);
        let taken = rates.take("a".to_owned(), limit, now);
        assert_eq!(taken, (used, TimeDelta::milliseconds(left)));
    }

    #[test]
    fn a_bucket_is_full_again_when_its_period_is_over_or_the_clock_was_set_back() {
        let mut rates = Rates::default();
        let limit = Limit::new(2, 1000);
        check(&mut rates, limit, 0, 1, 1000);
        check(&mut rates, limit, 400, 2, 600);
        check(&mut rates, limit, 999, 3, 1);
        check(&mut rates, limit, 1000, 1, 1000);
        check(&mut rates, limit, 0, 1, 1000);
    }

    #[test]
    fn moments_are_written_with_three_places() {
        assert_eq!(decimal(1_020), "1.020");
        assert_eq!(decimal(20), "0.020");
    }
}
