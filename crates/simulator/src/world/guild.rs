//! Guilds with their roles and members.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::transcript::{Deed, Line};
use crate::world::World;
use crate::world::audit::{self, By, action};
use crate::world::channel::{Channel, ChannelKind};
use crate::world::draft::Draft;
use crate::world::emoji::Emoji;
use crate::world::member::Member;
use crate::world::message::Notice;
use crate::world::moderation::ModerationRule;
use crate::world::role::{Look, Role};
use crate::world::scheduled_event::ScheduledEvent;
use crate::world::sound::Sound;
use crate::world::sticker::Sticker;

#[derive(Clone, Debug)]
pub(crate) struct Guild {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) owner: Snowflake,
    /// `@everyone` has the guild's own id.
    pub(crate) roles: BTreeMap<Snowflake, Role>,
    /// Where Discord announces who joins: the first text channel, as in a new server.
    pub(crate) system_channel: Option<Snowflake>,
    /// In the order in which they were made.
    pub(crate) channels: Vec<Snowflake>,
    pub(crate) members: BTreeMap<Snowflake, Member>,
    /// Who is kept out, and why.
    pub(crate) bans: BTreeMap<Snowflake, Option<String>>,
    pub(crate) emojis: BTreeMap<Snowflake, Emoji>,
    pub(crate) stickers: BTreeMap<Snowflake, Sticker>,
    pub(crate) sounds: BTreeMap<Snowflake, Sound>,
    pub(crate) moderation: BTreeMap<Snowflake, ModerationRule>,
    pub(crate) events: BTreeMap<Snowflake, ScheduledEvent>,
    /// As it stands on the wire, with whether it is shown.
    pub(crate) welcome_screen: Option<Value>,
    /// As it stands on the wire.
    pub(crate) onboarding: Option<Value>,
    /// Entries of the audit log as they stand on the wire, oldest first.
    pub(crate) audit: VecDeque<Value>,
    /// Description, verification level and the like, as they were set last.
    pub(crate) settings: Map<String, Value>,
}

impl Guild {
    pub(crate) fn member(&self, user: Snowflake) -> Result<&Member, ApiError> {
        self.members.get(&user).ok_or_else(ApiError::unknown_member)
    }

    /// What a member may do in the guild, before the overwrites of a channel.
    pub(crate) fn base_permissions(&self, user: Snowflake) -> Permissions {
        if user == self.owner {
            return Permissions::ALL;
        }
        let Some(member) = self.members.get(&user) else {
            return Permissions::NONE;
        };
        let sum = member
            .roles
            .iter()
            .chain([&self.id])
            .filter_map(|id| self.roles.get(id))
            .fold(Permissions::NONE, |sum, role| sum | role.permissions);
        whole_if_administrator(sum)
    }

    /// What a member may do in a channel, a thread having those of the channel it is in.
    pub(crate) fn permissions_in(
        &self,
        user: Snowflake,
        channel: &Channel,
        now: DateTime<Utc>,
    ) -> Permissions {
        let base = self.base_permissions(user);
        if base == Permissions::ALL {
            return base;
        }
        let member = self.members.get(&user);
        let roles = member.map_or(&[][..], |it| &it.roles);
        let may = channel
            .overwrite(base, self.id, roles, user)
            .as_far_as_useful();
        match member.is_some_and(|it| it.timed_out_until.is_some_and(|end| now < end)) {
            true => may.timed_out(),
            false => may,
        }
    }

    /// Whether `user` stands above another member: the owner above all, others by their roles.
    pub(crate) fn outranks(&self, user: Snowflake, other: Snowflake) -> bool {
        other != self.owner && (user == self.owner || self.rank(user) > self.rank(other))
    }

    /// Whether `user` may change, give and take a role at this position.
    pub(crate) fn rules(&self, user: Snowflake, position: u32) -> bool {
        user == self.owner || self.rank(user) > position
    }

    pub(crate) fn event(&self, id: Snowflake) -> Result<&ScheduledEvent, ApiError> {
        self.events
            .get(&id)
            .ok_or_else(ApiError::unknown_scheduled_event)
    }

    pub(crate) fn role(&self, id: Snowflake) -> Result<&Role, ApiError> {
        self.roles.get(&id).ok_or_else(ApiError::unknown_role)
    }

    /// The highest position among a member's roles; 0 for `@everyone`.
    pub(crate) fn rank(&self, user: Snowflake) -> u32 {
        let roles = self.members.get(&user).map_or(&[][..], |it| &it.roles);
        let positions = roles.iter().filter_map(|id| self.roles.get(id));
        positions.map(|role| role.position).max().unwrap_or(0)
    }
}

/// Changes one of the things that a guild keeps; gives what it was, and what it is now.
///
/// # Errors
/// What `unknown` says, when it is not there.
pub(super) fn change_one<T: Clone>(
    things: Option<&mut BTreeMap<Snowflake, T>>,
    id: Snowflake,
    unknown: fn() -> ApiError,
    change: impl FnOnce(&mut T),
) -> Result<(T, T), ApiError> {
    let thing = things.and_then(|things| things.get_mut(&id));
    let thing = thing.ok_or_else(unknown)?;
    let before = thing.clone();
    change(thing);
    Ok((before, thing.clone()))
}

const fn whole_if_administrator(permissions: Permissions) -> Permissions {
    if permissions.allows(Permissions::ADMINISTRATOR) {
        Permissions::ALL
    } else {
        permissions
    }
}

impl World {
    /// Finds the guild of this name, or founds it: owned by the application's owner, with a text
    /// channel `general`, and the bot as a member with an administrator role of its own.
    pub(crate) fn found_guild(&mut self, name: &str) -> Snowflake {
        let known = self.guilds.values().find(|guild| guild.name == name);
        if let Some(guild) = known {
            return guild.id;
        }
        let id = self.free_guild_id(name);
        let guild = self.new_guild(id, name);
        self.guilds.insert(id, guild);
        let general = self.seed_channel(id, "general", ChannelKind::Text);
        if let Some(guild) = self.guilds.get_mut(&id) {
            guild.system_channel = Some(general);
        }
        self.greet_with(id);
        id
    }

    fn free_guild_id(&self, name: &str) -> Snowflake {
        let mut id = Snowflake::named(&format!("guild {name}"));
        while self.guilds.contains_key(&id) {
            id = id.following();
        }
        id
    }

    fn new_guild(&mut self, id: Snowflake, name: &str) -> Guild {
        let (bot, owner) = (self.application.id, self.application.owner);
        let bot_role = Role {
            id: Snowflake::named(&format!("role bot {id}")),
            name: self.name_of(bot),
            permissions: Permissions::ADMINISTRATOR,
            position: 1,
            look: Look::default(),
            bot: Some(bot),
        };
        let everyone = Role {
            id,
            name: "@everyone".to_owned(),
            permissions: Permissions::EVERYONE_DEFAULT,
            position: 0,
            look: Look::default(),
            bot: None,
        };
        let joined_at = self.now();
        let member = |user, roles| {
            let new = Member::new(user, joined_at);
            (user, Member { roles, ..new })
        };
        Guild {
            id,
            name: name.to_owned(),
            owner,
            members: BTreeMap::from([member(owner, vec![]), member(bot, vec![bot_role.id])]),
            roles: BTreeMap::from([(id, everyone), (bot_role.id, bot_role)]),
            system_channel: None,
            channels: Vec::new(),
            bans: BTreeMap::new(),
            emojis: BTreeMap::new(),
            stickers: BTreeMap::new(),
            sounds: BTreeMap::new(),
            moderation: BTreeMap::new(),
            events: BTreeMap::new(),
            welcome_screen: None,
            onboarding: None,
            audit: VecDeque::new(),
            settings: Map::new(),
        }
    }

    /// Lets a person join, and announces them in the guild's system channel; nothing happens when
    /// they are a member already.
    pub(crate) fn join(&mut self, guild: Snowflake, user: Snowflake) {
        let joined_at = self.now();
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        if home.members.contains_key(&user) {
            return;
        }
        let member = Member::new(user, joined_at);
        home.members.insert(user, member.clone());
        let (name, system_channel) = (home.name.clone(), home.system_channel);
        let data = payload::guild::member_event(self, guild, &member);
        self.emit(
            &Event::new("GUILD_MEMBER_ADD", data)
                .guild(guild)
                .needs(Intents::GUILD_MEMBERS),
        );
        let who = self.name_of(user);
        self.record(Line::new(joined_at, &who, Deed::Joined, &name));
        if let Some(channel) = system_channel {
            // The channel may have been deleted; then nobody is announced.
            let _ = self.post(channel, user, Draft::notice(Notice::Joined));
        }
    }

    /// Lets a member go; nothing happens when they are not one. When the bot goes, the guild is
    /// gone for it.
    pub(crate) fn leave(&mut self, guild: Snowflake, user: Snowflake) {
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        if home.members.remove(&user).is_none() {
            return;
        }
        let name = home.name.clone();
        self.set_voice(guild, user, None);
        if self.is_application(user) {
            let event = Event::new("GUILD_DELETE", json!({ "id": guild })).guild(guild);
            self.emit(&event.needs(Intents::GUILDS).only_for(user));
        }
        let user_object = payload::user::user(&self.users[&user]);
        let data = json!({ "guild_id": guild, "user": user_object });
        self.tell(guild, "GUILD_MEMBER_REMOVE", data);
        let (now, who) = (self.now(), self.name_of(user));
        self.record(Line::new(now, &who, Deed::Left, &name));
    }

    /// Changes a guild.
    ///
    /// # Errors
    /// An unknown guild.
    pub(crate) fn change_guild(
        &mut self,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Guild),
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&id)
            .ok_or_else(ApiError::unknown_guild)?;
        let old = payload::guild::guild(home);
        change(home);
        let new = payload::guild::guild(home);
        if old != new {
            let data = payload::guild::whole(self, self.guild(id)?);
            self.tell(id, "GUILD_UPDATE", data);
            let deed = audit::Deed::new(action::GUILD_UPDATE, id);
            self.audit(id, by, deed.between(&old, &new));
        }
        Ok(())
    }

    /// Finds the role of this name, or makes it, above every role but the bot's.
    pub(crate) fn add_role(
        &mut self,
        guild: Snowflake,
        name: &str,
        permissions: Permissions,
    ) -> Option<Snowflake> {
        let home = self.guilds.get_mut(&guild)?;
        if let Some(role) = home.roles.values().find(|role| role.name == name) {
            return Some(role.id);
        }
        let id = Snowflake::named(&format!("role {name} {guild}"));
        let position = u32::try_from(home.roles.len()).unwrap_or(u32::MAX) - 1;
        let role = Role {
            id,
            name: name.to_owned(),
            permissions,
            position,
            look: Look::default(),
            bot: None,
        };
        let bots = home.roles.values_mut().filter(|role| role.bot.is_some());
        bots.for_each(|role| role.position = position + 1);
        home.roles.insert(id, role.clone());
        let data = json!({ "guild_id": guild, "role": payload::guild::role(&role) });
        let event = Event::new("GUILD_ROLE_CREATE", data);
        self.emit(&event.guild(guild).needs(Intents::GUILDS));
        Some(id)
    }
}
