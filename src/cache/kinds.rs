//! What can be kept, and what is.

use std::sync::atomic::{AtomicU8, Ordering};

use serenity::model::gateway::GatewayIntents;

/// What a module asks to be kept: see [`Setup::cache`](crate::module::Setup::cache).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cached {
    /// Each guild's name, owner, icon and number of members.
    Guilds,
    /// Each guild's channels, without threads.
    Channels,
    /// Each guild's roles.
    Roles,
    /// So many members of all guilds together, those that were asked for or told of last. Of the numbers of several
    /// modules the largest counts. They need the privileged intent for members.
    Members(usize),
}

/// A kind of what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Guilds.
    Guilds,
    /// Channels.
    Channels,
    /// Roles.
    Roles,
    /// Members.
    Members,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Guilds, Self::Channels, Self::Roles, Self::Members];

    /// As counted by [`counted`](crate::reply::counted).
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Guilds => "server",
            Self::Channels => "channel",
            Self::Roles => "role",
            Self::Members => "member",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Cached {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Guilds => Kind::Guilds,
            Self::Channels => Kind::Channels,
            Self::Roles => Kind::Roles,
            Self::Members(_) => Kind::Members,
        }
    }

    /// What Discord must be asked to send.
    pub(crate) const fn intents(self) -> GatewayIntents {
        match self {
            Self::Members(_) => GatewayIntents::GUILDS.union(GatewayIntents::GUILD_MEMBERS),
            Self::Guilds | Self::Channels | Self::Roles => GatewayIntents::GUILDS,
        }
    }
}

/// Which kinds are kept.
#[derive(Default)]
pub(super) struct Kinds(AtomicU8);

impl Kinds {
    pub(super) fn add(&self, cached: Cached) {
        self.0.fetch_or(cached.kind().bit(), Ordering::Relaxed);
    }

    pub(super) fn remove(&self, kind: Kind) {
        self.0.fetch_and(!kind.bit(), Ordering::Relaxed);
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.0.load(Ordering::Relaxed) & kind.bit() != 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// Whether anything but members is kept.
    pub(super) fn has_homes(&self) -> bool {
        self.0.load(Ordering::Relaxed) & !Kind::Members.bit() != 0
    }
}
