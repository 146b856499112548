//! The promise of an answer, ready on the host's own threads while a module's code runs, or blocks, on others.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cogsmith_tasks::Clock;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::warn;

use crate::rest::{Open, Promise};

/// Discord waits 3 s for the first sign of an answer; half of them are for the way there.
const AFTER: Duration = Duration::from_millis(1_500);

/// One use of a command, component or form. Dropped, it promises nothing any more.
pub(super) struct Pledge {
    pub(super) open: Arc<Open>,
    /// From when a promise is on its way, poise sends what the command says as later messages.
    pub(super) has_answered: Arc<AtomicBool>,
    _over: DropGuard,
}

impl Pledge {
    /// Makes `promise` after 1.5 s of the clock, when nothing has been answered by then.
    pub(super) fn begin(open: Arc<Open>, promise: Promise, clock: &Clock) -> Self {
        let has_answered = Arc::<AtomicBool>::default();
        let over = CancellationToken::new();
        let due = over.clone().run_until_cancelled_owned(clock.sleep(AFTER));
        let (promised, flag) = (Arc::clone(&open), Arc::clone(&has_answered));
        open.runtime().spawn(async move {
            if due.await.is_some() {
                keep_time(&promised, promise, &flag).await;
            }
        });
        Self {
            open,
            has_answered,
            _over: over.drop_guard(),
        }
    }
}

async fn keep_time(open: &Open, promise: Promise, has_answered: &AtomicBool) {
    let is_wanted = || !has_answered.swap(true, Ordering::SeqCst);
    if !open.promise(promise, is_wanted).await {
        has_answered.store(false, Ordering::SeqCst);
        warn!("an answer could not be promised");
    }
}
