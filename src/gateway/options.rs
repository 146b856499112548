//! What the gateway needs to know before it connects.

use std::time::Duration;

use cogsmith_tasks::Gate;

use crate::{
    bus::{Lanes, Limits},
    config::{Presence, Shards, Token},
    shards::ShardTable,
};

/// How to connect, and the bounds within which events are held.
#[derive(Clone)]
pub struct Options {
    /// Where the API is, without `/api/v10`; `None` is Discord's own.
    ///
    /// When it is set and cannot be reached, connecting fails: Discord's address is never tried instead.
    pub api_url: Option<String>,
    /// The bot's token.
    pub token: Token,
    /// The intents to identify with, as Discord adds them up.
    pub intents: u64,
    /// The shards to run; `None` runs as many as Discord recommends.
    pub shards: Option<Shards>,
    /// In guilds of more members Discord leaves those who are offline out of GUILD_CREATE: 50 to 250.
    pub large_threshold: u64,
    /// Whether to start with fewer new sessions left than there are shards without one.
    pub ignores_start_limit: bool,
    /// What people see of the bot once a session has begun, unless `table` has been told; `None` is plainly online.
    pub presence: Option<Presence>,
    /// Where it is told how the shards are, and asked what they show.
    pub table: ShardTable,
    /// Opened while every shard has its connection, and closed else.
    pub connected: Gate,
    /// How many events may be in hand, and what is slow.
    pub limits: Limits,
    /// The lanes that events go through; `None` makes some within `limits`, whose listeners are called on the runtime
    /// that the gateway connects on.
    pub lanes: Option<Lanes>,
    /// A connection over which Discord does not say hello for so long is given up.
    pub hello_within: Duration,
    /// How long closing waits for events in hand. What is left then comes again after a restart.
    pub drain: Duration,
}

impl Options {
    /// Discord's address, the recommended number of shards, 1,000 events a listener and guild and 10,000 in all, 5 s until a warning,
    /// 20 s to say hello, 10 s to drain.
    pub fn new(token: Token, intents: u64) -> Self {
        Self {
            api_url: None,
            token,
            intents,
            shards: None,
            large_threshold: 250,
            ignores_start_limit: false,
            presence: None,
            table: ShardTable::default(),
            connected: Gate::closed("Discord"),
            limits: Limits::default(),
            lanes: None,
            hello_within: Duration::from_secs(20),
            drain: Duration::from_secs(10),
        }
    }
}

/// What becomes of the sessions when the gateway closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Discord keeps them (close code 4000), and the next start resumes them: what happens in between is delivered then.
    Resumable,
    /// Discord drops them (close code 1000), and the bot goes offline at once.
    ForGood,
}

impl Closing {
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Resumable => 4000,
            Self::ForGood => 1000,
        }
    }
}
