//! The gateway of a job that needs it: a session of its own, which ends with the job.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use cogsmith_tasks::Clock;
use futures_util::{FutureExt, future::BoxFuture};
use serenity::model::{
    event::{Event, ReadyEvent},
    gateway::GatewayIntents,
    guild::Guild,
    id::GuildId,
};
use tokio::{runtime::Handle, sync::mpsc};
use tokio_util::task::AbortOnDropHandle;
use tracing::debug;

use super::Job;
use crate::{
    bus::ListenerId,
    config::{BotConfig, Problem, Shards},
    error::Result,
    events::{LeanMessage, Progress},
    gateway::{self, Closing, Delivery, Gateway, Interest, Members, Options, Sink},
};

/// Events that wait for the job; while there are so many, nothing more is read.
const WAITING: usize = 256;
/// How long the end waits for events that are being handed over.
const DRAIN: Duration = Duration::from_secs(1);

/// How the gateway is reached.
pub(crate) struct Entry {
    pub(crate) config: BotConfig,
    pub(crate) client: reqwest::Client,
    /// Where heartbeats are sent, whatever the job does with its own threads.
    pub(crate) threads: Handle,
}

/// A session of the gateway: see [`Job::gateway`].
pub struct Session {
    gateway: Arc<Gateway>,
    events: mpsc::Receiver<Arc<Event>>,
    /// Came before the guilds were there.
    early: VecDeque<Arc<Event>>,
    guilds: BTreeMap<GuildId, Arc<Event>>,
}

impl Job {
    /// Begins a session with the shards of these guilds, and waits until each of them is there. Without guilds every
    /// shard is started, and none is waited for.
    ///
    /// The session is the job's own: a bot that runs with the same token keeps its one, which is resumed after a
    /// restart all the same. It ends with the job, with close code 1000.
    ///
    /// # Errors
    /// The job has not declared that it [needs the gateway](crate::module::JobSetup::needs_gateway), or this is
    /// called twice; the bot is not in a guild; Discord refuses the token or the intents, or lets the bot begin no
    /// more sessions today.
    pub async fn gateway(&self, guilds: &[GuildId]) -> Result<Session> {
        let Some(intents) = self.0.parts.needs.gateway else {
            bail!("the job has not declared needs_gateway");
        };
        if self.0.gateway.borrow().is_some() {
            bail!("a job has one session of the gateway, and this would be the second");
        }
        let wanted: BTreeSet<_> = guilds.iter().copied().collect();
        let shards = self.shards(&wanted).await?;
        let (events, received) = mpsc::channel(WAITING);
        let sink = Collector {
            wanted: wanted.clone(),
            events,
        };
        let gateway = self.connect(shards.clone(), intents, sink).await?;
        self.0.gateway.send_replace(Some(Arc::clone(&gateway)));
        let mut session = Session {
            gateway,
            events: received,
            early: VecDeque::new(),
            guilds: BTreeMap::new(),
        };
        session.until_there(&shards, &wanted).await?;
        Ok(session)
    }

    /// Those of the guilds, or all of this process when there are none.
    async fn shards(&self, guilds: &BTreeSet<GuildId>) -> Result<Shards> {
        let set = self.0.parts.entry.config.shards.clone();
        let count = match &set {
            Some(shards) => shards.count,
            None => self.http().get_bot_gateway().await?.shards.max(1),
        };
        let ids = match guilds.is_empty() {
            true => set.map_or_else(|| (0..count).collect(), |set| set.ids),
            false => guilds.iter().map(|guild| shard_of(*guild, count)).collect(),
        };
        Ok(Shards { ids, count })
    }

    async fn connect(
        &self,
        shards: Shards,
        intents: GatewayIntents,
        sink: Collector,
    ) -> Result<Arc<Gateway>> {
        let Entry {
            config,
            client,
            threads,
        } = &self.0.parts.entry;
        let intents = intents | GatewayIntents::GUILDS;
        let mut options = Options::new(config.token.clone(), intents.bits());
        options.api_url.clone_from(&config.api_url);
        options.shards = Some(shards);
        options.ignores_start_limit = config.ignores_start_limit;
        options.large_threshold = config.large_threshold;
        options.presence = Some(config.presence.clone());
        options.drain = DRAIN;
        let (client, clock) = (client.clone(), Clock::system());
        let connecting = Gateway::connect(
            options,
            client,
            None,
            Progress::new(),
            Arc::new(sink),
            clock,
        );
        let connecting = AbortOnDropHandle::new(threads.spawn(connecting));
        Ok(Arc::new(connecting.await.context("connecting")??))
    }

    /// Resolves when the gateway cannot go on, with the reason.
    pub(crate) async fn disconnected(&self) -> gateway::Error {
        let mut gateway = self.0.gateway.subscribe();
        // The sender lives as long as the job.
        let begun = gateway.wait_for(Option::is_some).await;
        let gateway = begun.ok().and_then(|gateway| gateway.clone());
        match gateway {
            Some(gateway) => gateway.ended().await,
            None => std::future::pending().await,
        }
    }

    pub(super) async fn close_gateway(&self) {
        let gateway = self.0.gateway.send_replace(None);
        if let Some(gateway) = gateway
            && let Err(error) = gateway.close(Closing::ForGood).await
        {
            debug!("closing the gateway: {error}");
        }
    }
}

impl Session {
    /// A guild that the session was begun with, as it was then: channels, roles, threads, and with their intents the
    /// members, voice states and presences that Discord sends at first.
    #[must_use]
    pub fn guild(&self, guild: GuildId) -> Option<&Guild> {
        match &**self.guilds.get(&guild)? {
            Event::GuildCreate(event) => Some(&event.guild),
            _ => None,
        }
    }

    /// The next event of these guilds, or of none.
    ///
    /// # Errors
    /// The gateway cannot go on.
    pub async fn next(&mut self) -> Result<Arc<Event>> {
        match self.early.pop_front() {
            Some(event) => Ok(event),
            None => self.receive().await,
        }
    }

    /// Asks for members of a guild: see [`gateway::Gateway::request_members`].
    pub fn request_members(&self, guild: GuildId, members: &Members, nonce: &str) {
        self.gateway.request_members(guild, members, nonce);
    }

    async fn receive(&mut self) -> Result<Arc<Event>> {
        let ended = tokio::select! {
            biased;
            Some(event) = self.events.recv() => return Ok(event),
            ended = self.gateway.ended() => ended,
        };
        Err(ended.into())
    }

    async fn until_there(&mut self, shards: &Shards, wanted: &BTreeSet<GuildId>) -> Result<()> {
        let mut ready = BTreeSet::new();
        while ready.len() < shards.ids.len() || self.guilds.len() < wanted.len() {
            let event = self.receive().await?;
            match &*event {
                Event::Ready(event) => {
                    ready.insert(check_guilds(event, shards.count, wanted)?);
                }
                Event::GuildCreate(created) => {
                    let id = created.guild.id;
                    if wanted.contains(&id) {
                        self.guilds.insert(id, event);
                    }
                }
                _ => self.early.push_back(event),
            }
        }
        Ok(())
    }
}

/// The shard that is ready, whose guilds are told in its READY.
fn check_guilds(event: &ReadyEvent, count: u32, wanted: &BTreeSet<GuildId>) -> Result<u32> {
    let ready = &event.ready;
    let shard = ready.shard.map_or(0, |shard| shard.id.0);
    let mut own = wanted.iter().filter(|it| shard_of(**it, count) == shard);
    let missing = own.find(|it| ready.guilds.iter().all(|guild| guild.id != **it));
    match missing {
        None => Ok(shard),
        Some(missing) => {
            let found = format!("{missing}, in which the bot is not");
            Err(Problem::new("guild", found, "a guild of the bot's").into())
        }
    }
}

/// See Discord docs/Gateway/Sharding.
fn shard_of(guild: GuildId, count: u32) -> u32 {
    let shard = (guild.get() >> 22) % u64::from(count.max(1));
    u32::try_from(shard).unwrap_or_default()
}

/// Hands on the events of the guilds that are wanted.
struct Collector {
    wanted: BTreeSet<GuildId>,
    events: mpsc::Sender<Arc<Event>>,
}

impl Sink for Collector {
    fn interest(&self, _kind: &str) -> Interest {
        Interest {
            deliver: true,
            ..Interest::default()
        }
    }

    fn fold(&self, _message: &LeanMessage<'_>) {}

    fn listeners(
        &self,
        _kind: &str,
        guild: Option<GuildId>,
        _message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let is_other = guild.is_some_and(|guild| !self.wanted.contains(&guild));
        match is_other && !self.wanted.is_empty() {
            true => Vec::new(),
            false => vec![0],
        }
    }

    fn module(&self, _listener: ListenerId) -> &'static str {
        "the job"
    }

    fn deliver(&self, _listener: ListenerId, delivery: Delivery) -> BoxFuture<'static, ()> {
        let events = self.events.clone();
        async move {
            // A job that has ended hears no more.
            let _ = events.send(delivery.event).await;
        }
        .boxed()
    }
}
