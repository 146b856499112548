//! Members of large guilds, which Discord leaves out when it tells a guild: asked for guild after guild, so that they
//! come in chunks of 1,000 and never all at once. The cache keeps as many as it is to keep.
//!
//! See Discord docs/Gateway Events/Request Guild Members. All members of a guild are given once in 30 s; who asks sooner
//! is told RATE_LIMITED. Among the 120 commands of a connection a minute these are few.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use parking_lot::Mutex;
use rand::RngExt;
use serde::Deserialize;
use serenity::model::id::GuildId;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until, timeout},
};
use tracing::{info, warn};

use crate::shards::{Members, ShardTable, shard_of};

/// Between two requests for all members of one guild.
const AGAIN: Duration = Duration::from_secs(30);
/// A guild of which nothing has come for so long is given up until it is told again.
const PATIENCE: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 3;

/// What is to be asked for, and what comes back.
pub(crate) struct Chunking {
    /// More members than this make a guild large; 0 while nobody wants any.
    large: AtomicU64,
    wanted: mpsc::UnboundedSender<GuildId>,
    came: mpsc::UnboundedSender<Came>,
    /// For the one who [runs](Chunking::run) it.
    ends: Mutex<Option<Ends>>,
}

struct Ends {
    wanted: mpsc::UnboundedReceiver<GuildId>,
    came: mpsc::UnboundedReceiver<Came>,
    /// When all members of a guild were asked for last.
    asked: BTreeMap<GuildId, Instant>,
}

/// What came for a request.
enum Came {
    Chunk(Chunk),
    Limited(Limited),
    Session(Session),
}

/// A shard has begun a new session: what was asked in the old one is not answered any more.
#[derive(Deserialize)]
struct Session {
    /// Which shard, of how many.
    shard: (u32, u32),
}

#[derive(Deserialize)]
struct Chunk {
    nonce: Option<String>,
    chunk_index: u32,
    chunk_count: u32,
}

#[derive(Deserialize)]
struct Limited {
    opcode: u8,
    /// Seconds.
    retry_after: f64,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    nonce: Option<String>,
}

#[derive(Deserialize)]
struct Created {
    id: GuildId,
    #[serde(default)]
    large: bool,
}

#[derive(Deserialize)]
struct Frame<T> {
    d: T,
}

/// How a request ended.
#[derive(Debug, PartialEq)]
enum End {
    Done,
    Limited(Duration),
    /// Its session has ended; Discord tells the guild again in the new one.
    CutOff,
    Silent,
}

impl Chunking {
    pub(super) fn new() -> Self {
        let ((wanted, guilds), (came, answers)) =
            (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        let ends = Ends {
            wanted: guilds,
            came: answers,
            asked: BTreeMap::new(),
        };
        Self {
            large: AtomicU64::new(0),
            wanted,
            came,
            ends: Mutex::new(Some(ends)),
        }
    }

    /// A module asks for it, and Discord tells of members; those of guilds of more than `large` are left out.
    pub(crate) fn switch_on(&self, large: u64) {
        self.large.store(large, Ordering::Relaxed);
    }

    fn is_on(&self) -> bool {
        self.large.load(Ordering::Relaxed) > 0
    }

    /// Looks at each event for what belongs to it. Called on the task that reads the shard: it never waits.
    pub(super) fn look(&self, kind: &str, raw: &str) {
        if !self.is_on() {
            return;
        }
        match kind {
            "READY" => {
                drop(data(raw).map(|session| self.came.send(Came::Session(session))));
            }
            "GUILD_CREATE" => {
                if let Some(guild) = data::<Created>(raw).filter(|guild| guild.large) {
                    self.want(guild.id);
                }
            }
            "GUILD_MEMBERS_CHUNK" => {
                drop(data(raw).map(|chunk| self.came.send(Came::Chunk(chunk))));
            }
            "RATE_LIMITED" => {
                drop(data(raw).map(|limited| self.came.send(Came::Limited(limited))));
            }
            _ => {}
        }
    }

    /// A guild of so many members was not told by an event.
    pub(super) fn note(&self, guild: GuildId, members: u64) {
        if self.is_on() && members > self.large.load(Ordering::Relaxed) {
            self.want(guild);
        }
    }

    /// Puts a guild into line.
    fn want(&self, guild: GuildId) {
        // Nobody may run it any more.
        let _ = self.wanted.send(guild);
    }

    /// Asks for one guild after the other, until the future is dropped.
    pub(crate) async fn run(&self, table: &ShardTable) {
        let Some(mut ends) = self.ends.lock().take() else {
            return;
        };
        while let Some(guild) = ends.wanted.recv().await {
            let id = guild.get();
            match ends.ask_again(guild, table).await {
                End::Done => info!(guild.id = id, "all members of guild {id} have come"),
                End::CutOff => {}
                End::Limited(_) | End::Silent => {
                    warn!(guild.id = id, "not all members of guild {id} have come")
                }
            }
        }
    }
}

impl Ends {
    /// As often as Discord asks to wait, within reason.
    async fn ask_again(&mut self, guild: GuildId, table: &ShardTable) -> End {
        for _ in 1..ATTEMPTS {
            match self.ask(guild, table).await {
                End::Limited(wait) => sleep(wait).await,
                end => return end,
            }
        }
        self.ask(guild, table).await
    }

    async fn ask(&mut self, guild: GuildId, table: &ShardTable) -> End {
        while let Ok(came) = self.came.try_recv() {
            self.note(&came);
        }
        if let Some(before) = self.asked.get(&guild) {
            sleep_until(*before + AGAIN).await;
        }
        self.asked.retain(|_, at| at.elapsed() < AGAIN);
        let nonce = format!("{:032x}", rand::rng().random::<u128>());
        if !table.ask(guild, Members::all().command(guild, &nonce)) {
            return End::Silent;
        }
        self.asked.insert(guild, Instant::now());
        self.end_of(guild, &nonce).await
    }

    /// The limit is of a session.
    fn note(&mut self, came: &Came) {
        if let Came::Session(session) = came {
            self.asked.retain(|guild, _| !session.has(*guild));
        }
    }

    async fn end_of(&mut self, guild: GuildId, nonce: &str) -> End {
        let is_ours = |said: &Option<String>| said.as_deref() == Some(nonce);
        loop {
            let Ok(Some(came)) = timeout(PATIENCE, self.came.recv()).await else {
                return End::Silent;
            };
            self.note(&came);
            match came {
                Came::Chunk(it) if is_ours(&it.nonce) && it.chunk_index + 1 >= it.chunk_count => {
                    return End::Done;
                }
                Came::Limited(it) if it.opcode == 8 && is_ours(&it.meta.nonce) => {
                    let wait = Duration::try_from_secs_f64(it.retry_after);
                    return End::Limited(wait.unwrap_or(AGAIN).min(PATIENCE));
                }
                Came::Session(session) if session.has(guild) => return End::CutOff,
                Came::Chunk(_) | Came::Limited(_) | Came::Session(_) => {}
            }
        }
    }
}

impl Session {
    fn has(&self, guild: GuildId) -> bool {
        let (shard, count) = self.shard;
        shard_of(guild, count) == shard
    }
}

/// What cannot be read is told of where it is kept.
fn data<T: for<'de> Deserialize<'de>>(raw: &str) -> Option<T> {
    let frame = serde_json::from_str::<Frame<T>>(raw);
    frame.ok().map(|frame| frame.d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_ends_with_its_last_chunk_or_its_limit() {
        let chunking = Chunking::new();
        let mut ends = chunking.ends.lock().take().unwrap();
        let say = |kind: &str, data: &str| {
            chunking.look(
                kind,
                &format!(r#"{{"t":"{kind}","s":1,"op":0,"d":{data}}}"#),
            );
        };
        let chunk = |nonce: &str, index: u32| {
            let data = format!(r#"{{"nonce":"{nonce}","chunk_index":{index},"chunk_count":2}}"#);
            say("GUILD_MEMBERS_CHUNK", &data);
        };
        say("GUILD_CREATE", r#"{"id":"1","large":true}"#);
        chunking.switch_on(250);
        say("GUILD_CREATE", r#"{"id":"2","large":false}"#);
        say("GUILD_CREATE", r#"{"id":"3","large":true}"#);
        assert_eq!(
            ends.wanted.recv().await,
            Some(GuildId::new(3)),
            "on, and large"
        );
        for (nonce, index) in [("n", 0), ("another", 1), ("n", 1)] {
            chunk(nonce, index);
        }
        let guild = GuildId::new(3);
        assert_eq!(ends.end_of(guild, "n").await, End::Done);
        let limited = r#"{"opcode":8,"retry_after":12.5,"meta":{"guild_id":"3","nonce":"n"}}"#;
        say("RATE_LIMITED", limited);
        let wait = Duration::from_millis(12_500);
        assert_eq!(ends.end_of(guild, "n").await, End::Limited(wait));

        ends.asked.insert(guild, Instant::now());
        say("READY", r#"{"shard":[1,2]}"#);
        chunk("n", 1);
        assert_eq!(ends.end_of(guild, "n").await, End::Done, "another shard");
        say("READY", r#"{"shard":[0,2]}"#);
        assert_eq!(ends.end_of(guild, "n").await, End::CutOff);
        assert!(ends.asked.is_empty(), "the limit was of the old session");
    }
}
