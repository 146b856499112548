//! The brake before Discord's limit of invalid requests.
//!
//! Whoever is answered 401, 403 or 429 ten thousand times in ten minutes is shut out for a while, with all that runs at
//! the same address; a 429 of a resource that all share does not count. See Discord docs/Rate Limits, Invalid Request Limit.
//! Half of that is this bot's: then all that is no answer to an interaction waits until the ten minutes allow more.
//! The count is not kept over restarts: other programs at the address are not known either, and the other half is for them.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use axum::http::StatusCode;
use cogsmith_tasks::Clock;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tracing::{info, warn};

use super::answer::Answer;

/// Half of what Discord allows in [`WINDOW`].
const MOST: u32 = 5_000;
const WINDOW: Duration = Duration::from_mins(10);
/// Invalid requests are counted by so many at once, and forgotten together.
const STEP: Duration = Duration::from_secs(10);

/// Counts invalid requests, and holds bulk work back when there are too many. Clones share the count.
#[derive(Clone)]
pub(crate) struct Brake {
    clock: Clock,
    most: u32,
    count: Arc<Mutex<Count>>,
    freed: Arc<Notify>,
}

#[derive(Default)]
struct Count {
    /// Since when, on the clock, and how many; oldest first.
    steps: VecDeque<(Duration, u32)>,
    /// Bulk requests on their way, any of which may turn out to be invalid.
    on_their_way: u32,
    is_on: bool,
}

/// How near the limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidRequests {
    /// In the last ten minutes.
    pub(crate) count: u32,
    /// Whether bulk work waits because of them.
    pub(crate) is_braking: bool,
}

/// The right to send one bulk request.
pub(super) struct Admission(Brake);

impl Brake {
    pub(crate) fn new(clock: Clock) -> Self {
        Self::at(MOST, clock)
    }

    /// With another limit than Discord's half.
    pub(super) fn at(most: u32, clock: Clock) -> Self {
        Self {
            clock,
            most,
            count: Arc::default(),
            freed: Arc::default(),
        }
    }

    /// How near the limit is.
    pub(crate) fn invalid_requests(&self) -> InvalidRequests {
        let mut count = self.count.lock();
        self.forget(&mut count);
        InvalidRequests {
            count: count.invalid(),
            is_braking: count.is_on,
        }
    }

    /// Waits, however long it takes, until a bulk request may be sent.
    pub(super) async fn admit(&self) -> Admission {
        loop {
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            let Some(wait) = self.try_admit() else {
                return Admission(self.clone());
            };
            tokio::select! {
                () = freed => {}
                () = self.clock.sleep(wait) => {}
            }
        }
    }

    /// `None` when it may be sent, and else how long to wait at the most before the next try.
    fn try_admit(&self) -> Option<Duration> {
        let mut count = self.count.lock();
        self.forget(&mut count);
        if count.invalid() + count.on_their_way < self.most {
            count.on_their_way += 1;
            return None;
        }
        let oldest = count.steps.front().map(|(since, _)| *since + STEP + WINDOW);
        Some(oldest.map_or(WINDOW, |end| end.saturating_sub(self.clock.monotonic())))
    }

    /// Counts an answer of Discord's, if its request was invalid.
    pub(super) fn note(&self, answer: &Answer) {
        if !is_invalid(answer) {
            return;
        }
        let mut count = self.count.lock();
        self.forget(&mut count);
        count.add(self.clock.monotonic());
        if count.invalid() >= self.most && !std::mem::replace(&mut count.is_on, true) {
            warn!(
                "Discord has refused {} requests (401, 403, 429) within {} min, half of what it takes before it shuts this \
                 address out: all but answers to interactions waits until they are fewer",
                count.invalid(),
                WINDOW.as_secs() / 60
            );
        }
    }

    fn forget(&self, count: &mut Count) {
        let now = self.clock.monotonic();
        while count
            .steps
            .front()
            .is_some_and(|(since, _)| *since + STEP + WINDOW <= now)
        {
            count.steps.pop_front();
        }
        if count.is_on && count.invalid() < self.most {
            count.is_on = false;
            info!("Discord has refused fewer requests of late: what waited goes on");
        }
    }
}

impl Count {
    fn add(&mut self, now: Duration) {
        match self.steps.back_mut() {
            Some((since, count)) if now < *since + STEP => *count += 1,
            _ => self.steps.push_back((now, 1)),
        }
    }

    fn invalid(&self) -> u32 {
        self.steps.iter().map(|(_, count)| count).sum()
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.count.lock().on_their_way -= 1;
        self.0.freed.notify_one();
    }
}

fn is_invalid(answer: &Answer) -> bool {
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => true,
        StatusCode::TOO_MANY_REQUESTS => {
            let scope = answer.headers.get("x-ratelimit-scope");
            scope.is_none_or(|scope| scope != "shared")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use cogsmith_tasks::{mins, secs};
    use futures_util::FutureExt;

    use super::*;

    fn answer(status: StatusCode, scope: &'static str) -> Answer {
        let mut answer = Answer::ours(status, "");
        if !scope.is_empty() {
            let scope = axum::http::HeaderValue::from_static(scope);
            answer.headers.insert("x-ratelimit-scope", scope);
        }
        answer
    }

    fn brake(most: u32) -> (Brake, Clock) {
        let clock = Clock::manual(DateTime::UNIX_EPOCH);
        (Brake::at(most, clock.clone()), clock)
    }

    #[test]
    fn what_counts_is_what_discord_counts() {
        for (status, scope, expected) in [
            (StatusCode::UNAUTHORIZED, "", 1),
            (StatusCode::FORBIDDEN, "", 1),
            (StatusCode::TOO_MANY_REQUESTS, "", 1),
            (StatusCode::TOO_MANY_REQUESTS, "user", 1),
            (StatusCode::TOO_MANY_REQUESTS, "global", 1),
            (StatusCode::TOO_MANY_REQUESTS, "shared", 0),
            (StatusCode::NOT_FOUND, "", 0),
            (StatusCode::BAD_GATEWAY, "", 0),
            (StatusCode::OK, "", 0),
        ] {
            let (brake, _) = brake(MOST);
            brake.note(&answer(status, scope));
            let found = brake.invalid_requests().count;
            assert_eq!(found, expected, "{status} {scope}");
        }
    }

    #[tokio::test]
    async fn bulk_work_waits_until_the_window_allows_it() {
        let (brake, clock) = brake(2);
        let forbidden = answer(StatusCode::FORBIDDEN, "");
        brake.note(&forbidden);
        drop(brake.admit().await);
        clock.advance(mins(5));
        brake.note(&forbidden);
        let mut waits = std::pin::pin!(brake.admit());
        assert!(waits.as_mut().now_or_never().is_none());
        assert!(brake.invalid_requests().is_braking);
        clock.advance(mins(5) + secs(9));
        assert!(waits.as_mut().now_or_never().is_none());
        clock.advance(secs(1));
        drop(waits.await);
        let found = brake.invalid_requests();
        assert_eq!((found.count, found.is_braking), (1, false));
    }

    /// A thousand requests that waited must not all be refused together.
    #[tokio::test]
    async fn no_more_are_on_their_way_than_may_be_refused() {
        let (brake, _) = brake(3);
        brake.note(&answer(StatusCode::FORBIDDEN, ""));
        let (first, second) = (brake.admit().await, brake.admit().await);
        let mut third = std::pin::pin!(brake.admit());
        assert!(third.as_mut().now_or_never().is_none());
        brake.note(&answer(StatusCode::FORBIDDEN, ""));
        drop(first);
        assert!(third.as_mut().now_or_never().is_none());
        drop(second);
        drop(third.await);
    }
}
