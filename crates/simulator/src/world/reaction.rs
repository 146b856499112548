//! Reactions: who put which emoji under a message.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Discord's limit of different emojis under a message.
const KINDS_MAX: usize = 20;

/// An emoji as it is used: of Unicode by itself, of a guild by its id.
#[derive(Clone, Debug)]
pub(crate) struct Used {
    pub(crate) id: Option<Snowflake>,
    pub(crate) name: String,
    pub(crate) is_animated: bool,
}

impl Used {
    /// Whether this is the same emoji; a guild's own may have been renamed.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.id == other.id && (self.id.is_some() || self.name == other.name)
    }

    pub(crate) fn object(&self) -> Value {
        let mut object = json!({ "id": self.id, "name": self.name });
        if self.is_animated {
            object["animated"] = json!(true);
        }
        object
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Reaction {
    pub(crate) emoji: Used,
    /// In the order in which they reacted.
    pub(crate) users: Vec<Snowflake>,
}

impl Reaction {
    /// As it stands under a message that `reader` reads.
    pub(crate) fn object(&self, reader: Snowflake) -> Value {
        json!({
            "emoji": self.emoji.object(),
            "count": self.users.len(),
            "count_details": { "burst": 0, "normal": self.users.len() },
            "me": self.users.contains(&reader),
            "me_burst": false,
            "burst_colors": [],
        })
    }
}

impl World {
    /// Reads `🔥` or `name:id`.
    ///
    /// # Errors
    /// 10014 for what is no emoji, or one that no guild has.
    pub(crate) fn emoji_named(&self, text: &str) -> Result<Used, ApiError> {
        let id = text
            .rsplit_once(':')
            .and_then(|(_, id)| id.parse::<Snowflake>().ok());
        if let Some(id) = id {
            let mut lists = self.guilds.values().map(|it| &it.emojis);
            let mut own = self.profiles.values().map(|it| &it.emojis);
            let known = lists.find_map(|it| it.get(&id));
            let known = known.or_else(|| own.find_map(|it| it.get(&id)));
            let known = known.ok_or_else(ApiError::unknown_reaction)?;
            return Ok(Used {
                id: Some(id),
                name: known.name.clone(),
                is_animated: known.is_animated,
            });
        }
        let is_plain = text
            .chars()
            .any(|it| it.is_alphabetic() || it.is_whitespace());
        let is_keycap = text.contains('\u{20e3}');
        let is_emoji = !text.is_empty() && !text.is_ascii() && !is_plain || is_keycap;
        if !is_emoji {
            return Err(ApiError::unknown_reaction());
        }
        Ok(Used {
            id: None,
            name: text.to_owned(),
            is_animated: false,
        })
    }

    /// Puts an emoji under a message; nothing happens when it is there from the same person.
    ///
    /// # Errors
    /// An unknown message; 30010 when there are too many different emojis.
    pub(crate) fn react(
        &mut self,
        channel: Snowflake,
        message: Snowflake,
        user: Snowflake,
        emoji: &Used,
    ) -> Result<(), ApiError> {
        let known = self.message_mut(channel, message)?;
        let (author, count) = (known.author, known.reactions.len());
        match known.reactions.iter_mut().find(|it| it.emoji.is(emoji)) {
            Some(reaction) if reaction.users.contains(&user) => return Ok(()),
            Some(reaction) => reaction.users.push(user),
            None if count >= KINDS_MAX => return Err(ApiError::too_many_reactions()),
            None => known.reactions.push(Reaction {
                emoji: emoji.clone(),
                users: vec![user],
            }),
        }
        let mut data = reaction_data(channel, message, Some(user), Some(emoji));
        data["message_author_id"] = json!(author);
        let guild = self
            .channel(channel)?
            .guild
            .and_then(|id| self.guilds.get(&id));
        if let Some(member) = guild.and_then(|it| it.members.get(&user)) {
            data["member"] = payload::guild::member(self, member);
        }
        self.tell_reaction("MESSAGE_REACTION_ADD", channel, data);
        Ok(())
    }

    /// Takes an emoji from under a message.
    ///
    /// # Errors
    /// An unknown message; 10014 when that person did not put it there.
    pub(crate) fn take_reaction(
        &mut self,
        channel: Snowflake,
        message: Snowflake,
        user: Snowflake,
        emoji: &Used,
    ) -> Result<(), ApiError> {
        let known = self.message_mut(channel, message)?;
        let reaction = known.reactions.iter_mut().find(|it| it.emoji.is(emoji));
        let reaction = reaction.ok_or_else(ApiError::unknown_reaction)?;
        let before = reaction.users.len();
        reaction.users.retain(|it| *it != user);
        if reaction.users.len() == before {
            return Ok(());
        }
        known.reactions.retain(|it| !it.users.is_empty());
        let data = reaction_data(channel, message, Some(user), Some(emoji));
        self.tell_reaction("MESSAGE_REACTION_REMOVE", channel, data);
        Ok(())
    }

    /// Takes every reaction away, or every one of an emoji.
    ///
    /// # Errors
    /// An unknown message; 10014 when the emoji is not under it.
    pub(crate) fn clear_reactions(
        &mut self,
        channel: Snowflake,
        message: Snowflake,
        emoji: Option<&Used>,
    ) -> Result<(), ApiError> {
        let known = self.message_mut(channel, message)?;
        let before = known.reactions.len();
        known
            .reactions
            .retain(|it| emoji.is_some_and(|emoji| !it.emoji.is(emoji)));
        if emoji.is_some() && known.reactions.len() == before {
            return Err(ApiError::unknown_reaction());
        }
        let mut data = reaction_data(channel, message, None, emoji);
        if emoji.is_some() {
            // Undocumented for this event, but sent by Discord, and serenity insists on it.
            data["burst"] = json!(false);
            data["type"] = json!(0);
        }
        let kind = match emoji {
            Some(_) => "MESSAGE_REACTION_REMOVE_EMOJI",
            None => "MESSAGE_REACTION_REMOVE_ALL",
        };
        self.tell_reaction(kind, channel, data);
        Ok(())
    }

    fn tell_reaction(&mut self, kind: &'static str, channel: Snowflake, mut data: Value) {
        let guild = self.channels.get(&channel).and_then(|it| it.guild);
        let intent = match guild {
            Some(_) => Intents::GUILD_MESSAGE_REACTIONS,
            None => Intents::DIRECT_MESSAGE_REACTIONS,
        };
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        self.emit(&Event::new(kind, data).guild_if(guild).needs(intent));
    }
}

fn reaction_data(
    channel: Snowflake,
    message: Snowflake,
    user: Option<Snowflake>,
    emoji: Option<&Used>,
) -> Value {
    let mut data = json!({ "channel_id": channel, "message_id": message });
    if let Some(user) = user {
        data["user_id"] = json!(user);
        data["burst"] = json!(false);
        data["type"] = json!(0);
    }
    if let Some(emoji) = emoji {
        data["emoji"] = emoji.object();
    }
    data
}
