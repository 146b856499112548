//! What the gateway counts since it connected.

use std::sync::Arc;

use crate::bus::{Counter, LaneCounters};

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
    /// Choices of listeners that panicked.
    pub choice_panics: Counter,
    /// Events of a known kind that could not be read: lost, and logged as errors.
    pub parse_failures: Counter,
    /// What became of events in the lanes.
    pub lanes: Arc<LaneCounters>,
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

impl Counters {
    pub(super) fn with(lanes: Arc<LaneCounters>) -> Self {
        Self {
            lanes,
            ..Self::default()
        }
    }
}
