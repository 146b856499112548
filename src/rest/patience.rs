//! How long a request is tried, and how soon again.

use std::time::Duration;

use rand::RngExt;
use tokio::time::Instant;

use super::route::Route;
use crate::config::RestConfig;

/// Discord forgets an interaction that was not answered after so long.
const CALLBACK: Duration = Duration::from_secs(3);
/// After the first failures; every later one is followed by the last of them.
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
    /// Whether what fails must be done by the deadline as well; else it bounds waits for limits alone.
    is_urgent: bool,
    pauses: [Duration; 3],
    failures: usize,
    max_failures: usize,
    refusals: u32,
}

impl Patience {
    pub(super) fn new(route: &Route, config: &RestConfig) -> Self {
        let (limit, pauses) = match route.is_callback {
            true => (CALLBACK, CALLBACK_PAUSES),
            false => (config.max_rate_limit, PAUSES),
        };
        Self {
            deadline: Instant::now() + limit,
            is_urgent: route.is_callback,
            pauses,
            failures: 0,
            max_failures: config.max_retries,
            refusals: 0,
        }
    }

    /// How long to wait after a failure; `None` when no attempt is left.
    pub(super) fn failed(&mut self) -> Option<Duration> {
        if self.failures == self.max_failures {
            return None;
        }
        let pause = self.pauses[self.failures.min(self.pauses.len() - 1)];
        self.failures += 1;
        let pause = spread(pause);
        match self.is_urgent {
            true => self.within(pause),
            false => Some(pause),
        }
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
pub(super) fn of_one(route: &Route, body: &[u8], config: &RestConfig) -> Duration {
    let attempt = match route.is_callback {
        true => CALLBACK_ATTEMPT.min(config.attempt),
        false => config.attempt,
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

    #[tokio::test]
    async fn a_failure_is_repeated_as_often_as_is_configured() {
        let route = Route::of(&Request {
            method: Method::GET,
            path: "/api/v10/channels/1".to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        });
        for (max_retries, expected) in [
            (0, &[][..]),
            (3, &[250, 1_000, 3_000]),
            (5, &[250, 1_000, 3_000, 3_000, 3_000]),
        ] {
            // Waits for limits are another matter.
            let config = RestConfig {
                max_retries,
                max_rate_limit: Duration::from_secs(1),
                ..RestConfig::default()
            };
            let mut patience = Patience::new(&route, &config);
            let pauses: Vec<_> = std::iter::from_fn(|| patience.failed()).collect();
            assert_eq!(pauses.len(), expected.len());
            for (pause, least) in pauses.iter().zip(expected) {
                let least = Duration::from_millis(*least);
                assert!((least..least.mul_f64(1.25)).contains(pause), "{pause:?}");
            }
            assert_eq!(patience.refused(Duration::from_secs(2)), None);
            assert!(patience.refused(Duration::from_millis(500)).is_some());
        }
    }

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
            let config = RestConfig::default();
            let limit = of_one(&Route::of(&request), &request.body, &config);
            assert_eq!(limit.as_secs(), expected, "{path} {body}");
        }
    }
}
