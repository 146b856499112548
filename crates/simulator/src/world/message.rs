//! Messages: posted, edited, deleted.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::{Draft, Edit, Mentions};
use crate::world::interaction::Kind;
use crate::world::poll::Poll;
use crate::world::reaction::Reaction;
use crate::world::upload::Attachment;
use crate::world::webhook::Signature;

/// Only the person who used the command sees it.
pub(crate) const EPHEMERAL: u64 = 1 << 6;
/// "thinking...": an answer was promised.
pub(crate) const LOADING: u64 = 1 << 7;
/// Embeds made from links are hidden.
pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
/// No notification.
pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
/// The message is made of components alone, in any layout.
pub(crate) const IS_LAYOUT: u64 = 1 << 15;
/// Published to the channels that follow.
pub(crate) const CROSSPOSTED: u64 = 1 << 0;
/// A copy of a message that was published elsewhere.
pub(crate) const IS_CROSSPOST: u64 = 1 << 1;
/// A thread begins here.
pub(crate) const HAS_THREAD: u64 = 1 << 5;

const REPLY: u8 = 19;
const COMMAND_ANSWER: u8 = 20;

/// A message that Discord writes in somebody's name, by Discord's number for its type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Notice {
    /// The author pinned a message.
    Pinned = 6,
    /// The author joined the guild.
    Joined = 7,
    /// The author's message was published in a channel that is followed here.
    Followed = 12,
    /// The author opened a thread.
    ThreadOpened = 18,
    /// The message that a thread began with, as its first.
    ThreadStarter = 21,
    /// A poll of the author ended.
    PollResult = 46,
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
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) pinned: Option<DateTime<Utc>>,
    /// Read aloud.
    pub(crate) is_spoken: bool,
    pub(crate) poll: Option<Poll>,
    pub(crate) stickers: Vec<Snowflake>,
    /// What was forwarded, as it was then.
    pub(crate) snapshot: Option<Value>,
    /// The webhook that wrote it.
    pub(crate) signature: Option<Signature>,
    pub(crate) reply_to: Option<Snowflake>,
    /// The channel of what it points at, when it is another.
    pub(crate) reply_channel: Option<Snowflake>,
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

impl Origin {
    fn is_first_of_command(&self) -> bool {
        self.kind == Kind::Command as u8 && self.original.is_none()
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
            _ if self.is_reply() => REPLY,
            _ => 0,
        }
    }

    /// Whether what it points at is answered, not passed on or copied.
    pub(crate) const fn is_reply(&self) -> bool {
        let is_copy = self.flags & IS_CROSSPOST != 0;
        self.reply_to.is_some() && self.snapshot.is_none() && !is_copy
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

    /// Finds the mentions that count: those that are allowed, and everyone only when the author
    /// may.
    fn heed(&mut self, allowed: &Mentions, may_mention_everyone: bool, replied: Option<Snowflake>) {
        let found = |open: &str| ids_after(&self.content, open);
        let users = found("<@").into_iter().chain(found("<@!"));
        let users = users.filter(|id| allowed.user(*id));
        let mut mentions: Vec<_> = users.chain(replied.filter(|_| allowed.replied())).collect();
        mentions.sort_unstable();
        mentions.dedup();
        let roles = found("<@&").into_iter().filter(|id| allowed.role(*id));
        let everyone = self.content.contains("@everyone") || self.content.contains("@here");
        self.mentioned_roles = roles.collect();
        self.mentions_everyone = everyone && may_mention_everyone && allowed.everyone();
        self.mentions = mentions;
    }

    /// Points `attachment://name` in embeds at the files that came along; a file that is shown so
    /// is not listed beside the embeds.
    fn show_files(&mut self, base_url: &str) {
        let mut shown = Vec::new();
        for embed in &mut self.embeds {
            for place in [
                "/image/url",
                "/thumbnail/url",
                "/author/icon_url",
                "/footer/icon_url",
            ] {
                let Some(url) = embed.pointer_mut(place) else {
                    continue;
                };
                let name = url.as_str().and_then(|it| it.strip_prefix("attachment://"));
                let file = self
                    .attachments
                    .iter()
                    .find(|it| Some(it.name.as_str()) == name);
                if let Some(file) = file {
                    shown.push(file.id);
                    *url = json!(format!("{base_url}{}", file.path));
                }
            }
        }
        shown.extend(self.show_in_components(base_url));
        self.attachments.retain(|it| !shown.contains(&it.id));
    }

    const fn is_empty(&self) -> bool {
        self.content.is_empty()
            && self.embeds.is_empty()
            && self.components.is_empty()
            && self.attachments.is_empty()
            && self.poll.is_none()
            && self.stickers.is_empty()
            && self.snapshot.is_none()
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
        let is_notice = draft.notice.is_some();
        let message = self.write(channel, author, draft)?;
        let id = message.id;
        if !is_notice {
            self.wake_thread(channel, author)?;
        }
        self.announce(&message, "MESSAGE_CREATE");
        self.watch_poll(&message);
        if let Some(home) = self.channels.get_mut(&channel) {
            let forgotten = home.keep(message);
            if let Some(nonce) = nonce {
                home.nonces.insert(nonce, id);
            }
            self.drop_files(forgotten.as_slice());
        }
        Ok(id)
    }

    fn write(
        &mut self,
        channel: Snowflake,
        author: Snowflake,
        draft: Draft,
    ) -> Result<Message, ApiError> {
        let is_ephemeral = draft.flags & EPHEMERAL != 0;
        let files = draft.files.into_iter();
        let attachments = files
            .map(|file| self.attach(channel, file, is_ephemeral))
            .collect();
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
            attachments,
            reactions: Vec::new(),
            pinned: None,
            is_spoken: draft.is_spoken,
            poll: draft.poll.map(|new| Poll::new(new, self.now())),
            stickers: draft.stickers,
            snapshot: draft.snapshot,
            signature: draft.signature,
            reply_to: draft.reply_to,
            reply_channel: draft.reply_channel,
            origin: draft.origin,
            notice: draft.notice,
        };
        message.show_files(&self.base_url);
        if let Err(error) = message.check_layout() {
            self.drop_files(&[message]);
            return Err(error);
        }
        self.heed(&mut message, &draft.allowed);
        Ok(message)
    }

    /// Finds who and what a message mentions.
    fn heed(&self, message: &mut Message, allowed: &Mentions) {
        if message.notice.is_some() {
            return;
        }
        let home = self.channels.get(&message.channel);
        let may = home.map(|home| self.permissions_in(message.author, home));
        let may = message.signature.is_some()
            || may.is_some_and(|may| may.allows(Permissions::MENTION_EVERYONE));
        let replied = message.reply_to.filter(|_| message.is_reply());
        let replied = replied.and_then(|id| home?.messages.get(&id));
        message.heed(allowed, may, replied.map(|it| it.author));
        let guild = home
            .and_then(|it| it.guild)
            .and_then(|id| self.guilds.get(&id));
        message.mentioned_roles.retain(|id| {
            let role = guild.and_then(|guild| guild.roles.get(id));
            role.is_some_and(|role| may || role.look.is_mentionable)
        });
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
        let mut message = self.message_mut(channel, id)?.clone();
        if message.poll.is_some() {
            return Err(ApiError::poll_not_edited());
        }
        let was_promised = message.is_loading();
        message.content = edit.content.unwrap_or(message.content);
        message.embeds = edit.embeds.unwrap_or(message.embeds);
        message.components = edit.components.unwrap_or(message.components);
        if let Some(flags) = edit.flags {
            message.flags =
                message.flags & !SUPPRESS_EMBEDS | flags & (SUPPRESS_EMBEDS | IS_LAYOUT);
        }
        message.flags &= !LOADING;
        if !was_promised {
            message.edited = Some(now);
        }
        let before = message.attachments.clone();
        if let Some(kept) = &edit.kept {
            message.attachments.retain(|it| kept.contains(&it.id));
        }
        let is_ephemeral = message.is_ephemeral();
        let files = edit.files.into_iter();
        let files = files.map(|file| self.attach(channel, file, is_ephemeral));
        message.attachments.extend(files.collect::<Vec<_>>());
        message.show_files(&self.base_url);
        message.check_layout()?;
        self.heed(&mut message, &edit.allowed);
        if message.is_empty() {
            return Err(ApiError::empty_message());
        }
        let is_kept = |it: &Attachment| message.attachments.iter().any(|kept| kept.id == it.id);
        let gone = before.iter().filter(|it| !is_kept(it));
        gone.for_each(|it| drop(self.uploads.remove(&it.path)));
        *self.message_mut(channel, id)? = message.clone();
        self.announce(&message, "MESSAGE_UPDATE");
        Ok(())
    }

    pub(crate) fn message_mut(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
    ) -> Result<&mut Message, ApiError> {
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        home.messages
            .get_mut(&id)
            .ok_or_else(ApiError::unknown_message)
    }

    /// # Errors
    /// An unknown channel or message.
    pub(crate) fn delete(&mut self, channel: Snowflake, id: Snowflake) -> Result<(), ApiError> {
        let removed = self.remove(channel, id)?;
        if !removed.is_ephemeral() {
            self.tell_deleted(channel, "MESSAGE_DELETE", json!({ "id": id }));
        }
        Ok(())
    }

    /// Deletes those of these messages that are there, with one event.
    pub(crate) fn delete_many(&mut self, channel: Snowflake, ids: &[Snowflake]) {
        let removed = ids.iter().filter(|id| self.remove(channel, **id).is_ok());
        let removed: Vec<_> = removed.copied().collect();
        if !removed.is_empty() {
            self.tell_deleted(channel, "MESSAGE_DELETE_BULK", json!({ "ids": removed }));
        }
    }

    fn remove(&mut self, channel: Snowflake, id: Snowflake) -> Result<Message, ApiError> {
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        let removed = home.messages.remove(&id);
        let removed = removed.ok_or_else(ApiError::unknown_message)?;
        home.nonces.retain(|_, known| *known != id);
        self.drop_files(std::slice::from_ref(&removed));
        Ok(removed)
    }

    fn drop_files(&mut self, messages: &[Message]) {
        for attachment in messages.iter().flat_map(|it| &it.attachments) {
            self.uploads.remove(&attachment.path);
        }
    }

    fn tell_deleted(&mut self, channel: Snowflake, kind: &'static str, mut data: Value) {
        let guild = self.channels.get(&channel).and_then(|it| it.guild);
        data["channel_id"] = json!(channel);
        if let Some(guild) = guild {
            data["guild_id"] = json!(guild);
        }
        let event = Event::new(kind, data).guild_if(guild);
        self.emit(&event.needs(message_intent(guild)));
    }

    /// Tells the sessions of a message. Ephemeral ones are nobody's business but the reader's.
    pub(crate) fn announce(&mut self, message: &Message, kind: &'static str) {
        if message.is_ephemeral() {
            return;
        }
        let guild = self.channels[&message.channel].guild;
        let full = payload::message::event(self, message);
        let mut event = Event::new(kind, full);
        if guild.is_some() {
            let mut concerned = message.mentions.clone();
            concerned.push(message.author);
            let blank = payload::message::without_content;
            event = event.blank_without(Intents::MESSAGE_CONTENT, blank);
            event = event.sparing(concerned);
        }
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
            attachments: vec![],
            reactions: vec![],
            pinned: None,
            is_spoken: false,
            poll: None,
            stickers: vec![],
            snapshot: None,
            signature: None,
            reply_to: None,
            reply_channel: None,
            origin: None,
            notice: None,
        };
        message.heed(allowed, true, None);
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
            replied: false,
            ids: ids.iter().copied().map(Snowflake::new).collect(),
        };
        check("hello", &Mentions::All, &[], false);
        check("<@7> and <@!8>, <@7>", &Mentions::All, &[7, 8], false);
        check("@everyone <@x> <@", &Mentions::All, &[], true);
        check("@everyone <@7> <@8>", &only(&[8]), &[8], false);
    }
}
