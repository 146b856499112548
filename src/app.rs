//! Boot order and shutdown order: the only room that knows all the others.
//!
//! Boot: database, engine, host, modules, gateway; with the first READY or RESUMED
//! the engine is started and the command list synced, and the bot is ready.
//! What Discord must answer on the way is asked for until it does, or the start is stopped.
//! Shutdown: not ready, gateway closed so that its session can be resumed, commands drained, engine drained
//! with its `after` hooks (the last flush), modules unloaded in reverse, database closed.

mod deadline;
pub(crate) mod intents;
pub(crate) mod job;
mod opening;
mod resting;
mod start;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::Context as _;
use cogsmith_tasks::{Clock, ErrorChain, Phase};
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info, warn};

use deadline::Deadline;
pub use resting::Resting;
use start::{Connected, Start};

use crate::{
    admin,
    config::BotConfig,
    discord::{Dispatch, Rest, RestError},
    error::{Error, Result},
    gateway::{Closing, Gateway},
    host::Host,
    http::Health,
    module::{Modules, Registry},
    runtime::Runtime,
    store::Db,
};

/// How many tasks a log line names.
const MOST_NAMES: usize = 20;

/// A running bot.
pub struct App {
    host: Host,
    #[expect(dead_code, reason = "dropping it ends the requests that wait")]
    rest: Rest,
    /// What Discord is called in the log: its name, or another address.
    place: String,
    gateway: Arc<Gateway>,
    dispatch: Arc<Dispatch>,
    /// Looks after the command lists once the bot is open.
    lists: OnceLock<AbortOnDropHandle<()>>,
    _guilds: AbortOnDropHandle<()>,
    health: Arc<Health>,
    admin: Option<admin::Server>,
    runtime: Runtime,
    drain: Duration,
}

impl App {
    /// Boots as far as an open gateway connection. Nothing of the modules runs yet.
    ///
    /// `health` is told how the bot is doing, from now on. A start that fails, or that is stopped by `stopped`, is
    /// ended in order within the drain time: modules that were loaded are unloaded, the database is closed.
    ///
    /// # Errors
    /// What `stopped` resolves with, or the first step that failed. [`crate::discord::RestError`] and
    /// [`crate::gateway::Error`] inside tell a refused token or refused intents from everything else.
    pub async fn start(
        config: &BotConfig,
        db: Db,
        modules: Modules,
        clock: Clock,
        health: Arc<Health>,
        stopped: impl Future<Output = Error>,
    ) -> Result<Self> {
        let mut start = Start::new(config, db, clock, health, modules.own_migrations())?;
        match start.connect(config, modules, stopped).await {
            Ok(connected) => Ok(Self::of(config, start, connected)),
            Err(error) => {
                start.end(config.drain).await;
                Err(error)
            }
        }
    }

    fn of(config: &BotConfig, start: Start, connected: Connected) -> Self {
        Self {
            host: connected.host,
            rest: connected.rest,
            place: config.place().to_owned(),
            gateway: connected.gateway,
            dispatch: connected.dispatch,
            lists: OnceLock::new(),
            _guilds: connected.guilds,
            health: start.health,
            admin: start.admin,
            runtime: start.runtime,
            drain: config.drain,
        }
    }

    /// Asks Discord, until it answers, whether the token is that of a bot. Nothing else of the bot is begun.
    ///
    /// # Errors
    /// [`RestError`]: Discord refused it.
    pub async fn verify(config: &BotConfig) -> Result<()> {
        let rest = Rest::new(config.clone()).await?;
        rest.application(config.place()).await?;
        Ok(())
    }

    /// The host, as the modules see it.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The modules, loaded and not.
    pub fn registry(&self) -> &Registry {
        self.dispatch.registry()
    }

    /// Commands that were replayed after the 3 s in which they could be answered, and dropped.
    pub fn late_commands(&self) -> u64 {
        self.dispatch.late()
    }

    /// Waits for Discord to let the bot in, starts everything, and returns when Discord has the commands too.
    ///
    /// A bot that has been connected for 10 s and is not open says so in the log, with what it waits for.
    /// A command list that Discord refuses is told in the log and leaves the bot open and not ready.
    ///
    /// # Errors
    /// The engine could not take over its tasks, the gateway cannot go on, or the token was refused.
    pub async fn open(&self) -> Result<()> {
        tokio::select! {
            begun = self.begin() => begun?,
            error = self.gateway.ended() => return Err(error.into()),
            never = opening::watch(self.gateway.connected(), self.host.clock()) => match never {},
        }
        self.health.set_open(true);
        self.sync_commands().await
    }

    async fn begin(&self) -> Result<()> {
        self.gateway.connected().await;
        let started = self.host.engine().start().await;
        started.context("starting the task engine")
    }

    async fn sync_commands(&self) -> Result<()> {
        let synced = self.dispatch.sync(&self.place).await;
        let lists = Arc::clone(&self.dispatch).look_after_lists(self.place.clone());
        self.lists
            .get_or_init(|| AbortOnDropHandle::new(tokio::spawn(lists)));
        match synced {
            Ok(()) => {
                self.health.set_commands_synced();
                info!("ready");
                Ok(())
            }
            Err(error @ RestError::TokenRefused) => Err(error.into()),
            Err(error) => {
                self.host.count_failure();
                error!("open, and not ready: {}", ErrorChain(&error.into()));
                Ok(())
            }
        }
    }

    /// Runs until `stop` resolves, a module asks for the end ([`Host::close`]) or the gateway cannot go on, then shuts
    /// down in order.
    ///
    /// # Errors
    /// Why the gateway could not go on, or what failed while opening.
    pub async fn run(self, stop: impl Future) -> Result<()> {
        let ended = tokio::select! {
            // The engine ends too then, and says less.
            biased;
            error = self.host.db().superseded() => Err(error.into()),
            ended = self.work() => ended,
            _ = stop => Ok(()),
            () = self.host.close_asked() => Ok(()),
        };
        self.shut_down().await;
        ended
    }

    async fn work(&self) -> Result<()> {
        let open = async {
            self.open().await?;
            std::future::pending().await
        };
        tokio::select! {
            refused = open => refused,
            error = self.gateway.ended() => Err(error.into()),
            error = self.host.engine().ended() => Err(error).context("the task engine has ended"),
        }
    }

    /// Shuts down in order, within the drain time: what has not ended by then is named in the log and dropped,
    /// as a crash would. Modules that hold every thread of theirs do not make it any longer.
    pub async fn shut_down(self) {
        let threads = self.runtime.handle().clone();
        if let Err(error) = threads.spawn(self.end()).await {
            error!("the shutdown failed: {error}");
        }
    }

    async fn end(self) {
        info!("shutting down");
        let deadline = Deadline::after(self.drain);
        self.health.set_open(false);
        // Whoever waits for a person must not hold up the end.
        self.host.events().close();
        self.close_gateway(&deadline).await;
        if deadline.work(self.dispatch.drain()).await.is_none() {
            let running = self.dispatch.running();
            warn!("{running} commands that still ran were cut off");
            self.host.engine().cancel_blocking();
        }
        self.stop_tasks(&deadline).await;
        self.host.engine().cancel_blocking();
        let events = self.host.events();
        if deadline.work(events.drained()).await.is_none() {
            warn!(
                "{} events that listeners had in hand were dropped",
                events.in_hand()
            );
        }
        self.dispatch.registry().unload(deadline.end).await;
        if let Some(admin) = self.admin {
            let _ = deadline.stage(admin.stop()).await;
        }
        if deadline.stage(self.host.db().close()).await.is_none() {
            error!("the database was not closed in time: what is not committed is rolled back");
        }
        info!("stopped");
    }

    async fn close_gateway(&self, deadline: &Deadline) {
        let closing = self.gateway.close(Closing::Resumable);
        let closed = deadline.first_stage(closing).await;
        let reason = match closed {
            Some(Ok(())) => return,
            Some(Err(error)) => ErrorChain(&error.into()).to_string(),
            None => "there was no time left".to_owned(),
        };
        error!("the sessions could not be saved: {reason}");
    }

    async fn stop_tasks(&self, deadline: &Deadline) {
        let engine = self.host.engine();
        let stopped = deadline.stage(engine.shut_down(deadline.work_left()));
        if stopped.await.is_some() {
            return;
        }
        let statuses = engine.tasks().into_iter().map(|task| task.status());
        let cut_off = statuses.filter(|status| status.phase != Phase::Idle);
        let names: Vec<_> = cut_off.map(|status| status.name.to_string()).collect();
        error!(
            tasks = names[..names.len().min(MOST_NAMES)].join(","),
            "{} tasks were cut off as by a crash: they had not ended, or their end could not be written",
            names.len()
        );
        // Told, and not waited for: the deadline is over.
        let _ = deadline.stage(engine.kill()).await;
    }
}
