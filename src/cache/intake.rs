//! What each event changes. An event may come twice after a lost connection: then it changes nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, de::DeserializeOwned};
use serenity::model::{
    channel::GuildChannel,
    event::{
        ChannelCreateEvent, ChannelDeleteEvent, ChannelUpdateEvent, GuildCreateEvent,
        GuildDeleteEvent, GuildMemberAddEvent, GuildMemberRemoveEvent, GuildMemberUpdateEvent,
        GuildMembersChunkEvent, GuildRoleCreateEvent, GuildRoleDeleteEvent, GuildRoleUpdateEvent,
        GuildUpdateEvent,
    },
    guild::{Member, Role},
    id::GuildId,
};
use tracing::error;

use super::{Cache, Home, Kind};
use crate::shards::shard_of;

/// What READY says of guilds: those of its shard, which follow as GUILD_CREATE each.
#[derive(Deserialize)]
struct Ready {
    guilds: Vec<Listed>,
    shard: Option<(u32, u32)>,
}

#[derive(Deserialize)]
struct Listed {
    id: GuildId,
}

type Read = Result<(), serde_json::Error>;

impl Cache {
    /// Takes in an event, as the raw frame that Discord sent. Called on the task that reads the shard: it never waits.
    pub(crate) fn take_in(&self, kind: &str, raw: &str) {
        if self.0.kinds.is_empty() {
            return;
        }
        if let Err(error) = self.apply(kind, raw) {
            // The words of the error may be somebody's.
            let place = (error.line(), error.column());
            error!("{kind} could not be read, and is not kept: at {place:?}");
        }
    }

    fn apply(&self, kind: &str, raw: &str) -> Read {
        match kind {
            "READY" => self.ready(&data(raw)?),
            "GUILD_CREATE" => self.created(data(raw)?),
            "GUILD_UPDATE" if self.keeps(Kind::Guilds) => {
                let GuildUpdateEvent { guild, .. } = data(raw)?;
                self.home(guild.id, |home| home.update(guild));
            }
            "GUILD_DELETE" => self.deleted(&data(raw)?),
            "CHANNEL_CREATE" if self.keeps(Kind::Channels) => {
                self.channel_is(data::<ChannelCreateEvent>(raw)?.channel);
            }
            "CHANNEL_UPDATE" if self.keeps(Kind::Channels) => {
                self.channel_is(data::<ChannelUpdateEvent>(raw)?.channel);
            }
            "CHANNEL_DELETE" if self.keeps(Kind::Channels) => {
                let gone = data::<ChannelDeleteEvent>(raw)?.channel;
                self.home(gone.guild_id, |home| {
                    let is_unknown = home.is_unknown();
                    home.channels.take(gone.id, is_unknown);
                });
            }
            "GUILD_ROLE_CREATE" if self.keeps(Kind::Roles) => {
                self.role_is(data::<GuildRoleCreateEvent>(raw)?.role);
            }
            "GUILD_ROLE_UPDATE" if self.keeps(Kind::Roles) => {
                self.role_is(data::<GuildRoleUpdateEvent>(raw)?.role);
            }
            "GUILD_ROLE_DELETE" if self.keeps(Kind::Roles) => {
                let gone: GuildRoleDeleteEvent = data(raw)?;
                self.home(gone.guild_id, |home| {
                    let is_unknown = home.is_unknown();
                    home.roles.take(gone.role_id, is_unknown);
                });
            }
            "GUILD_MEMBER_ADD" => self.joined(data(raw)?),
            "GUILD_MEMBER_REMOVE" => self.left(&data(raw)?),
            "GUILD_MEMBER_UPDATE" if self.keeps(Kind::Members) => self.member_is(data(raw)?),
            "GUILD_MEMBERS_CHUNK" if self.keeps(Kind::Members) => {
                let chunk: GuildMembersChunkEvent = data(raw)?;
                self.members_are(chunk.members.into_values());
            }
            _ => {}
        }
        Ok(())
    }

    fn home(&self, guild: GuildId, change: impl FnOnce(&mut Home)) {
        if let Some(home) = self.0.homes.write().get_mut(&guild) {
            change(home);
        }
    }

    /// A new session: guilds that it does not name are gone, the others are told again.
    fn ready(&self, ready: &Ready) {
        let named: BTreeSet<_> = ready.guilds.iter().map(|guild| guild.id).collect();
        let (shard, count) = ready.shard.unwrap_or((0, 1));
        let homes = self.0.homes.read();
        let known = homes
            .keys()
            .filter(|guild| shard_of(**guild, count) == shard);
        let gone: BTreeSet<_> = known
            .filter(|guild| !named.contains(guild))
            .copied()
            .collect();
        drop(homes);
        self.forget(&gone);
        for guild in named {
            self.home(guild, |home| {
                home.change(|guild| guild.is_available = false)
            });
        }
    }

    fn created(&self, GuildCreateEvent { mut guild, .. }: GuildCreateEvent) {
        let members = std::mem::take(&mut guild.members);
        if self.0.kinds.has_homes() {
            let id = guild.id;
            let home = Home::of(guild, &self.0.kinds);
            let old = self.0.homes.write().insert(id, home);
            // Dropped when the lock is free.
            drop(old);
        }
        if self.keeps(Kind::Members) {
            self.members_are(members.into_values());
        }
    }

    fn deleted(&self, GuildDeleteEvent { guild, .. }: &GuildDeleteEvent) {
        match guild.unavailable {
            true => self.home(guild.id, |home| home.change(|it| it.is_available = false)),
            false => self.forget(&[guild.id].into()),
        }
    }

    fn channel_is(&self, channel: GuildChannel) {
        self.home(channel.guild_id, |home| {
            home.channels.put(channel.id, channel)
        });
    }

    fn role_is(&self, role: Role) {
        self.home(role.guild_id, |home| home.roles.put(role.id, role));
    }

    fn joined(&self, GuildMemberAddEvent { member, .. }: GuildMemberAddEvent) {
        self.count(member.guild_id, |count| count.saturating_add(1));
        if self.keeps(Kind::Members) {
            self.members_are([member]);
        }
    }

    fn left(&self, gone: &GuildMemberRemoveEvent) {
        self.count(gone.guild_id, |count| count.saturating_sub(1));
        self.0.members.lock().take(gone.guild_id, gone.user.id);
    }

    fn count(&self, guild: GuildId, change: impl FnOnce(u64) -> u64) {
        self.home(guild, |home| {
            home.change(|guild| guild.member_count = guild.member_count.map(change));
        });
    }

    /// Of one that is not kept an update tells too little.
    fn member_is(&self, new: GuildMemberUpdateEvent) {
        let key = (new.guild_id, new.user.id);
        self.0.members.lock().change(key, |member| {
            member.nick = new.nick;
            member.roles = new.roles;
            member.user = new.user;
            member.joined_at = Some(new.joined_at);
            member.premium_since = new.premium_since;
            member.pending = new.pending;
            member.avatar = new.avatar;
            member.banner = new.banner;
            member.communication_disabled_until = new.communication_disabled_until;
            member.unusual_dm_activity_until = new.unusual_dm_activity_until;
            member.avatar_decoration_data = new.avatar_decoration_data;
            member.flags = new.flags.unwrap_or(member.flags);
        });
    }

    fn members_are(&self, members: impl IntoIterator<Item = Member>) {
        let mut kept = self.0.members.lock();
        members.into_iter().for_each(|member| kept.put(member));
    }
}

fn data<T: DeserializeOwned>(raw: &str) -> Result<T, serde_json::Error> {
    #[derive(Deserialize)]
    struct Frame<T> {
        d: T,
    }
    serde_json::from_str::<Frame<T>>(raw).map(|frame| frame.d)
}
