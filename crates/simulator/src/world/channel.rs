//! Channels: text channels of guilds, and direct messages.

use std::collections::{BTreeMap, HashMap};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::message::Message;

/// How many messages a channel remembers; older ones are forgotten.
const MESSAGES_KEPT: usize = 10_000;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ChannelKind {
    Text = 0,
    Direct = 1,
    Voice = 2,
}

/// What a role or a member is allowed and denied in one channel.
#[derive(Clone, Debug)]
pub(crate) struct Overwrite {
    pub(crate) id: Snowflake,
    pub(crate) is_member: bool,
    pub(crate) allow: Permissions,
    pub(crate) deny: Permissions,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: Snowflake,
    pub(crate) kind: ChannelKind,
    /// `None` for direct messages.
    pub(crate) guild: Option<Snowflake>,
    /// Empty for direct messages.
    pub(crate) name: String,
    pub(crate) position: usize,
    /// Who talks with the bot here, in direct messages.
    pub(crate) recipient: Option<Snowflake>,
    pub(crate) overwrites: Vec<Overwrite>,
    pub(crate) messages: BTreeMap<Snowflake, Message>,
    pub(crate) last_message: Option<Snowflake>,
    /// Messages of the bot by their enforced nonce.
    pub(crate) nonces: HashMap<String, Snowflake>,
}

impl Channel {
    /// Applies the overwrites to what a member may do in the guild, in Discord's order: everyone,
    /// then the member's roles together, then the member.
    pub(crate) fn overwrite(
        &self,
        base: Permissions,
        everyone: Snowflake,
        roles: &[Snowflake],
        user: Snowflake,
    ) -> Permissions {
        let apply = |base: Permissions, concerns: &dyn Fn(&Overwrite) -> bool| {
            let none = (Permissions::NONE, Permissions::NONE);
            let concerned = self.overwrites.iter().filter(|it| concerns(it));
            let (deny, allow) =
                concerned.fold(none, |(deny, allow), it| (deny | it.deny, allow | it.allow));
            base.overwritten(deny, allow)
        };
        let base = apply(base, &|it| !it.is_member && it.id == everyone);
        let base = apply(base, &|it| !it.is_member && roles.contains(&it.id));
        apply(base, &|it| it.is_member && it.id == user)
    }

    pub(crate) fn message(&self, id: Snowflake) -> Result<&Message, ApiError> {
        let message = self.messages.get(&id);
        message.ok_or_else(ApiError::unknown_message)
    }

    /// Keeps a message, and forgets the oldest when there are too many.
    pub(crate) fn keep(&mut self, message: Message) {
        self.last_message = Some(message.id);
        self.messages.insert(message.id, message);
        if self.messages.len() > MESSAGES_KEPT
            && let Some((id, _)) = self.messages.pop_first()
        {
            self.nonces.retain(|_, known| *known != id);
        }
    }
}

impl World {
    /// Finds a channel of the guild by its name, or makes a text channel.
    pub(crate) fn text_channel(&mut self, guild: Snowflake, name: &str) -> Snowflake {
        if let Some(channel) = self.channel_named(guild, name) {
            return channel;
        }
        let id = self.seed_channel(guild, name, ChannelKind::Text);
        let data = payload::channel::channel(self, &self.channels[&id]);
        let event = Event::new("CHANNEL_CREATE", data);
        self.emit(&event.guild(guild).needs(Intents::GUILDS));
        id
    }

    pub(crate) fn channel_named(&self, guild: Snowflake, name: &str) -> Option<Snowflake> {
        let known = &self.guilds.get(&guild)?.channels;
        known
            .iter()
            .find(|id| self.channels[id].name == name)
            .copied()
    }

    /// Makes a channel without telling anybody.
    pub(crate) fn seed_channel(
        &mut self,
        guild: Snowflake,
        name: &str,
        kind: ChannelKind,
    ) -> Snowflake {
        let id = Snowflake::named(&format!("channel {name} {guild}"));
        let position = self.guilds.get_mut(&guild).map_or(0, |home| {
            home.channels.push(id);
            home.channels.len() - 1
        });
        let mut channel = Channel::empty(id, kind);
        channel.guild = Some(guild);
        name.clone_into(&mut channel.name);
        channel.position = position;
        self.channels.insert(id, channel);
        id
    }

    /// Finds the direct messages between the bot and a person, or opens them.
    ///
    /// # Errors
    /// An unknown person; 50007 when it is a bot.
    pub(crate) fn direct_channel(&mut self, user: Snowflake) -> Result<Snowflake, ApiError> {
        if self.user(user)?.bot {
            return Err(ApiError::cannot_message_user());
        }
        let id = Snowflake::named(&format!("direct {user}"));
        self.channels.entry(id).or_insert_with(|| {
            let mut channel = Channel::empty(id, ChannelKind::Direct);
            channel.recipient = Some(user);
            channel
        });
        Ok(id)
    }

    /// What somebody may do in a channel. In direct messages both sides may everything.
    pub(crate) fn permissions_in(&self, user: Snowflake, channel: &Channel) -> Permissions {
        match channel.guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => guild.permissions_in(user, channel),
            None if channel.recipient == Some(user) => Permissions::ALL,
            None if user == self.application.id => Permissions::ALL,
            None => Permissions::NONE,
        }
    }

    /// Finds a channel for somebody who wants to do something there.
    ///
    /// # Errors
    /// 10003 for an unknown channel, 50001 for one they cannot see, 50013 for lacking `wanted`.
    pub(crate) fn channel_for(
        &self,
        user: Snowflake,
        id: Snowflake,
        wanted: Permissions,
    ) -> Result<&Channel, ApiError> {
        let channel = self.channel(id)?;
        let has = self.permissions_in(user, channel);
        if !has.allows(Permissions::VIEW_CHANNEL) {
            return Err(ApiError::missing_access());
        }
        if !has.allows(wanted) {
            return Err(ApiError::missing_permissions());
        }
        Ok(channel)
    }
}

impl Channel {
    fn empty(id: Snowflake, kind: ChannelKind) -> Self {
        Self {
            id,
            kind,
            guild: None,
            name: String::new(),
            position: 0,
            recipient: None,
            overwrites: Vec::new(),
            messages: BTreeMap::new(),
            last_message: None,
            nonces: HashMap::new(),
        }
    }
}
