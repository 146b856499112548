//! The name of one event, and the newest event of each shard.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

/// Names one event. Sequence numbers start at 1 in each session and never repeat within it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Position {
    /// Which shard received it.
    pub shard: u32,
    /// The session that it belongs to, as Discord names it.
    pub session: Arc<str>,
    /// Its number in that session.
    pub sequence: u64,
}

/// The newest event of each shard that some state contains.
///
/// A folding module keeps one beside its state, under the same lock, and notes each message in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Positions(BTreeMap<u32, Position>);

impl Positions {
    /// Remembers the event: the highest of its session, and a new session in place of an old one.
    pub fn note(&mut self, position: &Position) {
        match self.0.entry(position.shard) {
            Entry::Vacant(entry) => {
                entry.insert(position.clone());
            }
            Entry::Occupied(mut entry) => {
                let newest = entry.get_mut();
                if newest.session != position.session {
                    *newest = position.clone();
                } else if newest.sequence < position.sequence {
                    newest.sequence = position.sequence;
                }
            }
        }
    }

    /// The newest event of a shard.
    pub fn of(&self, shard: u32) -> Option<&Position> {
        self.0.get(&shard)
    }

    /// One position for each shard, by shard number.
    pub fn iter(&self) -> impl Iterator<Item = &Position> {
        self.0.values()
    }

    /// Whether no event was noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(noted: &[(u32, &str, u64)], expected: &[(u32, &str, u64)]) {
        let position = |&(shard, session, sequence): &(u32, &str, u64)| Position {
            shard,
            session: session.into(),
            sequence,
        };
        let mut positions = Positions::default();
        noted
            .iter()
            .for_each(|named| positions.note(&position(named)));
        let newest: Vec<_> = positions.iter().cloned().collect();
        assert_eq!(
            newest,
            expected.iter().map(position).collect::<Vec<_>>(),
            "{noted:?}"
        );
    }

    #[test]
    fn the_newest_event_of_each_shard_is_kept() {
        check(&[], &[]);
        check(&[(0, "a", 3)], &[(0, "a", 3)]);
        check(&[(0, "a", 3), (0, "a", 5)], &[(0, "a", 5)]);
        check(&[(0, "a", 5), (0, "a", 3)], &[(0, "a", 5)]);
        check(&[(0, "a", 5), (0, "b", 1)], &[(0, "b", 1)]);
        check(&[(1, "a", 5), (0, "b", 1)], &[(0, "b", 1), (1, "a", 5)]);
    }
}
