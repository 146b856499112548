//! How a shard is doing, for health and dashboards.

use std::time::{Duration, Instant};

/// One shard at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardStatus {
    /// Its id, below the shard count.
    pub id: u32,
    /// Whether it has a session that is connected.
    pub connected: bool,
    /// Whether it has a session, connected or to be resumed.
    pub has_session: bool,
    /// How long Discord takes to answer a heartbeat, on average of this connection; `None` before the first answer.
    pub latency: Option<Duration>,
    /// How long ago Discord last answered a heartbeat; `None` before the first answer.
    pub acknowledged: Option<Duration>,
}

/// What a reader tells about itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Pulse {
    pub(super) connected: bool,
    pub(super) has_session: bool,
    pub(super) latency: Option<Duration>,
    pub(super) acknowledged: Option<Instant>,
}

impl Pulse {
    pub(super) fn status(&self, id: u32) -> ShardStatus {
        ShardStatus {
            id,
            connected: self.connected,
            has_session: self.has_session,
            latency: self.latency,
            acknowledged: self.acknowledged.map(|at| at.elapsed()),
        }
    }
}
