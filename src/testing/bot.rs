//! A whole bot in a test: modules, engine, database, and a Discord of its own.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith_simulator::{Guild, Simulator};
use cogsmith_tasks::Clock;

use super::{Database, log::Log};
use crate::{
    host::Host,
    module::{Modules, Registry},
    stage::Stage,
};

/// Where the clock of every test stands at first: a Monday morning.
const START: i64 = 1_772_442_000;

/// A bot that is ready, whose clock stands until it is moved.
///
/// When it is dropped without a panic, it asserts that nothing failed unexpectedly and that the simulator met
/// no request it does not know or, where `DISCORD_OPENAPI` names Discord's file, that its format forbids.
///
/// A test that fails shows the log of its bots: the newest 256 KiB of what `RUST_LOG` lets through, `info` when
/// that is not set. A test that passes shows nothing. Nothing is kept where the process or the test's thread
/// has a `tracing` subscriber of its own.
pub struct TestBot {
    stage: Option<Stage>,
    database: Database,
    modules: Modules,
    clock: Clock,
    expected_failures: u64,
    owner_guild: Option<u64>,
    log: Log,
}

impl TestBot {
    /// Starts `modules` on an empty SQLite database.
    ///
    /// # Panics
    /// The bot does not become ready.
    pub async fn start(modules: Modules) -> Self {
        Self::start_on(Database::sqlite(), modules).await
    }

    /// Starts `modules` on `database`.
    ///
    /// # Panics
    /// The bot does not become ready.
    pub async fn start_on(database: Database, modules: Modules) -> Self {
        let log = Log::start();
        let start: DateTime<Utc> =
            DateTime::from_timestamp(START, 0).expect("an instant of this century");
        let clock = Clock::manual(start);
        let now = clock.clone();
        let simulator = Simulator::builder()
            .now(Arc::new(move || now.now()))
            .start()
            .await
            .expect("a free port");
        let mut bot = Self {
            stage: None,
            database,
            modules,
            clock,
            expected_failures: 0,
            owner_guild: None,
            log,
        };
        bot.boot(simulator).await;
        bot
    }

    async fn boot(&mut self, simulator: Simulator) {
        let db = self.database.open().await;
        let (modules, clock) = (self.modules.clone(), self.clock.clone());
        let stage = Stage::start_owned(self.owner_guild, simulator, db, modules, clock).await;
        self.stage = Some(stage.expect("a bot that becomes ready"));
        self.settle().await;
    }

    fn stage(&self) -> &Stage {
        self.stage.as_ref().expect("a running bot")
    }

    /// The Discord it is connected to.
    pub fn simulator(&self) -> &Simulator {
        &self.stage().simulator
    }

    /// The host, as modules see it.
    pub fn host(&self) -> &Host {
        self.stage().app.host()
    }

    /// The modules, loaded and not.
    pub fn registry(&self) -> &Registry {
        self.stage().app.registry()
    }

    /// From the next restart on, only this server has the owner-only commands.
    pub fn set_owner_guild(&mut self, guild: &Guild) {
        self.owner_guild = Some(guild.id().get());
    }

    /// A server, made when there is none of that name, with a `general` channel.
    pub fn guild(&self, name: &str) -> Guild {
        self.simulator().guild(name)
    }

    /// What was posted in a channel, oldest first.
    pub fn messages(&self, guild: &Guild, channel: &str) -> Vec<String> {
        guild
            .channel(channel)
            .messages()
            .into_iter()
            .map(|message| message.content().to_owned())
            .collect()
    }

    /// Waits until the bot has handled everything and every task that is due has run.
    ///
    /// # Panics
    /// It stays busy; the message names what is pending.
    pub async fn settle(&self) {
        self.stage()
            .settle()
            .await
            .expect("a bot that becomes quiet");
    }

    /// Moves the clock from timer to timer, letting the bot become quiet after each.
    ///
    /// # Panics
    /// As [`TestBot::settle`].
    pub async fn advance(&self, by: Duration) {
        self.stage()
            .advance(by)
            .await
            .expect("a bot that becomes quiet");
    }

    /// Stops the bot in order and starts it again on the same database and Discord.
    ///
    /// # Panics
    /// The bot does not become ready again.
    pub async fn restart(&mut self) {
        let Stage { simulator, app, .. } = self.stage.take().expect("a running bot");
        self.expected_failures -= app.host().failures().min(self.expected_failures);
        app.shut_down().await;
        self.boot(simulator).await;
    }

    /// As [`TestBot::restart`], with these modules from now on.
    ///
    /// # Panics
    /// As [`TestBot::restart`].
    pub async fn restart_with(&mut self, modules: Modules) {
        self.modules = modules;
        self.restart().await;
    }

    /// Says that `failures` commands, listeners or folds are meant to fail in this test.
    pub fn expect_failures(&mut self, failures: u64) {
        self.expected_failures += failures;
    }

    /// What a test must not leave behind, a sentence for each kind.
    fn faults(&self, stage: &Stage) -> Vec<String> {
        let failures = stage.app.host().failures();
        let unexpected = (failures != self.expected_failures).then(|| {
            let met = format!(
                "unexpected failures: {failures} instead of {}",
                self.expected_failures
            );
            listed(&met, &self.log.errors())
        });
        let gaps = stage.simulator.gaps();
        let violations = stage.simulator.violations();
        let gaps =
            (!gaps.is_empty()).then(|| listed("requests the simulator does not know", &gaps));
        let violations = (!violations.is_empty()).then(|| {
            listed(
                "requests or answers that Discord's format forbids",
                &violations,
            )
        });
        unexpected
            .into_iter()
            .chain(gaps)
            .chain(violations)
            .collect()
    }
}

fn listed(what: &str, items: &[String]) -> String {
    let items = items.iter().map(|item| format!("\n  {item}"));
    format!("{what}{}", items.collect::<String>())
}

impl Drop for TestBot {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return self.log.print();
        }
        let faults = self.stage.as_ref().map(|stage| self.faults(stage));
        let faults = faults.unwrap_or_default();
        if !faults.is_empty() {
            self.log.print();
            panic!("{}", faults.join("\n"));
        }
    }
}
