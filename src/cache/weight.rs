//! About how many bytes of memory something takes.

use serenity::model::{
    channel::{GuildChannel, PermissionOverwrite},
    guild::{Member, Role},
    id::RoleId,
};

use super::{KeptGuild, Kind};

/// What is kept of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Of which kind.
    pub kind: Kind,
    /// How many.
    pub entries: usize,
    /// About how many bytes they take: their types' sizes and texts, with what a map adds to each.
    pub bytes: usize,
}

/// What a map and a shared pointer add to an entry: its place there, two counters, and room to grow.
const OVERHEAD: usize = 48;

/// A value, and what it points to.
pub(super) trait Weight: Sized {
    /// Bytes on the heap.
    fn heap(&self) -> usize;
}

/// An entry of a map by `Key`.
pub(super) fn entry<Key>(value: &impl Weight) -> usize {
    size_of_val(value) + value.heap() + size_of::<Key>() + OVERHEAD
}

fn text(text: Option<&String>) -> usize {
    text.map_or(0, String::capacity)
}

impl Weight for KeptGuild {
    fn heap(&self) -> usize {
        self.name.capacity()
    }
}

impl Weight for Role {
    fn heap(&self) -> usize {
        self.name.capacity() + text(self.unicode_emoji.as_ref())
    }
}

impl Weight for GuildChannel {
    fn heap(&self) -> usize {
        let tags = self.available_tags.iter();
        let tags = tags.map(|tag| size_of_val(tag) + tag.name.capacity());
        self.name.capacity()
            + text(self.topic.as_ref())
            + text(self.rtc_region.as_ref())
            + text(self.status.as_ref())
            + self.permission_overwrites.capacity() * size_of::<PermissionOverwrite>()
            + tags.sum::<usize>()
    }
}

impl Weight for Member {
    fn heap(&self) -> usize {
        text(self.nick.as_ref())
            + self.roles.capacity() * size_of::<RoleId>()
            + self.user.name.capacity()
            + text(self.user.global_name.as_ref())
    }
}
