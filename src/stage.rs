//! A bot and a local Discord in one process, with a clock that somebody else may move.
//!
//! Scripts, demos and tests play on it.
//! Nothing here waits by sleeping: [`Stage::settle`] follows what the simulator has sent and what the bot has done with it.

use std::{pin::pin, sync::Arc, time::Duration};

use anyhow::Context as _;
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use futures_util::FutureExt;

use crate::{
    app::App,
    config::{BotConfig, Token},
    error::{Error, Result},
    http::Health,
    module::Modules,
    store::Db,
};

/// How long, in real time, the bot may take to become quiet before that is an error.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long, by the stage's clock, running work may take when the bot is stopped.
const DRAIN: Duration = Duration::from_secs(10);

/// A bot that is ready, and the Discord it is connected to.
pub struct Stage {
    /// The local Discord.
    pub simulator: Simulator,
    /// The bot.
    pub app: App,
    clock: Clock,
}

impl Stage {
    /// Starts `modules` against `simulator` and waits until the bot is ready.
    ///
    /// # Errors
    /// The first step that failed.
    pub async fn start(
        simulator: Simulator,
        db: Db,
        modules: Modules,
        clock: Clock,
    ) -> Result<Self> {
        let never = std::future::pending();
        Self::start_before(never, simulator, db, modules, clock).await
    }

    /// As [`Stage::start`], with a guild that alone has the owner-only commands.
    ///
    /// # Errors
    /// The first step that failed.
    pub async fn start_owned(
        owner_guild: Option<u64>,
        simulator: Simulator,
        db: Db,
        modules: Modules,
        clock: Clock,
    ) -> Result<Self> {
        let config = BotConfig {
            owner_guild,
            ..config_for(&simulator)
        };
        let never = std::future::pending();
        Self::begin(&config, never, simulator, db, modules, clock).await
    }

    /// As [`Stage::start`], unless `stopped` comes first: what has begun is then ended in order.
    ///
    /// # Errors
    /// What `stopped` resolves with, or the first step that failed.
    pub async fn start_before(
        stopped: impl Future<Output = Error>,
        simulator: Simulator,
        db: Db,
        modules: Modules,
        clock: Clock,
    ) -> Result<Self> {
        let config = config_for(&simulator);
        Self::begin(&config, stopped, simulator, db, modules, clock).await
    }

    async fn begin(
        config: &BotConfig,
        stopped: impl Future<Output = Error>,
        simulator: Simulator,
        db: Db,
        modules: Modules,
        clock: Clock,
    ) -> Result<Self> {
        let health = Arc::new(Health::new(db.clone()));
        let mut stopped = pin!(stopped);
        let starting = App::start(config, db, modules, clock.clone(), health, &mut stopped);
        let app = starting.await?;
        let opened = tokio::select! {
            biased;
            error = stopped => Err(error),
            opened = app.open() => opened,
        };
        if let Err(error) = opened {
            app.shut_down().await;
            return Err(error);
        }
        Ok(Self {
            simulator,
            app,
            clock,
        })
    }

    /// Waits until the bot has handled everything it was sent, and every task that is due has run.
    ///
    /// # Errors
    /// It is still busy after 20 s of real time; the error names what is pending.
    pub async fn settle(&self) -> Result<()> {
        let settled = tokio::time::timeout(PATIENCE, self.until_quiet()).await;
        settled.with_context(|| format!("waiting for the bot to become quiet: {}", self.pending()))
    }

    async fn until_quiet(&self) {
        loop {
            // What was spawned beside the bot, on the runtime of whoever waits, begins before the clock may move.
            tokio::task::yield_now().await;
            let sent = self.simulator.sent_sequence(0);
            self.quiet(sent).await;
            self.app.host().engine().settle().await;
            if self.simulator.sent_sequence(0) == sent && self.quiet(sent).now_or_never().is_some()
            {
                return;
            }
        }
    }

    /// Waits until every event up to this number has arrived, and what still runs only waits for another event.
    async fn quiet(&self, sent: u64) {
        let (progress, events) = (self.app.host().progress(), self.app.host().events());
        loop {
            let mut changed = pin!(progress.changed());
            changed.as_mut().enable();
            let quiet = async {
                match progress.received(0) >= sent {
                    true => events.quiet(|| progress.in_hand()).await,
                    false => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = quiet => return,
                () = changed => {}
            }
        }
    }

    fn pending(&self) -> String {
        let progress = self.app.host().progress();
        let (sent, handled) = (self.simulator.sent_sequence(0), progress.handled(0));
        format!(
            "{handled} of {sent} events handled, {} in hand",
            progress.in_hand()
        )
    }

    /// Moves the clock, timer by timer, letting the bot become quiet after each.
    ///
    /// # Errors
    /// As [`Stage::settle`].
    pub async fn advance(&self, by: Duration) -> Result<()> {
        let end = self.clock.monotonic().saturating_add(by);
        loop {
            self.settle().await?;
            let left = end.saturating_sub(self.clock.monotonic());
            let step = self.clock.next_wake().filter(|wake| *wake <= left);
            self.clock.advance(step.unwrap_or(left));
            if step.is_none() {
                return self.settle().await;
            }
        }
    }
}

fn config_for(simulator: &Simulator) -> BotConfig {
    BotConfig {
        api_url: Some(simulator.api_url().to_owned()),
        drain: DRAIN,
        ..BotConfig::new(Token::new(simulator.token()))
    }
}
