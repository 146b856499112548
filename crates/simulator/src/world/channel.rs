//! Channels: text channels of guilds, and direct messages.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::message::Message;
use crate::world::overwrite::Overwrite;
use crate::world::thread::Thread;

/// How many messages a channel remembers; older ones are forgotten.
const MESSAGES_KEPT: usize = 10_000;

/// What kind of channel, by Discord's number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ChannelKind {
    Text = 0,
    Direct = 1,
    Voice = 2,
    Category = 4,
    Announcement = 5,
    AnnouncementThread = 10,
    PublicThread = 11,
    PrivateThread = 12,
    Stage = 13,
    Forum = 15,
    Media = 16,
}

impl ChannelKind {
    /// The kinds that somebody can make in a guild, threads apart.
    pub(crate) const fn of_guild(number: u64) -> Option<Self> {
        Some(match number {
            0 => Self::Text,
            2 => Self::Voice,
            4 => Self::Category,
            5 => Self::Announcement,
            13 => Self::Stage,
            15 => Self::Forum,
            16 => Self::Media,
            _ => return None,
        })
    }

    pub(crate) const fn is_thread(self) -> bool {
        matches!(
            self,
            Self::AnnouncementThread | Self::PublicThread | Self::PrivateThread
        )
    }

    pub(crate) const fn is_spoken(self) -> bool {
        matches!(self, Self::Voice | Self::Stage)
    }

    /// Whether it is one of the two kinds that can become each other.
    pub(crate) const fn is_announced_or_text(self) -> bool {
        matches!(self, Self::Text | Self::Announcement)
    }

    /// Whether there is nothing in it but threads.
    pub(crate) const fn is_forum(self) -> bool {
        matches!(self, Self::Forum | Self::Media)
    }

    /// Whether messages can be written there.
    pub(crate) const fn is_written(self) -> bool {
        !matches!(self, Self::Category | Self::Forum | Self::Media)
    }
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
    /// The category, or the channel of a thread.
    pub(crate) parent: Option<Snowflake>,
    /// Topic, slow mode, bit rate and the like, as they were set last.
    pub(crate) settings: Map<String, Value>,
    pub(crate) thread: Option<Thread>,
    pub(crate) last_pin: Option<DateTime<Utc>>,
    /// Who talks with the bot here, in direct messages.
    pub(crate) recipient: Option<Snowflake>,
    /// The bot in direct messages.
    pub(crate) bot: Option<Snowflake>,
    pub(crate) overwrites: Vec<Overwrite>,
    pub(crate) messages: BTreeMap<Snowflake, Message>,
    pub(crate) last_message: Option<Snowflake>,
    /// Messages of the bot by their enforced nonce.
    pub(crate) nonces: HashMap<String, Snowflake>,
}

impl Channel {
    pub(crate) fn message(&self, id: Snowflake) -> Result<&Message, ApiError> {
        let message = self.messages.get(&id);
        message.ok_or_else(ApiError::unknown_message)
    }

    /// Keeps a message, and gives the oldest, which is forgotten, when there are too many.
    pub(crate) fn keep(&mut self, message: Message) -> Option<Message> {
        self.last_message = Some(message.id);
        self.messages.insert(message.id, message);
        if self.messages.len() <= MESSAGES_KEPT {
            return None;
        }
        let (id, forgotten) = self.messages.pop_first()?;
        self.nonces.retain(|_, known| *known != id);
        Some(forgotten)
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
        self.tell(guild, "CHANNEL_CREATE", data);
        id
    }

    pub(crate) fn channel_named(&self, guild: Snowflake, name: &str) -> Option<Snowflake> {
        let known = &self.guilds.get(&guild)?.channels;
        known
            .iter()
            .find(|id| self.channels[id].name == name)
            .copied()
    }

    /// Makes a channel as somebody asked for it.
    pub(crate) fn create_channel(&mut self, guild: Snowflake, mut channel: Channel, by: By<'_>) {
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        channel.guild = Some(guild);
        home.channels.push(channel.id);
        let id = channel.id;
        let new = payload::channel::channel(self, &channel);
        self.channels.insert(id, channel);
        let deed = Deed::new(action::CHANNEL_CREATE, id).between(&Value::Null, &new);
        self.tell(guild, "CHANNEL_CREATE", new);
        self.audit(guild, by, deed);
    }

    /// Changes a channel or thread of a guild.
    ///
    /// # Errors
    /// An unknown channel.
    pub(crate) fn change_channel(
        &mut self,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Channel),
    ) -> Result<Value, ApiError> {
        let seen = self.seen_around(id);
        let old = payload::channel::channel(self, self.channel(id)?);
        let Some(channel) = self.channels.get_mut(&id) else {
            return Err(ApiError::unknown_channel());
        };
        change(channel);
        let (guild, is_thread) = (channel.guild, channel.kind.is_thread());
        self.schedule_sleep(id);
        let new = payload::channel::channel(self, self.channel(id)?);
        if let Some(guild) = guild.filter(|_| old != new) {
            let (kind, action) = match is_thread {
                true => ("THREAD_UPDATE", action::THREAD_UPDATE),
                false => ("CHANNEL_UPDATE", action::CHANNEL_UPDATE),
            };
            self.tell(guild, kind, new.clone());
            self.audit(guild, by, Deed::new(action, id).between(&old, &new));
        }
        let archived = |channel: &Value| channel["thread_metadata"]["archived"] == true;
        if archived(&old) && !archived(&new) {
            self.recall_places(id);
        }
        if old["permission_overwrites"] != new["permission_overwrites"] {
            self.sync_around(id, &seen);
        }
        Ok(new)
    }

    /// Deletes a channel or thread of a guild, with everything in it; gives what it was. What
    /// stands in a category goes on without one.
    ///
    /// # Errors
    /// An unknown channel.
    pub(crate) fn delete_channel(&mut self, id: Snowflake, by: By<'_>) -> Result<Value, ApiError> {
        let old = payload::channel::channel(self, self.channel(id)?);
        let Some(channel) = self.channels.remove(&id) else {
            return Err(ApiError::unknown_channel());
        };
        let Some(guild) = channel.guild else {
            return Ok(old);
        };
        if let Some(home) = self.guilds.get_mut(&guild) {
            home.channels.retain(|known| *known != id);
        }
        self.drop_things_of(id);
        if channel.kind.is_thread() {
            let gone = json!({
                "id": id,
                "guild_id": guild,
                "parent_id": channel.parent,
                "type": channel.kind as u8,
            });
            self.tell(guild, "THREAD_DELETE", gone);
            self.audit(
                guild,
                by,
                Deed::new(action::THREAD_DELETE, id).between(&old, &Value::Null),
            );
        } else {
            self.tell(guild, "CHANNEL_DELETE", old.clone());
            self.audit(
                guild,
                by,
                Deed::new(action::CHANNEL_DELETE, id).between(&old, &Value::Null),
            );
        }
        Ok(old)
    }

    /// Lets go of what hung on a channel: threads with it, invites, webhooks.
    fn drop_things_of(&mut self, channel: Snowflake) {
        let children: Vec<_> = self
            .channels
            .values()
            .filter(|it| it.parent == Some(channel))
            .collect();
        let is_category = children.iter().any(|it| !it.kind.is_thread());
        let children: Vec<_> = children.iter().map(|it| it.id).collect();
        for child in children {
            if !is_category {
                self.channels.remove(&child);
            } else if let Some(child) = self.channels.get_mut(&child) {
                child.parent = None;
            }
        }
        self.invites.retain(|_, it| it.channel != channel);
        self.webhooks.retain(|_, it| it.channel != channel);
    }

    /// Makes a channel without telling anybody.
    pub(crate) fn seed_channel(
        &mut self,
        guild: Snowflake,
        name: &str,
        kind: ChannelKind,
    ) -> Snowflake {
        let mut id = Snowflake::named(&format!("channel {name} {guild}"));
        while self.channels.contains_key(&id) {
            id = id.following();
        }
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
        let bot = self.application.id;
        let id = match bot == self.first {
            true => Snowflake::named(&format!("direct {user}")),
            false => Snowflake::named(&format!("direct {user} {bot}")),
        };
        self.channels.entry(id).or_insert_with(|| {
            let mut channel = Channel::empty(id, ChannelKind::Direct);
            channel.recipient = Some(user);
            channel.bot = Some(bot);
            channel
        });
        Ok(id)
    }
}

impl Channel {
    pub(crate) fn empty(id: Snowflake, kind: ChannelKind) -> Self {
        Self {
            id,
            kind,
            guild: None,
            name: String::new(),
            position: 0,
            parent: None,
            settings: Map::new(),
            thread: None,
            last_pin: None,
            recipient: None,
            bot: None,
            overwrites: Vec::new(),
            messages: BTreeMap::new(),
            last_message: None,
            nonces: HashMap::new(),
        }
    }
}
