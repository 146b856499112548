//! How long a request is tried, and how soon again.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

use super::route::Route;

/// Discord forgets an interaction that was not answered after so long.
const CALLBACK: Duration = Duration::from_secs(3);
/// The longest wait for a limit.
pub(super) const LONGEST: Duration = Duration::from_secs(300);
/// After a failure; as many as there are are tried.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(3),
];
/// A callback has no time for more.
const CALLBACK_PAUSES: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(750),
];
/// How long one attempt may take, its body aside.
const ATTEMPT: Duration = Duration::from_secs(30);
/// So that one that hangs leaves time for another.
const CALLBACK_ATTEMPT: Duration = Duration::from_secs(1);
/// Bytes of a body in a second, at the least.
const SLOWEST: usize = 64 << 10;
/// The shortest wait after a 429, doubled with each, so that a limit that is never lifted costs few requests.
const SHORTEST: Duration = Duration::from_millis(50);

/// What is left for one request.
pub(super) struct Patience {
    /// When the last attempt may begin.
    pub(super) deadline: Instant,
    pauses: [Duration; 3],
    failures: usize,
    refusals: u32,
}

impl Patience {
    pub(super) fn new(route: &Route) -> Self {
        let (limit, pauses) = match route.is_callback {
            true => (CALLBACK, CALLBACK_PAUSES),
            false => (LONGEST, PAUSES),
        };
        Self {
            deadline: Instant::now() + limit,
            pauses,
            failures: 0,
            refusals: 0,
        }
    }

    /// How long to wait after a failure; `None` when no attempt is left.
    pub(super) fn failed(&mut self) -> Option<Duration> {
        let pause = *self.pauses.get(self.failures)?;
        self.failures += 1;
        self.within(spread(pause))
    }

    /// How long to wait after a 429 that asked for `wait`; `None` when that is too long.
    pub(super) fn refused(&mut self, wait: Duration) -> Option<Duration> {
        let least = SHORTEST * 2_u32.pow(self.refusals.min(10));
        self.refusals += 1;
        self.within(wait.max(least))
    }

    fn within(&self, pause: Duration) -> Option<Duration> {
        let end = Instant::now().checked_add(pause)?;
        (end <= self.deadline).then_some(pause)
    }
}

/// How long one attempt may take, from connecting to the last byte of the answer.
pub(super) fn of_one(route: &Route, body: &[u8]) -> Duration {
    let attempt = if route.is_callback {
        CALLBACK_ATTEMPT
    } else {
        ATTEMPT
    };
    attempt + Duration::from_secs((body.len() / SLOWEST) as u64)
}

/// Up to a quarter longer, so that many that failed together do not come again together.
fn spread(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0..1.25))
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Bytes,
        http::{HeaderMap, Method},
    };

    use super::*;
    use crate::rest::route::Request;

    #[test]
    fn an_attempt_has_time_for_its_body_and_a_callback_for_another_attempt() {
        for (path, body, expected) in [
            ("/api/v10/channels/1/messages", 0, 30),
            ("/api/v10/channels/1/messages", 25 << 20, 430),
            ("/api/v10/interactions/1/t/callback", 0, 1),
            ("/api/v10/interactions/1/t/callback", 640 << 10, 11),
        ] {
            let request = Request {
                method: Method::POST,
                path: path.to_owned(),
                headers: HeaderMap::new(),
                body: Bytes::from(vec![0; body]),
            };
            let limit = of_one(&Route::of(&request), &request.body);
            assert_eq!(limit.as_secs(), expected, "{path} {body}");
        }
    }
}
