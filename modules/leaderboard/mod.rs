//! Members earn XP by talking; `/leaderboard view` and `/rank` show where they stand.
//!
//! A message earns 15 to 25 XP, at most once a minute for each member; its text is never read.
//! Messages fold into a ledger in memory; `flush` writes the ledger at most 100 ms later, together with how far
//! it has read, and sleeps while there is nothing to write, so kill -9 neither loses nor doubles XP while Discord lets the bot resume its session.
//! A row that the database refuses is set aside, in memory, so that it holds up nobody else's; `update` tries it again.
//! Places come from a ranking in memory, read once for each guild and changed by each write.
//! `update` makes each guild's board anew, every 10 minutes unless the owner says otherwise.

mod commands;
mod config;
mod export;
mod ledger;
mod ranking;
mod rankings;
mod refusal;
mod saving;
mod standing;
mod store;
mod stored;
mod xp;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use cogsmith::prelude::*;
use parking_lot::Mutex;
use serenity::model::{Permissions, id::GuildId};
use tracing::info;

use ledger::{Ledger, Which};
use rankings::Rankings;

const LINES: Setting<i64> =
    Setting::integer("leaderboard.lines", 1..=25, 10, "Lines of the leaderboard");

/// XP for talking: `/rank`, `/leaderboard` and `/leaderboard_config`.
pub struct Leaderboard {
    host: Host,
    ledger: Arc<Mutex<Ledger>>,
    /// Open while the ledger has something to write; moved under the ledger's lock.
    unsaved: Gate,
    saving: Arc<tokio::sync::Mutex<()>>,
    /// Taken before the ledger's lock where both are: what is written and what is not are seen together.
    rankings: Arc<Mutex<Rankings>>,
    /// Guilds whose board is older than their scores.
    stale: Mutex<BTreeSet<GuildId>>,
}

impl Module for Leaderboard {
    const NAME: &'static str = "leaderboard";

    async fn load(host: Host) -> Result<Self> {
        // A resumed session replays at most minutes; an hour of cool-downs is plenty.
        let awarded = store::awarded_since(host.db(), host.now() - hours(1)).await?;
        let ledger = Arc::new(Mutex::new(Ledger::new(awarded)));
        Ok(Self {
            host,
            ledger,
            unsaved: Gate::closed("unsaved XP"),
            saving: Arc::default(),
            rankings: Arc::default(),
            stale: Mutex::default(),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([
            commands::leaderboard(),
            commands::rank(),
            config::leaderboard_config(),
        ]);
        setup.stores();
        setup.needs(Permissions::VIEW_CHANNEL, "counts messages");
        setup.setting(&LINES);
        setup.fold(Self::award);
        setup.job("leaderboard-export", export::export);

        setup
            .task("flush", every(Duration::from_millis(100)), Self::flush)
            .before(Self::flush)
            .after(Self::flush_all)
            .on_error(Self::warn_owner)
            .idle_while_closed(|module| &module.unsaved)
            .history(History::None)
            .warn_when_stopped(
                "Until it is started again, XP is written only when boards are updated and when the module is \
                 for a rank, and when the module is unloaded; what was not written in a crash is lost unless \
                 Discord sends those messages again.",
            );

        setup
            .task("update", every(mins(10)), Self::update)
            .before(Self::mark_all_stale)
            .after(Self::say_goodbye)
            .on_error(Self::warn_owner)
            .retry(5)
            .warn_when_stopped(
                "Boards stay as they are until it is started again; XP is counted all the same.",
            );
    }

    /// What came after the last flush, or while it was stopped.
    async fn unload(&self) -> Result<()> {
        self.save(Which::All).await
    }
}

impl Leaderboard {
    fn award(&self, message: &LeanMessage<'_>) {
        let mut ledger = self.ledger.lock();
        ledger.award(message);
        self.unsaved.open();
    }

    async fn flush(&self, _run: Run) -> Result<()> {
        self.ledger
            .lock()
            .forget_cooled_down(self.host.now() - hours(1));
        self.save(Which::NotSetAside).await?;
        self.tell_of_set_aside().await;
        Ok(())
    }

    async fn flush_all(&self, _run: Run) -> Result<()> {
        self.save(Which::All).await
    }

    async fn update(&self, _run: Run) -> Result<()> {
        self.save(Which::All).await?;
        self.tell_of_set_aside().await;
        let stale = self.stale.lock().clone();
        for guild in stale {
            let lines = self.host.settings().get(guild, &LINES);
            store::update_board(self.host.db(), guild, lines, self.host.now()).await?;
            self.stale.lock().remove(&guild);
        }
        Ok(())
    }

    /// Boards may be older than the scores that an earlier process wrote.
    async fn mark_all_stale(&self, _run: Run) -> Result<()> {
        let guilds = store::guilds(self.host.db()).await?;
        self.stale.lock().extend(guilds);
        Ok(())
    }

    async fn say_goodbye(&self, run: Run) -> Result<()> {
        info!(reason = ?run.ended, "boards are no longer updated");
        Ok(())
    }

    /// The log has every failure; the owner is told of the first in a row.
    async fn warn_owner(&self, failure: Failure) -> Result<()> {
        if failure.will_retry || failure.task.status().fails > 1 {
            return Ok(());
        }
        let text = format!(
            "`{}` failed: {}",
            failure.task.name(),
            ErrorChain(&failure.error)
        );
        self.host.tell_owner(text).await
    }
}
