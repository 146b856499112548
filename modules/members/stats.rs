//! How many members there are, of which kind.

use std::collections::{BTreeMap, HashMap};

use chrono::Datelike;
use chrono::IsoWeek;
use cogsmith::prelude::*;
use serenity::model::id::{GuildId, RoleId};

use super::{
    Members,
    member::Member,
    snapshot::Snapshot,
    store::version::{Reader, Wanted},
};

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) people: u64,
    pub(super) bots: u64,
    /// Those who are there, by the week in which they joined, in UTC.
    pub(super) joined: BTreeMap<IsoWeek, u64>,
    roles: HashMap<RoleId, u64>,
}

impl Stats {
    pub(super) fn add(&mut self, member: &Member) {
        *(match member.is_bot {
            true => &mut self.bots,
            false => &mut self.people,
        }) += 1;
        if let Some(at) = member.joined_at {
            *self.joined.entry(at.iso_week()).or_default() += 1;
        }
        for role in &member.roles {
            *self.roles.entry(*role).or_default() += 1;
        }
    }

    /// Roles with their members, the one with the most first.
    pub(super) fn roles(&self) -> Vec<(RoleId, u64)> {
        let mut roles: Vec<_> = self
            .roles
            .iter()
            .map(|(role, count)| (*role, *count))
            .collect();
        roles.sort_unstable_by_key(|(role, count)| (std::cmp::Reverse(*count), *role));
        roles
    }
}

impl Members {
    pub(super) async fn stats(&self, guild: GuildId, snapshot: &Snapshot) -> Result<Stats> {
        let wanted = Wanted::At(snapshot.taken_at);
        let mut reader = Reader::new(self.host.db(), guild, wanted);
        let mut stats = Stats::default();
        while let Some(versions) = reader.next().await? {
            versions
                .iter()
                .for_each(|version| stats.add(&version.member));
        }
        Ok(stats)
    }
}
