//! A guild's year: what each member owes, computed off the runtime's threads, once for all who ask.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::Ordering::Relaxed},
};

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{
    Challenges,
    dues::{self, Dues, Record},
    money::Cents,
    rules::Rules,
    store,
    week::Week,
};

/// Everybody's year, whoever has most left to pay first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    /// Those for whom a week has ended, or who have paid.
    pub(super) members: Vec<(UserId, Dues)>,
    /// Weeks that nobody closed, as the module was off when they ended.
    pub(super) void: Vec<Week>,
}

impl Total {
    fn of(
        rules: &Rules,
        records: &BTreeMap<UserId, Record>,
        year: i32,
        closed: &BTreeSet<Week>,
    ) -> Self {
        let years = records
            .iter()
            .map(|(user, record)| (*user, dues::year(rules, record, year, closed)));
        let is_shown = |dues: &Dues| !dues.weeks.is_empty() || dues.paid > Cents::default();
        let mut members: Vec<_> = years.filter(|(_, dues)| is_shown(dues)).collect();
        members.sort_by_key(|(user, dues)| (std::cmp::Reverse(dues.left()), *user));
        let ended = dues::ended(rules, year, closed);
        let void = ended.filter(|week| !closed.contains(week)).collect();
        Self { members, void }
    }

    pub(super) fn of_member(&self, user: UserId) -> Option<&Dues> {
        let mut members = self.members.iter();
        members.find(|(of, _)| *of == user).map(|(_, dues)| dues)
    }

    /// What all owe together, what they have paid of it, and what is left.
    pub(super) fn sums(&self) -> String {
        let sum = |part: fn(&Dues) -> Cents| -> Cents {
            self.members.iter().map(|(_, dues)| part(dues)).sum()
        };
        let (owed, paid) = (sum(|dues| dues.owed), sum(|dues| dues.paid));
        let left = sum(Dues::left);
        format!("{owed} owed, {paid} paid, {left} left to pay")
    }
}

impl Challenges {
    /// How many years were computed since the module was loaded.
    #[cfg(test)]
    pub(super) fn computed(&self) -> u64 {
        self.computed.load(Relaxed)
    }

    /// A guild's year. Whoever asks while it is computed waits for that; whoever asks later has it at once, until
    /// something changes.
    ///
    /// # Errors
    /// There is no challenge, the database does not answer, or the computation of somebody else did not end in
    /// time.
    pub(super) async fn total(&self, guild: GuildId, year: i32) -> Result<Arc<Total>> {
        let key = ("challenges.total", guild.get());
        let _turn = self.host.locks().lock(key).await?;
        if let Some(known) = self.years.lock().find(guild, year) {
            return Ok(known);
        }
        self.computed.fetch_add(1, Relaxed);
        let changes = self.years.lock().changes(guild);
        let rules = self.challenge(guild).await?.rules;
        let records = store::record::all(self.host.db(), guild, year, &rules).await?;
        let closed = store::closed::all(self.host.db(), guild).await?;
        let compute = move || Total::of(&rules, &records, year, &closed);
        let total = Arc::new(self.host.blocking(compute).await?);
        let mut years = self.years.lock();
        years.keep(guild, year, Arc::clone(&total), changes);
        Ok(total)
    }
}
