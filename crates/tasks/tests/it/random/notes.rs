//! What the user code of one process saw.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cogsmith_tasks::{Cause, Run};
use parking_lot::Mutex;

#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// Lives whose `before` succeeded and whose `after` was not called yet.
    lives: i64,
    /// Whether a `before` failed since this was asked last.
    has_before_failed: bool,
    /// Bodies in progress.
    bodies: i64,
    /// Bodies that were called for a slot, not by request.
    scheduled: u64,
    /// What must not happen.
    wrong: Vec<String>,
}

/// A body in progress.
pub(crate) struct Inside(Notes);

impl Notes {
    pub(crate) fn before(&self, succeeds: bool) {
        let mut seen = self.0.lock();
        if !succeeds {
            seen.has_before_failed = true;
            return;
        }
        seen.lives += 1;
        if seen.lives > 1 {
            seen.wrong.push("two lives at once".into());
        }
    }

    pub(crate) fn after(&self) {
        let mut seen = self.0.lock();
        seen.lives -= 1;
        if seen.lives < 0 {
            seen.wrong.push("after without before".into());
        }
    }

    pub(crate) fn enter(&self, run: &Run, now: DateTime<Utc>) -> Inside {
        let mut seen = self.0.lock();
        seen.bodies += 1;
        if seen.bodies > 1 {
            seen.wrong.push("two runs at once".into());
        }
        if now < run.slot {
            seen.wrong
                .push(format!("slot {} was run at {now}", run.slot));
        }
        if !matches!(run.cause, Cause::Manual | Cause::Backfill) {
            seen.scheduled += 1;
            let lives = seen.lives;
            if lives != 1 {
                seen.wrong.push(format!("a run in {lives} lives"));
            }
        }
        Inside(self.clone())
    }

    pub(crate) fn lives(&self) -> i64 {
        self.0.lock().lives
    }

    pub(crate) fn bodies(&self) -> i64 {
        self.0.lock().bodies
    }

    pub(crate) fn scheduled(&self) -> u64 {
        self.0.lock().scheduled
    }

    pub(crate) fn take_before_failed(&self) -> bool {
        std::mem::take(&mut self.0.lock().has_before_failed)
    }

    pub(crate) fn wrong(&self) -> Vec<String> {
        self.0.lock().wrong.clone()
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.0.lock().bodies -= 1;
    }
}
