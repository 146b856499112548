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
/// The shortest wait after a 429, doubled with each, so that a limit that is never lifted costs few requests.
const SHORTEST: Duration = Duration::from_millis(50);

/// What is left for one request.
pub(super) struct Patience {
    /// When the last attempt may begin.
    pub(super) deadline: Instant,
    failures: usize,
    refusals: u32,
}

impl Patience {
    pub(super) fn new(route: &Route) -> Self {
        let limit = if route.is_callback { CALLBACK } else { LONGEST };
        Self {
            deadline: Instant::now() + limit,
            failures: 0,
            refusals: 0,
        }
    }

    /// How long to wait after a failure; `None` when no attempt is left.
    pub(super) fn failed(&mut self) -> Option<Duration> {
        let pause = *PAUSES.get(self.failures)?;
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

/// Up to a quarter longer, so that many that failed together do not come again together.
fn spread(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0..1.25))
}
