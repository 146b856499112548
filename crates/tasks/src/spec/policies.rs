//! What a task does when things do not go as planned: one method for each policy.

use std::{sync::Arc, time::Duration};

use super::TaskSpec;
use crate::policy::{First, History, Misfire, OnCrash, Overlap};

impl TaskSpec {
    /// Attempts for each slot, the first included: 1 to 100, default 3. Only errors that may pass are
    /// retried (see [`Transient`](crate::Transient)), after growing pauses with full jitter (at most
    /// 1 s, 2 s, 4 s … 5 min), never past the next slot. Manual runs are not retried.
    pub fn retry(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// Retries also those errors for which `worth_it` holds. Panics are never retried.
    pub fn retry_if(
        mut self,
        worth_it: impl Fn(&anyhow::Error) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.policy.retry_if = Some(Arc::new(worth_it));
        self
    }

    /// Which runs are recorded. Default: all.
    pub fn history(mut self, history: History) -> Self {
        self.policy.history = history;
        self
    }

    /// What to do about missed slots. Default: one run for the newest.
    pub fn misfire(mut self, misfire: Misfire) -> Self {
        self.policy.misfire = misfire;
        self
    }

    /// What becomes of a run that a crash cut off. Default: its slot is not run again.
    pub fn on_crash(mut self, on_crash: OnCrash) -> Self {
        self.policy.on_crash = on_crash;
        self
    }

    /// What to do about slots that come due while a run is live. Default: skip and count them.
    pub fn overlap(mut self, overlap: Overlap) -> Self {
        self.policy.overlap = overlap;
        self
    }

    /// Missed slots older than this are only counted. Default 24 h; for [`once`](crate::once) no limit.
    pub fn catch_up_window(mut self, window: Duration) -> Self {
        self.policy.catch_up_window = Some(window);
        self
    }

    /// How late a run may begin without its slot counting as missed. Default 1 s; for slots of the wall
    /// clock (`at`, `cron`, `once`) 60 s.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.policy.grace = Some(grace);
        self
    }

    /// Delays each run by chance, uniformly up to this and always to before the next slot: 0 to 10
    /// years, default 0. The slot itself stays, so delays do not add up. Kept over a crash.
    pub fn jitter(mut self, bound: Duration) -> Self {
        self.policy.jitter = bound;
        self
    }

    /// Delays all runs by a share of this that depends on name and scope alone, always to before the
    /// next slot: 0 to 10 years, default 0. Spreads the tasks of a thousand guilds over the time, each
    /// always at the same place.
    pub fn splay(mut self, span: Duration) -> Self {
        self.policy.splay = span;
        self
    }

    /// When the first slot of a life is. Default: on the rhythm of the runs before, else at once.
    pub fn first(mut self, first: First) -> Self {
        self.policy.first = first;
        self
    }

    /// Whether the task is active when it is registered for the very first time. Default true.
    pub fn auto_start(mut self, auto_start: bool) -> Self {
        self.policy.auto_start = auto_start;
        self
    }

    /// After this many failed slots in a row the task is failed and waits for a `start`: at least 1.
    /// Default: never.
    pub fn max_fails(mut self, fails: u32) -> Self {
        self.policy.max_fails = Some(fails);
        self
    }

    /// A run that takes longer than this is ended as a failure: at least 1 ms. Default: no limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.policy.timeout = Some(limit);
        self
    }

    /// How long a body that watches for cancellation may take to end by itself. Default 5 s. A body
    /// that never asked for its token ends at its current await.
    pub fn cancel_grace(mut self, grace: Duration) -> Self {
        self.policy.cancel_grace = grace;
        self
    }

    /// After this many successful runs the task is finished: at least 1. Default: never.
    pub fn count(mut self, runs: u64) -> Self {
        self.policy.count = Some(runs);
        self
    }

    /// How long the task may go without a successful run: at least 1 ms, default for ever. When it is
    /// overdue that is told once ([`Overdue`](crate::EventKind::Overdue)), and once more with the next
    /// success ([`Recovered`](crate::EventKind::Recovered)). The time counts from the last success, over
    /// restarts of the process too; after a start command, and when a gate opens, it begins anew.
    pub fn expect_within(mut self, limit: Duration) -> Self {
        self.policy.expect_within = Some(limit);
        self
    }

    /// Of tasks that are due together, those of higher priority are claimed first, so they find room
    /// when [`concurrency`](crate::EngineBuilder::concurrency) is short. Default 0.
    pub fn priority(mut self, priority: i8) -> Self {
        self.policy.priority = priority;
        self
    }
}
