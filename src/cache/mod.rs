//! What modules have asked to be kept of Discord's guilds: kept from events, read without a request.
//!
//! Nothing is kept that no module has asked for, and then an event costs one look at a flag.
//! A session tells every guild when it begins; one that a new process goes on with tells none, so that its guilds are
//! asked for one by one, and are not there until then.
//! Serenity's and twilight's caches are not used: neither bounds members, which are most of what there is.

mod home;
mod intake;
mod kinds;
mod members;
mod weight;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};
use serenity::model::{
    channel::GuildChannel,
    gateway::GatewayIntents,
    guild::{Member, PartialGuild, Role},
    id::{ChannelId, GuildId, RoleId, UserId},
};

use home::Home;
pub use home::KeptGuild;
use kinds::Kinds;
pub use kinds::{Cached, Kind};
use members::Members;
pub use weight::Usage;

/// What is kept of Discord's guilds. Cheap to clone; see `host.cache()`.
///
/// Getters answer with what is known at the moment, and `None` or nothing for what no module has asked to be kept.
#[derive(Clone, Default)]
pub struct Cache(Arc<Inner>);

#[derive(Default)]
struct Inner {
    kinds: Kinds,
    homes: RwLock<BTreeMap<GuildId, Home>>,
    members: Mutex<Members>,
}

impl Cache {
    /// Keeps this kind from now on, as a module asks for it.
    pub(crate) fn keep(&self, cached: Cached) {
        self.0.kinds.add(cached);
        if let Cached::Members(most) = cached {
            self.0.members.lock().raise(most);
        }
    }

    /// Keeps no members when Discord does not tell of their changes.
    pub(crate) fn withhold(&self, intents: GatewayIntents) {
        if intents.contains(GatewayIntents::GUILD_MEMBERS) {
            self.0.kinds.remove(Kind::Members);
        }
    }

    /// Whether this kind is kept.
    pub fn keeps(&self, kind: Kind) -> bool {
        self.0.kinds.has(kind)
    }

    /// A guild that the bot is in, also during an outage of it.
    pub fn guild(&self, guild: GuildId) -> Option<Arc<KeptGuild>> {
        self.0.homes.read().get(&guild)?.guild.clone()
    }

    /// Every guild that is known, by id.
    pub fn guilds(&self) -> Vec<Arc<KeptGuild>> {
        let homes = self.0.homes.read();
        homes
            .values()
            .filter_map(|home| home.guild.clone())
            .collect()
    }

    /// A channel of a guild; threads are not kept.
    pub fn channel(&self, guild: GuildId, channel: ChannelId) -> Option<Arc<GuildChannel>> {
        self.0.homes.read().get(&guild)?.channels.get(channel)
    }

    /// Every channel of a guild, by id.
    pub fn channels(&self, guild: GuildId) -> Vec<Arc<GuildChannel>> {
        let homes = self.0.homes.read();
        homes
            .get(&guild)
            .map(|home| home.channels.all())
            .unwrap_or_default()
    }

    /// A role of a guild.
    pub fn role(&self, guild: GuildId, role: RoleId) -> Option<Arc<Role>> {
        self.0.homes.read().get(&guild)?.roles.get(role)
    }

    /// Every role of a guild, by id.
    pub fn roles(&self, guild: GuildId) -> Vec<Arc<Role>> {
        let homes = self.0.homes.read();
        homes
            .get(&guild)
            .map(|home| home.roles.all())
            .unwrap_or_default()
    }

    /// A member that was told of and has not given way to others since. Asking for one keeps it longer.
    pub fn member(&self, guild: GuildId, user: UserId) -> Option<Arc<Member>> {
        self.0.members.lock().get(guild, user)
    }

    /// How much is kept of each kind that is, and what it takes.
    pub fn usage(&self) -> Vec<Usage> {
        let kept = Kind::ALL.into_iter().filter(|kind| self.keeps(*kind));
        kept.map(|kind| self.usage_of(kind)).collect()
    }

    fn usage_of(&self, kind: Kind) -> Usage {
        if kind == Kind::Members {
            return self.0.members.lock().usage();
        }
        let homes = self.0.homes.read();
        let sizes = homes.values().map(|home| home.size_of(kind));
        let (entries, bytes) = sizes.fold((0, 0), |(entries, bytes), (more, larger)| {
            (entries + more, bytes + larger)
        });
        Usage {
            kind,
            entries,
            bytes,
        }
    }

    /// Of these guilds those that nobody has told yet; what happens in them from now on is kept, until
    /// [`Cache::fill`] has the rest.
    pub(crate) fn unknown(&self, guilds: impl IntoIterator<Item = GuildId>) -> Vec<GuildId> {
        if !self.0.kinds.has_homes() {
            return Vec::new();
        }
        let mut homes = self.0.homes.write();
        let unknown = guilds.into_iter().filter(|guild| {
            let home = homes.entry(*guild).or_insert_with(Home::unknown);
            home.is_unknown()
        });
        unknown.collect()
    }

    /// What Discord has answered of a guild that was unknown. What events have told meanwhile is newer.
    pub(crate) fn fill(&self, guild: PartialGuild, channels: Vec<GuildChannel>) {
        let kinds = &self.0.kinds;
        let mut homes = self.0.homes.write();
        if let Some(home) = homes.get_mut(&guild.id) {
            home.fill(guild, channels, kinds);
        }
    }

    /// The bot is not in this guild after all.
    pub(crate) fn forget(&self, guilds: &BTreeSet<GuildId>) {
        let mut homes = self.0.homes.write();
        homes.retain(|guild, _| !guilds.contains(guild));
        drop(homes);
        self.0.members.lock().forget(guilds);
    }
}
