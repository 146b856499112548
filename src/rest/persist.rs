//! What a start cannot do without is asked for until it is answered.

use std::time::Duration;

use rand::RngExt;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// Why one attempt failed.
pub(crate) enum Failure<E> {
    /// Another attempt may succeed.
    Passing {
        reason: String,
        /// How long Discord asks to wait; zero when it does not.
        wait: Duration,
    },
    /// Every other attempt would fail alike.
    Lasting(E),
}

impl<E> Failure<E> {
    /// One that may pass, and names no time.
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self::Passing {
            reason: reason.into(),
            wait: Duration::ZERO,
        }
    }
}

/// Tries `attempt` for as long as its failure may pass, with ever longer pauses, up to 30 s.
///
/// The log is told of the first failure, then once a minute, and of the success after them.
/// Dropping the future ends it at once.
///
/// # Errors
/// The first failure that lasts.
pub(crate) async fn persist<T, E, F>(what: &str, mut attempt: impl FnMut() -> F) -> Result<T, E>
where
    F: Future<Output = Result<T, Failure<E>>>,
{
    let begun = Instant::now();
    let (mut told, mut pause) = (None::<Instant>, FIRST);
    loop {
        let (reason, wait) = match attempt().await {
            Ok(value) => {
                if told.is_some() {
                    info!("{what} succeeded after {:.0?}", begun.elapsed());
                }
                return Ok(value);
            }
            Err(Failure::Lasting(error)) => return Err(error),
            Err(Failure::Passing { reason, wait }) => (reason, wait),
        };
        if told.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
            warn!("{what} failed and is tried again until it succeeds: {reason}");
            told = Some(Instant::now());
        }
        let spread = rand::rng().random_range(1.0..1.25);
        sleep(pause.mul_f64(spread).max(wait)).await;
        pause = (pause * 2).min(LONGEST);
    }
}
