//! The gateway: shards over `twilight-gateway`, read only as far as somebody listens.
//!
//! A frame's header is looked at once; a kind nobody wants is dropped there.
//! Folds are called in order on the task that reads the shard, and commands begin there; listeners get their events through
//! bounded lanes, one for each listener and guild.
//! A full lane holds the reading of its shard back while heartbeats go on (see [`Limits`](crate::bus::Limits)); commands among
//! what waits to be read begin all the same.
//!
//! Sessions live in the database: a restarted process, kill -9 included, resumes where every event before had been handled,
//! and Discord sends the rest again.
//! What happens to a connection:
//!
//! | event | answer |
//! |---|---|
//! | socket dropped, close without code, 4000-4003, 4005, 4008, op 7, op 9 true | the session is resumed |
//! | op 9 false, close 4007 or 4009 | a new session; the gap is logged |
//! | READY | a new session, also under an id that came before |
//! | close 4004, 4010-4014, status 401 | the gateway ends: [`Gateway::ended`] says why |
//! | no answer | tried again, ever more slowly, at least every 30 s |
//! | events and no answer to heartbeats for 3 intervals, or no connection for 5 min while REST answers | a new session; when that does not help, the gateway ends |
//!
//! Before each new session the `guard` waits, the longer the more of late did not last.

mod connection;
mod counters;
mod decode;
mod entry;
mod error;
mod guard;
mod link;
mod name;
mod options;
mod pace;
mod presence;
mod reader;
mod session;
mod silence;
mod sink;
mod start;
mod typed;
mod watchdog;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::Value;
use serenity::model::id::GuildId;
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
};
use tokio_util::task::TaskTracker;
use tracing::warn;
use twilight_model::gateway::CloseCode;

pub use crate::shards::Members;
pub use counters::Counters;
pub use error::Error;
pub use options::{Closing, Options};
pub use sink::{Delivery, Interest, Sink};

use crate::{
    config::Presence,
    shards::{ShardStatus, ShardTable},
};
use presence::Request;
use reader::Shared;

/// All shards of one bot, connected until closed.
///
/// Dropping it without [`Gateway::close`] cuts the sockets and forgets what is in hand, like a crash would:
/// the sessions can be resumed and what was not handled comes again.
pub struct Gateway {
    /// Those of this process, by id.
    shards: BTreeMap<u32, ShardHandle>,
    /// How many the whole bot has.
    shard_count: u32,
    shared: Arc<Shared>,
    closing: watch::Sender<Option<Closing>>,
    ended: watch::Receiver<Option<End>>,
    readers: TaskTracker,
    keeper: AbortHandle,
    watchdog: AbortHandle,
    drain: Duration,
}

/// How one shard is reached.
struct ShardHandle {
    /// Tells it to begin a new session.
    renewal: Arc<Notify>,
    task: AbortHandle,
}

/// Why the gateway cannot go on. Rebuilt into an [`Error`] for whoever asks.
#[derive(Debug, Clone, Copy)]
enum End {
    TokenRefused,
    Refused { shard: u32, code: CloseCode },
    Dead { shard: u32 },
    Broken { shard: u32 },
}

impl From<End> for Error {
    fn from(end: End) -> Self {
        match end {
            End::TokenRefused
            | End::Refused {
                code: CloseCode::AuthenticationFailed,
                ..
            } => Self::TokenRefused,
            End::Refused { shard, code } => Self::Refused { shard, code },
            End::Dead { shard } => Self::Dead { shard },
            End::Broken { shard } => Self::Broken { shard },
        }
    }
}

impl Gateway {
    /// Resolves when a shard cannot go on, with the reason; as long as all is well it does not resolve.
    pub async fn ended(&self) -> Error {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.map(|end| *end) {
            Ok(Some(end)) => end.into(),
            // Every reader has ended without a reason: the gateway was closed.
            _ => std::future::pending().await,
        }
    }

    /// Resolves when Discord has let a shard in, anew or back into its session.
    pub async fn connected(&self) {
        self.shared.link.first_up().await;
    }

    /// Closes every shard, waits for the sockets, then for events in hand, and saves the sessions last.
    ///
    /// What is still in hand after [`Options::drain`] is dropped and comes again after a restart.
    ///
    /// # Errors
    /// The sessions could not be saved: a restart replays more than it needs to.
    pub async fn close(&self, closing: Closing) -> Result<(), Error> {
        self.watchdog.abort();
        self.closing.send_replace(Some(closing));
        self.readers.close();
        self.readers.wait().await;
        if tokio::time::timeout(self.drain, self.shared.progress.quiet())
            .await
            .is_err()
        {
            warn!(
                events = self.shared.progress.in_hand(),
                "events in hand were given up after {:?}", self.drain
            );
        }
        self.shared.progress.freeze();
        self.keeper.abort();
        match closing {
            Closing::Resumable => self.shared.sessions.close().await?,
            Closing::ForGood => self.shared.sessions.forget().await?,
        }
        Ok(())
    }

    /// How every shard is doing.
    pub fn shards(&self) -> Vec<ShardStatus> {
        self.table().statuses()
    }

    /// Sets what people see of the bot, on every shard and in every session to come.
    pub fn set_presence(&self, presence: &Presence) {
        self.table().set_presence(presence);
    }

    fn table(&self) -> &ShardTable {
        &self.shared.table
    }

    /// How many shards the whole bot has, in all its processes.
    pub fn shard_count(&self) -> u32 {
        self.shard_count
    }

    /// Asks for members of a guild. Discord answers with GUILD_MEMBERS_CHUNK events that carry the nonce,
    /// which is at most 32 bytes long.
    pub fn request_members(&self, guild: GuildId, members: &Members, nonce: &str) {
        self.ask(guild, members.command(guild, nonce));
    }

    /// Sends on what serenity asks of a gateway: see [`presence::Request`].
    pub(crate) fn relay(&self, asked: Value) {
        match Request::of(asked) {
            Some(Request::Presence(presence)) => self.set_presence(&presence),
            Some(Request::Guild(guild, command)) => self.ask(guild, command),
            None => warn!("serenity asked the gateway for what is not passed on"),
        }
    }

    /// What was counted since connecting.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.shared.counters
    }

    fn ask(&self, guild: GuildId, command: String) {
        if !self.table().ask(guild, command) {
            warn!(
                guild.id = guild.get(),
                "the guild's shard is of another process, and was not asked about it"
            );
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shared.progress.freeze();
        self.keeper.abort();
        self.watchdog.abort();
        self.shards.values().for_each(|shard| shard.task.abort());
        self.shared.lanes.abandon();
    }
}
