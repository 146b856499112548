//! Members of all guilds, those that were asked for or told of last.

use std::{collections::BTreeSet, sync::Arc};

use hashlink::LruCache;
use serenity::model::{
    guild::Member,
    id::{GuildId, UserId},
};

use super::{Kind, Usage, weight::entry};

type Key = (GuildId, UserId);

/// At most `most`; bytes are counted as members come and go.
pub(super) struct Members {
    kept: LruCache<Key, Arc<Member>>,
    most: usize,
    bytes: usize,
}

impl Default for Members {
    fn default() -> Self {
        Self {
            kept: LruCache::new_unbounded(),
            most: 0,
            bytes: 0,
        }
    }
}

impl Members {
    pub(super) fn raise(&mut self, most: usize) {
        self.most = self.most.max(most);
    }

    pub(super) fn get(&mut self, guild: GuildId, user: UserId) -> Option<Arc<Member>> {
        self.kept.get(&(guild, user)).cloned()
    }

    pub(super) fn put(&mut self, member: Member) {
        let key = (member.guild_id, member.user.id);
        self.bytes += entry::<Key>(&member);
        if let Some(old) = self.kept.insert(key, Arc::new(member)) {
            self.bytes -= entry::<Key>(&*old);
        }
        while self.kept.len() > self.most
            && let Some((_, oldest)) = self.kept.remove_lru()
        {
            self.bytes -= entry::<Key>(&*oldest);
        }
    }

    /// Changes one that is kept, wherever it stands in the order.
    pub(super) fn change(&mut self, key: Key, change: impl FnOnce(&mut Member)) {
        if let Some(known) = self.kept.peek(&key) {
            let mut member = Member::clone(known);
            change(&mut member);
            self.put(member);
        }
    }

    pub(super) fn take(&mut self, guild: GuildId, user: UserId) {
        if let Some(old) = self.kept.remove(&(guild, user)) {
            self.bytes -= entry::<Key>(&*old);
        }
    }

    pub(super) fn forget(&mut self, guilds: &BTreeSet<GuildId>) {
        let bytes = &mut self.bytes;
        self.kept.retain(|(guild, _), member| {
            let stays = !guilds.contains(guild);
            if !stays {
                *bytes -= entry::<Key>(&**member);
            }
            stays
        });
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            kind: Kind::Members,
            entries: self.kept.len(),
            bytes: self.bytes,
        }
    }
}
