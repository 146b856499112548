//! One bot, and one life of it on threads of its own.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use anyhow::Context as _;
use cogsmith_tasks::Clock;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tracing::{Span, info};

use super::error::{Panicked, Stopped};
use crate::{
    app::App,
    config::{self, BotConfig, BotName},
    error::{Error, Result},
    http::Health,
    module::Modules,
    runtime::{Origin, Runtime},
    store::Db,
    telemetry,
};

/// A bot that is to run.
pub struct Bot {
    pub(super) settings: config::Bot,
    pub(super) modules: Modules,
    /// Opened already, for its first life.
    pub(super) db: Option<Db>,
}

impl Bot {
    /// With these modules; the settings choose among them.
    #[must_use]
    pub fn new(settings: config::Bot, modules: Modules) -> Self {
        Self {
            settings,
            modules,
            db: None,
        }
    }

    /// Uses a database that is open: what its settings lead to.
    #[must_use]
    pub fn on(mut self, db: Db) -> Self {
        self.db = Some(db);
        self
    }

    pub(super) fn name(&self) -> Option<&BotName> {
        self.settings.config.name.as_ref()
    }

    /// What its log lines say of it.
    pub(super) fn span(&self) -> Span {
        let name = self.name().map(BotName::as_str);
        name.map_or_else(Span::none, telemetry::bot)
    }

    pub(super) fn life(&self, db: Db, clock: Clock, stopping: CancellationToken) -> Life {
        Life {
            config: self.settings.config.clone(),
            modules: self.modules.clone(),
            health: Arc::new(Health::new(db.clone())),
            db,
            clock,
            stopping,
        }
    }
}

/// From a start of a bot to its end.
pub(super) struct Life {
    config: BotConfig,
    modules: Modules,
    db: Db,
    pub(super) health: Arc<Health>,
    clock: Clock,
    stopping: CancellationToken,
}

impl Life {
    /// Lives it on a thread of its own, which drives the bot also while modules hold every thread of theirs.
    ///
    /// # Errors
    /// Why the bot has ended; [`Panicked`] when that thread has.
    pub(super) async fn live(self) -> Result<()> {
        let origin = Origin::here();
        let (sender, ended) = oneshot::channel();
        let lives = move || {
            origin.adopt();
            let ended = catch_unwind(AssertUnwindSafe(|| self.run()));
            let ended = ended.unwrap_or_else(|panic| Err(panicked(&*panic).into()));
            // Whoever no longer waits does not want to know.
            drop(sender.send(ended));
        };
        let builder = thread::Builder::new().name("cogsmith-bot".to_owned());
        builder
            .spawn(lives)
            .context("starting a thread for the bot")?;
        ended.await.context("the thread of the bot has ended")?
    }

    fn run(self) -> Result<()> {
        // Dropped without waiting: work that blocks its thread beyond the drain time must not keep the bot from ending.
        let runtime = Runtime::of_modules()?;
        runtime.block_on(Box::pin(self.boot_and_run()))
    }

    async fn boot_and_run(self) -> Result<()> {
        let stopping = &self.stopping;
        let stopped = async {
            stopping.cancelled().await;
            Error::from(Stopped)
        };
        let (db, clock) = (self.db, self.clock);
        let starting = App::start(&self.config, db, self.modules, clock, self.health, stopped);
        match starting.await {
            Ok(app) => app.run(stopping.cancelled()).await,
            Err(error) if error.is::<Stopped>() => {
                info!("{error}");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Panicked {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Panicked(text.unwrap_or_else(|| "no message".to_owned()))
}
