//! From options to running shards.

use std::{
    collections::BTreeMap, ops::RangeInclusive, panic::AssertUnwindSafe, sync::Arc, time::Duration,
};

use cogsmith_tasks::Clock;
use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::{error, info};
use twilight_gateway::{Config, ConfigBuilder, Intents, Session, ShardId, queue::InMemoryQueue};
use twilight_model::gateway::payload::outgoing::identify::IdentifyProperties;

use super::{
    Closing, Counters, End, Error, Gateway, Options, ShardHandle, Sink,
    connection::Connection,
    entry::{Ask, Entry, StartLimit},
    guard::{Guard, Turns},
    link::Link,
    name,
    reader::{Reader, Shared, Wires},
    session::{Sessions, Stored},
    watchdog::Watchdog,
};
use crate::{
    bus::Lanes,
    config::Shards,
    events::{Position, Progress},
    shards::Shard,
    store::Db,
};

/// Discord closes a connection that asks for a large threshold below or above.
const LARGE_THRESHOLD: RangeInclusive<u64> = 50..=250;
/// Of the largest bots there are.
const MOST_SHARDS: u32 = 16_000;

impl Gateway {
    /// Asks the API where the gateway is, and starts every shard: resuming where a session is known, else with a new one.
    ///
    /// A failure that may pass is waited out, for as long as it takes; dropping the future ends that.
    /// Returns before the shards are connected: READY is an event like any other.
    /// `progress` must be fresh; the marks of folding modules are read into it from `db`. Without a database every
    /// session is a new one and none is kept; those that a database holds are left to whoever runs on it.
    ///
    /// # Errors
    /// [`Error::TokenRefused`], [`Error::NoSessionsLeft`],
    /// [`Error::Answer`], [`Error::ShardCount`], [`Error::Store`].
    pub async fn connect(
        options: Options,
        http: reqwest::Client,
        db: impl Into<Option<Db>>,
        progress: Arc<Progress>,
        sink: Arc<dyn Sink>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let ask = Ask::new(http, &options);
        let entry = ask.until_answered().await?;
        let shards = options.shards.clone();
        let Shards { ids, count } = shards.unwrap_or_else(|| all(entry.shards));
        if !(1..=MOST_SHARDS).contains(&count) {
            return Err(Error::ShardCount { count });
        }
        let (db, mut begun) = (db.into(), Vec::new());
        if let Some(db) = &db {
            begun = progress.take_commands(db).await?;
            progress.load_marks(db).await?;
        }
        let total = entry.limit.total;
        let guard = Guard::open(db.clone(), clock.clone(), total, ids.len()).await?;
        let sessions = Sessions::new(db, clock.clone(), Arc::clone(&progress), count);
        let mut stored = sessions.load().await?;
        stored.retain(|id, _| ids.contains(id));
        if !options.ignores_start_limit {
            check_limit(&entry.limit, ids.len(), stored.len())?;
        }
        info!(shards = ids.len(), of = count, "gateway at {}", entry.url);

        let lanes = options.lanes.clone();
        let lanes = lanes.unwrap_or_else(|| Lanes::new(options.limits));
        let counters = Arc::new(Counters::with(Arc::clone(lanes.counters())));
        let gate = options.connected.clone();
        let link = Arc::new(Link::new(gate, clock.clone(), ids.iter().copied()));
        let table = options.table.clone();
        table.open(&ids, count, options.presence.as_ref());
        let shared = Shared {
            sink,
            lanes,
            sessions,
            guard: Arc::new(guard),
            progress,
            counters,
            clock,
            table,
            link,
            told_unreachable: Mutex::default(),
        };
        let shards = Shards { ids, count };
        Ok(Start::new(&options, &entry, shared).shards(&shards, stored, &begun, ask))
    }
}

/// What every shard starts with.
struct Start {
    config: Config<Turns>,
    shared: Arc<Shared>,
    closing: watch::Sender<Option<Closing>>,
    ended: watch::Sender<Option<End>>,
    readers: TaskTracker,
    hello_within: Duration,
    drain: Duration,
}

impl Start {
    fn new(options: &Options, entry: &Entry, shared: Shared) -> Self {
        Self {
            config: config(options, entry, &shared),
            shared: Arc::new(shared),
            closing: watch::Sender::new(None),
            ended: watch::Sender::new(None),
            readers: TaskTracker::new(),
            hello_within: options.hello_within,
            drain: options.drain,
        }
    }

    fn shards(
        self,
        Shards { ids, count }: &Shards,
        mut stored: BTreeMap<u32, Stored>,
        begun: &[Position],
        ask: Ask,
    ) -> Gateway {
        let start = |id: &u32| {
            let known = self.shared.table.shard(*id)?;
            let shard = ShardId::new(*id, *count);
            Some((*id, self.shard(shard, &known, stored.remove(id), begun)))
        };
        let shards: BTreeMap<_, _> = ids.iter().filter_map(start).collect();
        let renewals = shards
            .iter()
            .map(|(id, shard)| (*id, Arc::clone(&shard.renewal)));
        let watchdog = Watchdog {
            shared: Arc::clone(&self.shared),
            ask,
            renewals: renewals.collect(),
        };
        let ended = self.ended.clone();
        let watchdog = tokio::spawn(async move { end(&ended, watchdog.watch().await) });
        let shared = Arc::clone(&self.shared);
        let keeper = tokio::spawn(async move { shared.sessions.keep().await });
        Gateway {
            shards,
            shard_count: *count,
            ended: self.ended.subscribe(),
            shared: self.shared,
            closing: self.closing,
            readers: self.readers,
            keeper: keeper.abort_handle(),
            watchdog: watchdog.abort_handle(),
            drain: self.drain,
        }
    }

    fn shard(
        &self,
        id: ShardId,
        known: &Shard,
        stored: Option<Stored>,
        begun: &[Position],
    ) -> ShardHandle {
        let wires = Wires::new(known.commands(), self.closing.subscribe(), known);
        let renewal = Arc::clone(&wires.renewal);
        let session = stored.as_ref().map(session);
        let connection = Connection::new(id, self.config.clone(), self.hello_within, session);
        let mut reader = Reader::new(id.number(), connection, Arc::clone(&self.shared), wires);
        if let Some(stored) = stored {
            let commands = begun.iter().find(|begun| is_of(begun, &stored.position));
            reader = reader.taking_up(stored, commands.map(|begun| begun.sequence));
        }
        let task = self
            .readers
            .spawn(read(id.number(), reader, self.ended.clone()));
        ShardHandle {
            renewal,
            task: task.abort_handle(),
        }
    }
}

async fn read(shard: u32, reader: Reader, ended: watch::Sender<Option<End>>) {
    match AssertUnwindSafe(reader.run()).catch_unwind().await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => end(&ended, why),
        Err(_) => end(&ended, End::Broken { shard }),
    }
}

fn end(ended: &watch::Sender<Option<End>>, why: End) {
    error!(error = %Error::from(why), "the gateway cannot go on");
    // The first reason is the one that counts.
    ended.send_if_modified(|first| {
        let is_first = first.is_none();
        first.get_or_insert(why);
        is_first
    });
}

fn is_of(one: &Position, other: &Position) -> bool {
    (one.shard, &one.session) == (other.shard, &other.session)
}

fn session(stored: &Stored) -> (Session, String) {
    let session = Session::new(
        stored.position.sequence,
        name::id_of(&stored.position.session).to_owned(),
    );
    (session, stored.resume_url.clone())
}

fn config(options: &Options, entry: &Entry, shared: &Shared) -> Config<Turns> {
    // An error means that another part of the process has installed a provider already: that one serves.
    drop(rustls::crypto::ring::default_provider().install_default());
    let StartLimit {
        total,
        remaining,
        reset_after,
        max_concurrency,
    } = entry.limit;
    let reset_after = Duration::from_millis(reset_after);
    let remaining = match options.ignores_start_limit {
        true => total,
        false => remaining.min(total),
    };
    let (least, most) = (*LARGE_THRESHOLD.start(), *LARGE_THRESHOLD.end());
    let large_threshold = options.large_threshold.clamp(least, most);
    let turns = Turns {
        guard: Arc::clone(&shared.guard),
        pace: InMemoryQueue::new(max_concurrency, remaining, reset_after, total),
        link: Arc::clone(&shared.link),
    };
    let intents = Intents::from_bits_retain(options.intents);
    ConfigBuilder::new(options.token.expose().to_owned(), intents)
        .proxy_url(entry.url.clone())
        .large_threshold(large_threshold)
        .identify_properties(IdentifyProperties::new(
            "cogsmith",
            "cogsmith",
            std::env::consts::OS,
        ))
        .queue(turns)
        .build()
}

fn all(count: u32) -> Shards {
    let ids = (0..count.min(MOST_SHARDS)).collect();
    Shards { ids, count }
}

/// Every shard without a session needs to start one.
fn check_limit(limit: &StartLimit, shards: usize, with_session: usize) -> Result<(), Error> {
    let needed = u32::try_from(shards.saturating_sub(with_session)).unwrap_or(u32::MAX);
    if limit.remaining < needed {
        let resets_in = Duration::from_millis(limit.reset_after);
        return Err(Error::NoSessionsLeft {
            remaining: limit.remaining,
            needed,
            resets_in,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_new_sessions_are_refused() {
        fn check(remaining: u32, shards: usize, with_session: usize, expected: Option<&str>) {
            let limit = StartLimit {
                total: 1_000,
                remaining,
                reset_after: 61_500,
                max_concurrency: 1,
            };
            let refused = check_limit(&limit, shards, with_session).err();
            assert_eq!(refused.map(|error| error.to_string()).as_deref(), expected);
        }
        check(1, 1, 0, None);
        check(0, 2, 2, None);
        check(1, 2, 1, None);
        let refused = "1 new sessions may be started, expected 2; the limit resets in 61 s";
        check(1, 3, 1, Some(refused));
    }
}
