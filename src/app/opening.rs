//! The word in the log about a bot that is connected and does not open.

use std::{convert::Infallible, time::Duration};

use cogsmith_tasks::Clock;
use tracing::error;

/// Longer than the engine takes to start while all is well.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two words about the same wait.
const AGAIN: Duration = Duration::from_mins(1);

/// Logs an error when the bot has been connected for 10 s, and each minute after that, until it is dropped.
pub(super) async fn watch(connected: impl Future<Output = ()>, clock: &Clock) -> Infallible {
    connected.await;
    let (since, mut pause) = (clock.monotonic(), PATIENCE);
    loop {
        clock.sleep(pause).await;
        let waited = clock.monotonic().saturating_sub(since).as_secs();
        error!(
            "connected to Discord for {waited} s and not open: still waiting for the task engine"
        );
        pause = AGAIN;
    }
}
