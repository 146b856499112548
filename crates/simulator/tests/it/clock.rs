//! A clock that moves only when a test says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use cogsmith_simulator::Now;

/// Clones show the same time.
#[derive(Clone)]
pub(crate) struct Clock {
    seconds: Arc<AtomicI64>,
}

impl Clock {
    /// Stands at 2026-03-02T09:00:00Z.
    pub(crate) fn new() -> Self {
        let seconds = Arc::new(AtomicI64::new(1_772_442_000));
        Self { seconds }
    }

    pub(crate) fn now(&self) -> Now {
        let seconds = Arc::clone(&self.seconds);
        Arc::new(move || {
            let moment = DateTime::<Utc>::from_timestamp(seconds.load(Ordering::SeqCst), 0);
            moment.unwrap()
        })
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}
