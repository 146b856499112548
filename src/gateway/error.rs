//! Why the gateway cannot begin, or cannot go on.

use std::time::Duration;

use twilight_model::gateway::CloseCode;

use crate::store;

/// What keeps the gateway from connecting or ends it for good.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The API answered something else than where the gateway is.
    #[error("unexpected answer of {url}: {problem}")]
    Answer {
        /// The address that answered.
        url: String,
        /// What was wrong with the answer and what was expected.
        problem: String,
    },
    /// Discord does not know the token.
    #[error("the token was refused, expected the token of a bot that still exists")]
    TokenRefused,
    /// Fewer new sessions may be started than shards need one.
    #[error(
        "{remaining} new sessions may be started, expected {needed}; the limit resets in {} s", resets_in.as_secs()
    )]
    NoSessionsLeft {
        /// How many may be started.
        remaining: u32,
        /// How many shards have no session to resume.
        needed: u32,
        /// When the full number is available again.
        resets_in: Duration,
    },
    /// The shard count is not usable.
    #[error("{count} shards, expected 1 to 16,000")]
    ShardCount {
        /// How many were asked for.
        count: u32,
    },
    /// Discord closed a shard with a code after which connecting again is of no use.
    #[error("shard {shard} was refused with close code {}: {}", *code as u16, refusal(*code))]
    Refused {
        /// Which shard.
        shard: u32,
        /// Why.
        code: CloseCode,
    },
    /// The task that reads a shard died.
    #[error("reading shard {shard} panicked")]
    Broken {
        /// Which shard.
        shard: u32,
    },
    /// A shard had no connection, or no answer to its heartbeats, in a new session either, though Discord can be reached.
    #[error(
        "shard {shard} stayed silent in a new session too, though Discord can be reached; the process ends so that its supervisor starts another"
    )]
    Dead {
        /// Which shard.
        shard: u32,
    },
    /// Sessions could not be read from or written to the database.
    #[error("keeping gateway sessions")]
    Store(#[from] store::Error),
}

fn refusal(code: CloseCode) -> &'static str {
    match code {
        CloseCode::InvalidShard => "no such shard, expected an id below the shard count",
        CloseCode::ShardingRequired => "too many guilds for this shard count, expected more shards",
        CloseCode::InvalidApiVersion => "this version of the gateway is no longer served",
        CloseCode::InvalidIntents => "the intents are not a sum of known ones",
        CloseCode::DisallowedIntents => {
            "privileged intents are asked for that are not enabled in the developer portal"
        }
        _ => "connecting again is of no use",
    }
}

impl Error {
    /// Whether Discord refused what the bot asked to be sent: a privileged intent that is not switched on.
    pub fn is_about_intents(&self) -> bool {
        let about = [CloseCode::InvalidIntents, CloseCode::DisallowedIntents];
        matches!(self, Self::Refused { code, .. } if about.contains(code))
    }
}
