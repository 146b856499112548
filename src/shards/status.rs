//! How a shard is doing, for health, dashboards and `/bot status`.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::config::Presence;

/// One shard at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardStatus {
    /// Its id, below the shard count.
    pub id: u32,
    /// What it is about.
    pub state: ShardState,
    /// Whether it has a session that is connected.
    pub connected: bool,
    /// Whether it has a session, connected or to be resumed.
    pub has_session: bool,
    /// How long Discord takes to answer a heartbeat, on average of this connection; `None` before the first answer.
    pub latency: Option<Duration>,
    /// How long ago Discord last answered a heartbeat; `None` before the first answer.
    pub acknowledged: Option<Duration>,
    /// How many guilds it has, those in an outage included; `None` before they are known.
    pub guilds: Option<usize>,
    /// What people see of the bot there, as soon as Discord has been told.
    pub presence: Presence,
}

/// What a shard is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShardState {
    /// It opens a connection, until Discord says hello.
    #[default]
    Connecting,
    /// It begins a new session: it waits for its turn, of which Discord gives few at a time, and for READY.
    Identifying,
    /// It is given what it has missed.
    Resuming,
    /// It hears what happens.
    Connected,
    /// The last attempts to connect have failed: the next one is made after this time.
    Waiting(Duration),
    /// It hears nothing any more: the gateway was closed, or Discord has refused it for good.
    Ended,
}

impl fmt::Display for ShardState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => out.write_str("connecting"),
            Self::Identifying => out.write_str("waiting for a new session"),
            Self::Resuming => out.write_str("resuming"),
            Self::Connected => out.write_str("connected"),
            Self::Waiting(time) => {
                write!(out, "waiting {} s to connect", time.as_secs_f64().ceil())
            }
            Self::Ended => out.write_str("ended"),
        }
    }
}

/// What the connection of a shard that is not connected is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    #[default]
    Connecting,
    Identifying,
    Resuming,
    /// Until when.
    Waiting(Instant),
    Ended,
}

/// What a reader tells about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse {
    pub(crate) phase: Phase,
    pub(crate) connected: bool,
    pub(crate) has_session: bool,
    pub(crate) latency: Option<Duration>,
    pub(crate) acknowledged: Option<Instant>,
}

impl Pulse {
    pub(super) fn status(&self, id: u32, guilds: Option<usize>, presence: Presence) -> ShardStatus {
        ShardStatus {
            id,
            state: self.state(),
            connected: self.connected,
            has_session: self.has_session,
            latency: self.latency,
            acknowledged: self.acknowledged.map(|at| at.elapsed()),
            guilds,
            presence,
        }
    }

    fn state(&self) -> ShardState {
        match self.phase {
            Phase::Ended => ShardState::Ended,
            _ if self.connected => ShardState::Connected,
            Phase::Connecting => ShardState::Connecting,
            Phase::Identifying => ShardState::Identifying,
            Phase::Resuming => ShardState::Resuming,
            Phase::Waiting(until) => match until.checked_duration_since(Instant::now()) {
                Some(left) if !left.is_zero() => ShardState::Waiting(left),
                _ => ShardState::Connecting,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_said_in_a_few_words() {
        let said = |phase, connected| {
            let pulse = Pulse {
                phase,
                connected,
                ..Pulse::default()
            };
            pulse.state().to_string()
        };
        let now = Instant::now();
        let soon = now + Duration::from_secs(30);
        assert_eq!(said(Phase::Waiting(soon), false), "waiting 30 s to connect");
        assert_eq!(said(Phase::Waiting(now), false), "connecting");
        assert_eq!(said(Phase::Resuming, false), "resuming");
        assert_eq!(said(Phase::Resuming, true), "connected");
        assert_eq!(said(Phase::Ended, true), "ended");
    }
}
