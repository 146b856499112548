//! The stage of a script: a bot that can be stopped and started again on the same database.

use std::time::Duration;

use anyhow::Context as _;
use cogsmith_simulator::{Simulator, script};
use cogsmith_tasks::Clock;

use super::stop::Stop;
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
    module::Modules,
    stage::Stage,
    store::Db,
};

/// What a bot is started from, and the bot.
pub(super) struct Scripted<'s> {
    stop: &'s Stop,
    simulator: Simulator,
    database: DatabaseUrl,
    modules: Modules,
    clock: Clock,
    /// None after a restart that failed.
    stage: Option<Stage>,
}

impl<'s> Scripted<'s> {
    /// Starts the bot on `db`, which is what `database` leads to.
    ///
    /// # Errors
    /// The bot does not become ready, or a signal came first.
    pub(super) async fn start(
        stop: &'s Stop,
        simulator: Simulator,
        (database, db): (DatabaseUrl, Db),
        modules: Modules,
        clock: Clock,
    ) -> Result<Self> {
        let mut scripted = Self {
            stop,
            simulator,
            database,
            modules,
            clock,
            stage: None,
        };
        scripted.boot(db).await?;
        Ok(scripted)
    }

    async fn boot(&mut self, db: Db) -> Result<()> {
        let (simulator, modules) = (self.simulator.clone(), self.modules.clone());
        let (stopped, clock) = (self.stop.error(), self.clock.clone());
        let starting = Stage::start_before(stopped, simulator, db, modules, clock);
        self.stage = Some(Box::pin(starting).await?);
        Ok(())
    }

    pub(super) async fn shut_down(self) {
        if let Some(stage) = self.stage {
            stage.app.shut_down().await;
        }
    }

    fn stage(&self) -> Result<&Stage> {
        self.stage.as_ref().context("the bot is not running")
    }
}

impl script::Stage for Scripted<'_> {
    type Error = Error;

    async fn settle(&self) -> Result<()> {
        self.stage()?.settle().await
    }

    async fn advance(&self, time: Duration) -> Result<()> {
        self.stage()?.advance(time).await
    }

    async fn restart(&mut self) -> Result<()> {
        if let Some(stage) = self.stage.take() {
            stage.app.shut_down().await;
        }
        let db = Db::open(&self.database).await?;
        self.boot(db).await
    }
}
