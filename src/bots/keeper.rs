//! Keeps one bot running: starts it, and starts it again when it has crashed.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{Clock, ErrorChain};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{
    bot::Bot,
    error::{Panicked, lasts},
    pause::Pauses,
};
use crate::{
    error::{Error, Result},
    http::{BotState, Entry},
    store::Db,
};

/// How long a database that a crash has left open may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// One bot, from the start of the process to the bot's end.
pub(super) struct Keeper {
    pub(super) bot: Bot,
    pub(super) entry: Arc<Entry>,
    pub(super) clock: Clock,
    pub(super) stopping: CancellationToken,
}

impl Keeper {
    /// Returns when the bot has ended for good: it was closed, the process ends, or it failed in a way that would be
    /// the same the next time. A bot without a name is the whole process, which others start again.
    ///
    /// # Errors
    /// How it failed at last.
    pub(super) async fn keep(mut self) -> Result<()> {
        let mut pauses = Pauses::new();
        loop {
            let begun = self.clock.monotonic();
            let Err(error) = self.live().await else {
                self.entry.set(BotState::Closed);
                return Ok(());
            };
            let lived = self.clock.monotonic().saturating_sub(begun);
            if self.bot.name().is_none() || self.stopping.is_cancelled() || lasts(&error) {
                return Err(self.give_up(error));
            }
            let pause = pauses.after(lived);
            let text = ErrorChain(&error).to_string();
            self.entry.restart(text.clone(), pause);
            error!("crashed, and is started again in {pause:.0?}: {text}");
            let waited = self.clock.sleep(pause);
            if self.stopping.run_until_cancelled(waited).await.is_none() {
                return Err(self.give_up(error));
            }
            info!("starting again");
        }
    }

    fn give_up(&self, error: Error) -> Error {
        let text = ErrorChain(&error).to_string();
        let state = BotState::Failed {
            error: text.clone(),
        };
        self.entry.set(state);
        if self.bot.name().is_some() {
            error!("failed, and is not started again: {text}");
        }
        error
    }

    async fn live(&mut self) -> Result<()> {
        let db = match self.bot.db.take() {
            Some(db) => db,
            None => Db::open(&self.bot.settings.database).await?,
        };
        let stopping = self.stopping.clone();
        let life = self.bot.life(db.clone(), self.clock.clone(), stopping);
        self.entry.set(BotState::Up(Arc::clone(&life.health)));
        let lived = life.live().await;
        if lived.as_ref().is_err_and(|error| error.is::<Panicked>()) {
            // Nobody else does it then, and the next life needs it.
            let _ = timeout(CLOSING, db.close()).await;
        }
        lived
    }
}
