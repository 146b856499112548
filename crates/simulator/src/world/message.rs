//! Messages: posted, edited, deleted.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::interaction::Kind;

/// Only the person who used the command sees it.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "thinking...": an answer was promised.
pub(crate) const LOADING: u64 = 1 << 7;
/// Embeds made from links are hidden.
pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// No notification.
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;

const REPLY: u8 = 19;
const COMMAND_ANSWER: u8 = 20;

/// A message that Discord writes in somebody's name, by Discord's number for its type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notice {
    /// The author joined the guild.
    Joined = 7,
}

#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) id: Snowflake,
    pub(crate) channel: Snowflake,
    pub(crate) author: Snowflake,
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) flags: u64,
    pub(crate) timestamp: DateTime<Utc>,
    pub(crate) edited: Option<DateTime<Utc>>,
    pub(crate) mentions: Vec<Snowflake>,
    pub(crate) mentioned_roles: Vec<Snowflake>,
    pub(crate) mentions_everyone: bool,
    pub(crate) nonce: Option<Value>,
    pub(crate) reply_to: Option<Snowflake>,
    pub(crate) origin: Option<Origin>,
    /// What is announced, when nobody wrote this message.
    pub(crate) notice: Option<Notice>,
}

/// The interaction that a message answers.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) interaction: Snowflake,
    /// The full name of the command, such as `leaderboard view`.
    pub(crate) command: String,
    pub(crate) user: Snowflake,
    pub(crate) kind: u8,
    /// The first message of the answer, when this is a later one.
    pub(crate) original: Option<Snowflake>,
    /// The message whose component was used.
    pub(crate) message: Option<Snowflake>,
    /// What opened the form, when a form was submitted.
    pub(crate) trigger: Option<Box<Origin>>,
}

/// A message as somebody wants to send it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) content: String,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) flags: u64,
    pub(crate) allowed: Mentions,
    pub(crate) nonce: Option<Value>,
    pub(crate) enforce_nonce: bool,
    pub(crate) reply_to: Option<Snowflake>,
    pub(crate) origin: Option<Origin>,
    pub(crate) notice: Option<Notice>,
}

/// What an edit changes; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edit {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    pub(crate) flags: Option<u64>,
    pub(crate) allowed: Mentions,
}

/// `allowed_mentions`: which mentions of the content count.
#[derive(Clone, Debug, Default)]
pub(crate) enum Mentions {
    /// The field was absent: all of them.
    #[default]
    All,
    /// Kinds that count as a whole, and single users and roles beside them.
    Some {
        users: bool,
        roles: bool,
        everyone: bool,
        ids: Vec<Snowflake>,
    },
}

impl Mentions {
    fn user(&self, id: Snowflake) -> bool {
        match self {
            Self::All => true,
            Self::Some { users, ids, .. } => *users || ids.contains(&id),
        }
    }

    fn role(&self, id: Snowflake) -> bool {
        match self {
            Self::All => true,
            Self::Some { roles, ids, .. } => *roles || ids.contains(&id),
        }
    }

    const fn everyone(&self) -> bool {
        match self {
            Self::All => true,
            Self::Some { everyone, .. } => *everyone,
        }
    }
}

impl Origin {
    fn is_first_of_command(&self) -> bool {
        self.kind == Kind::Command as u8 && self.original.is_none()
    }
}

impl Draft {
    /// A message of nothing but words.
    pub(crate) fn text(content: &str) -> Self {
        Self {
            content: content.to_owned(),
            ..Self::default()
        }
    }

    /// A message that Discord writes itself; it has no content.
    pub(crate) fn notice(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.notice.is_none()
            && self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
    }
}

impl Message {
    /// Discord's number for the type.
    pub(crate) fn kind(&self) -> u8 {
        if let Some(notice) = self.notice {
            return notice as u8;
        }
        match &self.origin {
            Some(origin) if origin.is_first_of_command() => COMMAND_ANSWER,
            _ if self.reply_to.is_some() => REPLY,
            _ => 0,
        }
    }

    pub(crate) const fn is_ephemeral(&self) -> bool {
        self.flags & EPHEMERAL != 0
    }

    pub(crate) const fn is_loading(&self) -> bool {
        self.flags & LOADING != 0
    }

    /// Whether somebody sees this message, given that they see its channel.
    pub(crate) fn is_visible_to(&self, user: Snowflake) -> bool {
        let owner = self.origin.as_ref().map(|origin| origin.user);
        !self.is_ephemeral() || owner == Some(user)
    }

    fn heed(&mut self, allowed: &Mentions) {
        let found = |open: &str| ids_after(&self.content, open);
        let users = found("<@").into_iter().chain(found("<@!"));
        let mut mentions: Vec<_> = users.filter(|id| allowed.user(*id)).collect();
        mentions.sort_unstable();
        mentions.dedup();
        let roles = found("<@&").into_iter().filter(|id| allowed.role(*id));
        let everyone = self.content.contains("@everyone") || self.content.contains("@here");
        self.mentioned_roles = roles.collect();
        self.mentions_everyone = everyone && allowed.everyone();
        self.mentions = mentions;
    }
}

/// The ids in `<@1>`, when `open` is `<@`.
fn ids_after(content: &str, open: &str) -> Vec<Snowflake> {
    let rest = content.split(open).skip(1);
    rest.filter_map(|rest| rest.split_once('>')?.0.parse().ok())
        .collect()
}

impl World {
    /// Posts a message. A nonce that is enforced and was used before gives the first message again.
    ///
    /// # Errors
    /// An unknown channel; 50006 when there is nothing in it.
    pub(crate) fn post(
        &mut self,
        channel: Snowflake,
        author: Snowflake,
        draft: Draft,
    ) -> Result<Snowflake, ApiError> {
        let nonce = draft.nonce.as_ref().filter(|_| draft.enforce_nonce);
        let nonce = nonce.map(Value::to_string);
        let home = self.channel(channel)?;
        if let Some(known) = nonce.as_ref().and_then(|nonce| home.nonces.get(nonce)) {
            return Ok(*known);
        }
        if draft.is_empty() && draft.flags & LOADING == 0 {
            return Err(ApiError::empty_message());
        }
        let message = self.write(channel, author, draft);
        let id = message.id;
        self.announce(&message, "MESSAGE_CREATE");
        if let Some(home) = self.channels.get_mut(&channel) {
            home.keep(message);
            if let Some(nonce) = nonce {
                home.nonces.insert(nonce, id);
            }
        }
        Ok(id)
    }

    fn write(&mut self, channel: Snowflake, author: Snowflake, draft: Draft) -> Message {
        let mut message = Message {
            id: self.next_id(),
            channel,
            author,
            content: draft.content,
            embeds: draft.embeds,
            components: draft.components,
            flags: draft.flags,
            timestamp: self.now(),
            edited: None,
            mentions: Vec::new(),
            mentioned_roles: Vec::new(),
            mentions_everyone: false,
            nonce: draft.nonce,
            reply_to: draft.reply_to,
            origin: draft.origin,
            notice: draft.notice,
        };
        message.heed(&draft.allowed);
        message
    }

    /// Changes a message; filling a promised answer is an edit too, but does not count as one for
    /// the reader.
    ///
    /// # Errors
    /// An unknown channel or message; 50006 when nothing would be left.
    pub(crate) fn edit(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
        edit: Edit,
    ) -> Result<(), ApiError> {
        let now = self.now();
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        let known = home.messages.get_mut(&id);
        let known = known.ok_or_else(ApiError::unknown_message)?;
        let mut message = known.clone();
        let was_promised = message.is_loading();
        message.content = edit.content.unwrap_or(message.content);
        message.embeds = edit.embeds.unwrap_or(message.embeds);
        message.components = edit.components.unwrap_or(message.components);
        if let Some(flags) = edit.flags {
            message.flags = message.flags & !SUPPRESS_EMBEDS | flags & SUPPRESS_EMBEDS;
        }
        message.flags &= !LOADING;
        if !was_promised {
            message.edited = Some(now);
        }
        message.heed(&edit.allowed);
        let nothing_left = message.content.is_empty()
            && message.embeds.is_empty()
            && message.components.is_empty();
        if nothing_left {
            return Err(ApiError::empty_message());
        }
        *known = message.clone();
        self.announce(&message, "MESSAGE_UPDATE");
        Ok(())
    }

    /// # Errors
    /// An unknown channel or message.
    pub(crate) fn delete(&mut self, channel: Snowflake, id: Snowflake) -> Result<(), ApiError> {
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        let removed = home.messages.remove(&id);
        let removed = removed.ok_or_else(ApiError::unknown_message)?;
        home.nonces.retain(|_, known| *known != id);
        if removed.is_ephemeral() {
            return Ok(());
        }
        let guild = home.guild;
        let mut data = json!({ "id": id, "channel_id": channel });
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        let event = Event::new("MESSAGE_DELETE", data).guild_if(guild);
        self.emit(&event.needs(message_intent(guild)));
        Ok(())
    }

    /// Tells the sessions of a message. Ephemeral ones are nobody's business but the reader's.
    fn announce(&mut self, message: &Message, kind: &'static str) {
        if message.is_ephemeral() {
            return;
        }
        let guild = self.channels[&message.channel].guild;
        let full = payload::message::event(self, message);
        let bot = self.application.id;
        let open = guild.is_none() || message.author == bot || message.mentions.contains(&bot);
        let event = if open {
            Event::new(kind, full)
        } else {
            let blank = payload::message::without_content(full.clone());
            Event::new(kind, blank).full_for(Intents::MESSAGE_CONTENT, full)
        };
        self.emit(&event.guild_if(guild).needs(message_intent(guild)));
    }

    /// Somebody begins to type.
    pub(crate) fn type_in(&mut self, channel: Snowflake, user: Snowflake) {
        let Some(home) = self.channels.get(&channel) else {
            return;
        };
        let guild = home.guild;
        let data = payload::channel::typing(self, home, user);
        let intent = match guild {
            Some(_) => Intents::GUILD_MESSAGE_TYPING,
            None => Intents::DIRECT_MESSAGE_TYPING,
        };
        let event = Event::new("TYPING_START", data);
        self.emit(&event.guild_if(guild).needs(intent));
    }
}

const fn message_intent(guild: Option<Snowflake>) -> Intents {
    match guild {
        Some(_) => Intents::GUILD_MESSAGES,
        None => Intents::DIRECT_MESSAGES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, allowed: &Mentions, users: &[u64], everyone: bool) {
        let mut message = Message {
            id: Snowflake::new(1),
            channel: Snowflake::new(1),
            author: Snowflake::new(1),
            content: content.to_owned(),
            embeds: vec![],
            components: vec![],
            flags: 0,
            timestamp: DateTime::UNIX_EPOCH,
            edited: None,
            mentions: vec![],
            mentioned_roles: vec![],
            mentions_everyone: false,
            nonce: None,
            reply_to: None,
            origin: None,
            notice: None,
        };
        message.heed(allowed);
        let found: Vec<_> = message.mentions.iter().map(|id| id.get()).collect();
        assert_eq!(
            (found.as_slice(), message.mentions_everyone),
            (users, everyone),
            "{content}"
        );
    }

    #[test]
    fn mentions_are_read_from_the_content_and_can_be_forbidden() {
        let only = |ids: &[u64]| Mentions::Some {
            users: false,
            roles: false,
            everyone: false,
            ids: ids.iter().copied().map(Snowflake::new).collect(),
        };
        check("hello", &Mentions::All, &[], false);
        check("<@7> and <@!8>, <@7>", &Mentions::All, &[7, 8], false);
        check("@everyone <@x> <@", &Mentions::All, &[], true);
        check("@everyone <@7> <@8>", &only(&[8]), &[8], false);
    }
}
