//! A weekly challenge: sports give points, a week asks for some, and a week missed costs money for the common pot.
//!
//! `/challenge` sets it up and takes part, `/total` says who owes what for a year, `/dues paid` notes who has paid.
//! Whoever changes something of a guild has its turn, from reading to writing.
//! A year is computed as blocking work, once however many ask, and kept until something changes.
//! On Monday at 00:05 in the challenge's zone the week is closed and its result posted, once, also across a crash;
//! on Sunday at 18:00 whoever still lacks points is nudged.
//! Only weeks that were closed count. One that ended while the module was off is void and costs nobody anything,
//! and so is one that ended more than a day before the bot came back, or while somebody had stopped its task.

mod activity;
mod challenge;
mod checking_in;
mod closing;
mod commands;
mod data;
mod dues;
mod import;
mod joker;
mod money;
mod payment;
mod posting;
mod rules;
mod setting_up;
mod standing;
mod stint;
mod store;
mod taking_part;
mod total;
mod turn;
mod week;
mod years;

#[cfg(test)]
mod tests;

use std::sync::atomic::AtomicU64;

use cogsmith::prelude::*;
use parking_lot::Mutex;
use serenity::model::{Permissions, id::GuildId};

use challenge::Challenge;
use years::Years;

const NONE: &str = "There is no challenge here yet: `/challenge_config create` makes one.";

/// Weekly challenges of a server: `/challenge`, `/challenge_config`, `/total` and `/dues`.
pub struct Challenges {
    host: Host,
    years: Mutex<Years>,
    computed: AtomicU64,
}

impl Module for Challenges {
    const NAME: &'static str = "challenges";

    async fn load(host: Host) -> Result<Self> {
        store::off::end(host.db(), host.now()).await?;
        Ok(Self {
            host,
            years: Mutex::default(),
            computed: AtomicU64::new(0),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([
            commands::challenge(),
            commands::challenge_config(),
            commands::total(),
            commands::dues(),
        ]);
        setup.stores();
        setup.needs(
            Permissions::VIEW_CHANNEL | Permissions::SEND_MESSAGES,
            "posts the end of each week, and nudges",
        );
        setup.needs(
            Permissions::SEND_MESSAGES_IN_THREADS,
            "posts where a challenge was set up in a thread",
        );
        setup
            .family("close_week", manual(), Self::close_week)
            .retry(5)
            .with(|task| task.on_crash(OnCrash::Redo))
            .warn_when_stopped("Weeks that end meanwhile are void: nobody owes anything for them.");
        setup.family("nudge", manual(), Self::nudge).retry(5);
    }

    async fn unload(&self) -> Result<()> {
        if self.host.switches().is_on_everywhere(Self::NAME) {
            return Ok(());
        }
        store::off::begin(self.host.db(), self.host.now()).await
    }
}

impl Challenges {
    /// The guild's challenge.
    ///
    /// # Errors
    /// There is none, in a sentence that says how to make one.
    async fn challenge(&self, guild: GuildId) -> Result<Challenge> {
        let challenge = store::challenge::read(self.host.db(), guild).await?;
        Ok(challenge.ok_or(UserError::new(NONE))?)
    }
}
