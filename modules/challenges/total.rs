//! A guild's year: what each member owes, computed off the runtime's threads, once for all who ask.

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    challenge::Challenge,
    dues::{self, Dues, Record},
    money::Cents,
    rules::Rules,
    store,
    week::Week,
};

/// Everybody's year, whoever owes most first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) members: Vec<(UserId, Dues)>,
    /// The last week that is over in it; a later one makes the computation anew.
    pub(super) through: Week,
}

impl Total {
    fn of(rules: &Rules, records: &BTreeMap<UserId, Record>, year: i32, through: Week) -> Self {
        let years = records
            .iter()
            .map(|(user, record)| (*user, dues::year(rules, record, year, through)));
        let mut members: Vec<_> = years.filter(|(_, dues)| !dues.weeks.is_empty()).collect();
        members.sort_by_key(|(user, dues)| (std::cmp::Reverse(dues.left()), *user));
        Self { members, through }
    }

    /// What is owed in all.
    pub(super) fn left(&self) -> Cents {
        self.members.iter().map(|(_, dues)| dues.left()).sum()
    }
}

impl Challenges {
    /// How many years were computed since the module was loaded.
    #[cfg(test)]
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Relaxed)
    }

    /// A guild's year. Whoever asks while it is computed waits for that; whoever asks later has it at once.
    ///
    /// # Errors
    /// The database does not answer, or the computation of somebody else did not end in time.
    pub(super) async fn total(
        &self,
        guild: GuildId,
        challenge: &Challenge,
        year: i32,
    ) -> Result<Arc<Total>> {
        let through = challenge.over(self.host.now());
        let _turn = self
            .host
            .locks()
            .lock(("challenges.total", guild.get()))
            .await?;
        if let Some(known) = self.totals.lock().get(&(guild, year))
            && known.through == through
        {
            return Ok(Arc::clone(known));
        }
        self.computed.fetch_add(1, Relaxed);
        let rules = challenge.rules.clone();
        let records = store::records(self.host.db(), guild, year, &rules).await?;
        let total = self
            .host
            .blocking(move || Total::of(&rules, &records, year, through))
            .await?;
        let total = Arc::new(total);
        self.totals.lock().insert((guild, year), Arc::clone(&total));
        Ok(total)
    }
}
