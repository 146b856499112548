//! What has become of a server's members between two snapshots.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

use super::{
    Members,
    change::{Change, What},
    snapshot::Snapshot,
    store::version::{Reader, Wanted},
};

/// Changes that are listed; of more the first ones are.
const LISTED: usize = 5_000;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Diff {
    pub(super) joined: u64,
    pub(super) left: u64,
    pub(super) changed: u64,
    /// By the members' ids.
    pub(super) listed: Vec<Change>,
}

impl Diff {
    fn add(&mut self, change: Change) {
        let count = match change.what {
            What::Joined => &mut self.joined,
            What::Left => &mut self.left,
            What::Changed { .. } => &mut self.changed,
        };
        *count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(change);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.joined + self.left + self.changed
    }
}

impl Members {
    pub(super) async fn diff(
        &self,
        guild: GuildId,
        older: &Snapshot,
        newer: &Snapshot,
    ) -> Result<Diff> {
        let wanted = Wanted::Between(older.taken_at, newer.taken_at);
        let mut reader = Reader::new(self.host.db(), guild, wanted);
        let mut diff = Diff::default();
        while let Some(versions) = reader.next().await? {
            if let Some(change) = Change::between(&versions, older, newer) {
                diff.add(change);
            }
        }
        Ok(diff)
    }
}
