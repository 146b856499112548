//! From options to running shards.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use cogsmith_tasks::Clock;
use futures_util::FutureExt;
use parking_lot::Mutex;
use tokio::sync::{mpsc, watch};
use tokio_util::task::TaskTracker;
use tracing::{error, info};
use twilight_gateway::{Config, ConfigBuilder, Intents, Session, ShardId, queue::InMemoryQueue};
use twilight_model::gateway::payload::outgoing::identify::IdentifyProperties;

use super::{
    Counters, End, Error, Gateway, Options, ShardHandle, Sink,
    connection::Connection,
    entry::{self, Entry, StartLimit},
    lanes::{Lanes, Limits},
    reader::{Pulse, Reader, Shared, Wires},
    session::{Sessions, Stored},
};
use crate::{events::Progress, store::Db};

/// Discord closes a connection that asks for less or more.
const LARGE_THRESHOLD: u64 = 250;
/// Of the largest bots there are.
const MOST_SHARDS: u32 = 16_000;

impl Gateway {
    /// Asks the API where the gateway is, and starts every shard: resuming where a session is known, else with a new one.
    ///
    /// Returns before the shards are connected: READY is an event like any other.
    /// `progress` must be fresh; the marks of folding modules are read into it from `db`.
    ///
    /// # Errors
    /// [`Error::Unreachable`] after five attempts, [`Error::TokenRefused`], [`Error::NoSessionsLeft`],
    /// [`Error::Answer`], [`Error::ShardCount`], [`Error::Store`].
    pub async fn connect(
        options: Options,
        http: reqwest::Client,
        db: Db,
        progress: Arc<Progress>,
        sink: Arc<dyn Sink>,
        clock: Clock,
    ) -> Result<Self, Error> {
        let entry = entry::ask(&http, &options).await?;
        let count = options.shard_count.unwrap_or(entry.shards);
        if !(1..=MOST_SHARDS).contains(&count) {
            return Err(Error::ShardCount { count });
        }
        progress.load_marks(&db).await?;
        let sessions = Arc::new(Sessions::new(
            db,
            clock.clone(),
            Arc::clone(&progress),
            count,
        ));
        let mut stored = sessions.load().await?;
        check_limit(
            &entry.limit,
            count.saturating_sub(u32::try_from(stored.len()).unwrap_or(count)),
        )?;

        let counters = Arc::new(Counters::default());
        let limits = Limits {
            lane: options.lane_bound.max(1),
            total: options.total_bound.max(1),
            slow_after: options.slow_after,
        };
        let lanes = Lanes::new(Arc::clone(&sink), Arc::clone(&counters), limits);
        let presence = Arc::new(Mutex::new(
            options.presence.as_ref().map(super::Presence::command),
        ));
        let shared = Arc::new(Shared {
            sink,
            lanes: lanes.clone(),
            sessions: Arc::clone(&sessions),
            counters: Arc::clone(&counters),
            clock,
            presence: Arc::clone(&presence),
        });
        let (closing, _) = watch::channel(None);
        let (end, ended) = watch::channel(None);
        let start = Start {
            config: config(&options, &entry),
            shared,
            progress: Arc::clone(&progress),
            closing: closing.clone(),
            end,
            tasks: TaskTracker::new(),
        };
        let shards = (0..count).map(|id| start.shard(ShardId::new(id, count), stored.remove(&id)));
        let shards = shards.collect();
        info!(
            shards = count,
            "gateway at {} with {count} shards", entry.url
        );
        let keeper = tokio::spawn({
            let sessions = Arc::clone(&sessions);
            async move { sessions.keep().await }
        });
        Ok(Self {
            shards,
            closing,
            ended,
            tasks: start.tasks,
            keeper: keeper.abort_handle(),
            lanes,
            sessions,
            progress,
            presence,
            counters,
            drain: options.drain,
        })
    }
}

/// What every shard starts with.
struct Start {
    config: Config,
    shared: Arc<Shared>,
    progress: Arc<Progress>,
    closing: watch::Sender<Option<super::Closing>>,
    end: watch::Sender<Option<End>>,
    tasks: TaskTracker,
}

impl Start {
    fn shard(&self, id: ShardId, stored: Option<Stored>) -> ShardHandle {
        let (commands, receiver) = mpsc::unbounded_channel();
        let pulse = Arc::<Mutex<Pulse>>::default();
        let wires = Wires {
            commands: receiver,
            closing: self.closing.subscribe(),
            pulse: Arc::clone(&pulse),
        };
        let connection = Connection::new(id, self.config.clone(), stored.as_ref().map(session));
        let progress = self.progress.shard(id.number());
        let mut reader = Reader::new(
            id.number(),
            connection,
            Arc::clone(&self.shared),
            wires,
            progress,
        );
        if let Some(stored) = stored {
            reader = reader.taking_up(stored);
        }
        let task = self
            .tasks
            .spawn(read(id.number(), reader, self.end.clone()));
        ShardHandle {
            commands,
            pulse,
            task: task.abort_handle(),
        }
    }
}

async fn read(shard: u32, reader: Reader, ended: watch::Sender<Option<End>>) {
    let code = match AssertUnwindSafe(reader.run()).catch_unwind().await {
        Ok(Ok(())) => return,
        Ok(Err(code)) => Some(code),
        Err(_) => None,
    };
    let end = End { shard, code };
    error!(shard.id = shard, error = %Error::from(end), "shard {shard} ended");
    // The first reason is the one that counts.
    ended.send_if_modified(|first| {
        let is_first = first.is_none();
        first.get_or_insert(end);
        is_first
    });
}

fn session(stored: &Stored) -> (Session, String) {
    let session = Session::new(
        stored.position.sequence,
        stored.position.session.as_ref().to_owned(),
    );
    (session, stored.resume_url.clone())
}

fn config(options: &Options, entry: &Entry) -> Config {
    // An error means that another part of the process has installed a provider already: that one serves.
    drop(rustls::crypto::ring::default_provider().install_default());
    let StartLimit {
        total,
        remaining,
        reset_after,
        max_concurrency,
    } = entry.limit;
    let reset_after = Duration::from_millis(reset_after);
    let queue = InMemoryQueue::new(max_concurrency, remaining.min(total), reset_after, total);
    let intents = Intents::from_bits_retain(options.intents);
    ConfigBuilder::new(options.token.expose().to_owned(), intents)
        .proxy_url(entry.url.clone())
        .large_threshold(LARGE_THRESHOLD)
        .identify_properties(IdentifyProperties::new(
            "cogsmith",
            "cogsmith",
            std::env::consts::OS,
        ))
        .queue(queue)
        .build()
}

/// Every shard without a session needs to start one.
fn check_limit(limit: &StartLimit, needed: u32) -> Result<(), Error> {
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
        fn check(remaining: u32, needed: u32, expected: Option<&str>) {
            let limit = StartLimit {
                total: 1_000,
                remaining,
                reset_after: 61_500,
                max_concurrency: 1,
            };
            let refused = check_limit(&limit, needed)
                .err()
                .map(|error| error.to_string());
            assert_eq!(refused.as_deref(), expected);
        }
        check(1, 1, None);
        check(0, 0, None);
        check(
            1,
            2,
            Some("1 new sessions may be started, expected 2; the limit resets in 61 s"),
        );
    }
}
