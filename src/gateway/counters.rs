//! What the gateway counts since it connected.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts over all shards.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events received.
    pub received: Counter,
    /// Events of a kind that nobody listens to: dropped after a look at their header.
    pub unwanted: Counter,
    /// Events that had been received before in the same session: dropped.
    pub repeated: Counter,
    /// Messages given to folds.
    pub folds: Counter,
    /// Folds that panicked.
    pub fold_panics: Counter,
    /// Events given to listeners.
    pub deliveries: Counter,
    /// Deliveries that panicked.
    pub delivery_panics: Counter,
    /// Deliveries that took longer than the watchdog allows.
    pub slow_deliveries: Counter,
    /// Events of a known kind that could not be read: lost, and logged as errors.
    pub parse_failures: Counter,
    /// Times that a lane fell behind: an event waited in it for longer than the watchdog allows.
    pub lanes_behind: Counter,
    /// Commands begun.
    pub commands: Counter,
    /// Commands that Discord sent again and that had, or may have, begun before a restart: dropped.
    pub repeated_commands: Counter,
    /// Times that a full lane held the reading of a shard back.
    pub lane_waits: Counter,
    /// Heartbeats that Discord answered, as far as they were noticed: two in quick succession count as one.
    pub heartbeats: Counter,
    /// Sessions resumed.
    pub resumes: Counter,
    /// New sessions.
    pub identifies: Counter,
    /// Connections lost, or given up because Discord asked for it.
    pub losses: Counter,
    /// Connections that could not be opened, or over which Discord never said hello.
    pub failed_connections: Counter,
}
