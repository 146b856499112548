//! A weekly challenge: sports give points, a week asks for some, and a week missed costs money for the common pot.
//!
//! `/challenge` sets it up and takes part, `/total` says who owes what for a year, `/dues paid` notes who has paid.
//! A year is computed as blocking work, once however many ask, and kept until something changes.
//! On Monday at 00:05 in the challenge's zone the week is closed and its result posted, once, also across a crash;
//! on Sunday at 18:00 whoever still lacks points is nudged.

mod challenge;
mod closing;
mod commands;
mod data;
mod dues;
mod import;
mod money;
mod rules;
mod store;
mod taking_part;
mod total;
mod week;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
};

use cogsmith::prelude::*;
use parking_lot::Mutex;
use serenity::model::id::GuildId;

use challenge::Challenge;
use total::Total;

pub(crate) struct Challenges {
    host: Host,
    /// Years that were computed, by guild and year, until something changes.
    totals: Mutex<HashMap<(GuildId, i32), Arc<Total>>>,
    computed: AtomicU64,
}

impl Module for Challenges {
    const NAME: &'static str = "challenges";

    async fn load(host: Host) -> Result<Self> {
        Ok(Self {
            host,
            totals: Mutex::default(),
            computed: AtomicU64::new(0),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([commands::challenge(), commands::total(), commands::dues()]);
        setup.stores();
        setup
            .family("close_week", manual(), Self::close_week)
            .retry(5);
        setup.family("nudge", manual(), Self::nudge).retry(5);
    }
}

impl Challenges {
    /// The guild's challenge.
    ///
    /// # Errors
    /// There is none, in a sentence that says how to make one.
    async fn challenge(&self, guild: GuildId) -> Result<Challenge> {
        let challenge = store::challenge(self.host.db(), guild).await?;
        let none = "There is no challenge here yet: `/challenge create` makes one.";
        Ok(challenge.ok_or(UserError::new(none))?)
    }

    /// What was computed of a guild counts no more.
    fn changed(&self, guild: GuildId) {
        self.totals.lock().retain(|(of, _), _| *of != guild);
    }
}
