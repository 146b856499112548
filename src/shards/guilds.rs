//! Which guilds a shard has.

use std::collections::BTreeSet;

use serenity::model::id::GuildId;

/// The guilds of a shard, as READY and what came after it tell. A session that an earlier process has begun tells them
/// to nobody again: then they are listed.
#[derive(Debug, Default)]
pub(crate) struct Guilds {
    known: BTreeSet<GuildId>,
    /// Left before the list came, which may name them still.
    left: BTreeSet<GuildId>,
    is_complete: bool,
}

impl Guilds {
    /// READY has named all.
    pub(crate) fn begin(&mut self, guilds: impl IntoIterator<Item = GuildId>) {
        self.known = guilds.into_iter().collect();
        self.left.clear();
        self.is_complete = true;
    }

    pub(crate) fn join(&mut self, guild: GuildId) {
        self.known.insert(guild);
        self.left.remove(&guild);
    }

    pub(crate) fn leave(&mut self, guild: GuildId) {
        self.known.remove(&guild);
        if !self.is_complete {
            self.left.insert(guild);
        }
    }

    /// Discord's list, which may be older than what has come since it was asked for.
    pub(crate) fn listed(&mut self, guilds: impl IntoIterator<Item = GuildId>) {
        if self.is_complete {
            return;
        }
        let left = std::mem::take(&mut self.left);
        let there = guilds.into_iter().filter(|guild| !left.contains(guild));
        self.known.extend(there);
        self.is_complete = true;
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many there are, those in an outage included; `None` while nobody has told.
    pub(crate) fn count(&self) -> Option<usize> {
        self.is_complete.then_some(self.known.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[u64]) -> Vec<GuildId> {
        ids.iter().copied().map(GuildId::new).collect()
    }

    #[test]
    fn ready_names_them_and_events_change_them() {
        let mut guilds = Guilds::default();
        assert_eq!(guilds.count(), None);
        guilds.begin(ids(&[1, 2]));
        guilds.join(GuildId::new(2));
        guilds.join(GuildId::new(3));
        guilds.leave(GuildId::new(1));
        assert_eq!(guilds.count(), Some(2));
        guilds.listed(ids(&[1, 2, 3, 4]));
        assert_eq!(guilds.count(), Some(2), "READY knows better than a list");
    }

    #[test]
    fn what_happens_while_they_are_listed_counts() {
        let mut guilds = Guilds::default();
        guilds.join(GuildId::new(9));
        guilds.leave(GuildId::new(1));
        guilds.leave(GuildId::new(2));
        guilds.join(GuildId::new(2));
        assert_eq!(guilds.count(), None);
        guilds.listed(ids(&[1, 2, 3]));
        assert_eq!(guilds.count(), Some(3));
    }
}
