//! One guild, with its channels and roles.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serenity::model::{
    channel::GuildChannel,
    guild::{Guild, PartialGuild, Role},
    id::{ChannelId, GuildId, RoleId, UserId},
    misc::ImageHash,
};

use super::{
    Kind,
    kinds::Kinds,
    weight::{Weight, entry},
};

/// What is kept of a guild.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptGuild {
    /// Its id.
    pub id: GuildId,
    /// Its name.
    pub name: String,
    /// Its icon, if it has one.
    pub icon: Option<ImageHash>,
    /// Whose it is.
    pub owner_id: UserId,
    /// How many members it has, where that is known: counted on when Discord tells who joins and leaves.
    pub member_count: Option<u64>,
    /// Whether Discord can serve it at the moment; what is kept of one in an outage is as it was before.
    pub is_available: bool,
}

/// Values by id, and those that were deleted while the rest was being asked for.
pub(super) struct Shelf<I, T> {
    values: BTreeMap<I, Arc<T>>,
    gone: BTreeSet<I>,
}

/// Empty but for what events have told, until it is filled.
pub(super) struct Home {
    pub(super) guild: Option<Arc<KeptGuild>>,
    pub(super) channels: Shelf<ChannelId, GuildChannel>,
    pub(super) roles: Shelf<RoleId, Role>,
    is_unknown: bool,
}

impl<I: Ord + Copy, T> Shelf<I, T> {
    fn new(values: impl IntoIterator<Item = (I, T)>) -> Self {
        let values = values.into_iter().map(|(id, value)| (id, Arc::new(value)));
        Self {
            values: values.collect(),
            gone: BTreeSet::new(),
        }
    }

    pub(super) fn get(&self, id: I) -> Option<Arc<T>> {
        self.values.get(&id).cloned()
    }

    pub(super) fn all(&self) -> Vec<Arc<T>> {
        self.values.values().cloned().collect()
    }

    pub(super) fn put(&mut self, id: I, value: T) {
        self.gone.remove(&id);
        self.values.insert(id, Arc::new(value));
    }

    pub(super) fn take(&mut self, id: I, is_unknown: bool) {
        self.values.remove(&id);
        if is_unknown {
            self.gone.insert(id);
        }
    }

    fn fill(&mut self, values: impl IntoIterator<Item = (I, T)>) {
        let gone = std::mem::take(&mut self.gone);
        for (id, value) in values.into_iter().filter(|(id, _)| !gone.contains(id)) {
            self.values.entry(id).or_insert_with(|| Arc::new(value));
        }
    }
}

impl<I, T: Weight> Shelf<I, T> {
    fn size(&self) -> (usize, usize) {
        let bytes = self.values.values().map(|value| entry::<I>(&**value));
        (self.values.len(), bytes.sum())
    }
}

impl Home {
    pub(super) fn unknown() -> Self {
        Self {
            guild: None,
            channels: Shelf::new([]),
            roles: Shelf::new([]),
            is_unknown: true,
        }
    }

    /// As GUILD_CREATE tells it, whole.
    pub(super) fn of(guild: Guild, kinds: &Kinds) -> Self {
        let kept = KeptGuild {
            id: guild.id,
            name: guild.name,
            icon: guild.icon,
            owner_id: guild.owner_id,
            member_count: Some(guild.member_count),
            is_available: true,
        };
        let channels = guild
            .channels
            .into_iter()
            .filter(|_| kinds.has(Kind::Channels));
        let roles = guild.roles.into_iter().filter(|_| kinds.has(Kind::Roles));
        Self {
            guild: kinds.has(Kind::Guilds).then(|| Arc::new(kept)),
            channels: Shelf::new(channels),
            roles: Shelf::new(roles),
            is_unknown: false,
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.is_unknown
    }

    /// As Discord has answered it, where no event has told something newer.
    pub(super) fn fill(&mut self, guild: PartialGuild, channels: Vec<GuildChannel>, kinds: &Kinds) {
        if !std::mem::take(&mut self.is_unknown) {
            return;
        }
        if kinds.has(Kind::Channels) {
            let channels = channels.into_iter().map(|channel| (channel.id, channel));
            self.channels.fill(channels);
        }
        let roles = guild.roles.clone();
        if self.guild.is_none() && kinds.has(Kind::Guilds) {
            self.guild = Some(Arc::new(kept(guild)));
        }
        if kinds.has(Kind::Roles) {
            self.roles.fill(roles);
        }
    }

    /// As GUILD_UPDATE tells it, which has everything but the number of members.
    pub(super) fn update(&mut self, guild: PartialGuild) {
        let count = self.guild.as_ref().and_then(|known| known.member_count);
        let mut new = kept(guild);
        new.member_count = new.member_count.or(count);
        self.guild = Some(Arc::new(new));
    }

    pub(super) fn change(&mut self, change: impl FnOnce(&mut KeptGuild)) {
        if let Some(guild) = &mut self.guild {
            change(Arc::make_mut(guild));
        }
    }

    /// Entries, and about how many bytes they take.
    pub(super) fn size_of(&self, kind: Kind) -> (usize, usize) {
        match kind {
            Kind::Guilds => self.guild.iter().fold((0, 0), |_, guild| {
                (1, entry::<GuildId>(&**guild) + size_of::<Self>())
            }),
            Kind::Channels => self.channels.size(),
            Kind::Roles => self.roles.size(),
            Kind::Members => (0, 0),
        }
    }
}

fn kept(guild: PartialGuild) -> KeptGuild {
    KeptGuild {
        id: guild.id,
        name: guild.name,
        icon: guild.icon,
        owner_id: guild.owner_id,
        member_count: guild.approximate_member_count,
        is_available: true,
    }
}
