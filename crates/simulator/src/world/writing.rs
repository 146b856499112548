//! Messages of channels: posted, edited, deleted.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::draft::{Draft, Edit, Mentions};
use crate::world::message::{EPHEMERAL, IS_LAYOUT, LOADING, Message, SUPPRESS_EMBEDS};
use crate::world::poll::Poll;
use crate::world::upload::Attachment;

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

    /// Slow mode: whether somebody may write again already. Who manages messages or the channel
    /// always may.
    ///
    /// # Errors
    /// 20016 when they have to wait.
    pub(crate) fn check_pace(&self, channel: Snowflake, author: Snowflake) -> Result<(), ApiError> {
        let home = self.channel(channel)?;
        let seconds = home.settings.get("rate_limit_per_user");
        let seconds = seconds.and_then(Value::as_i64).unwrap_or(0);
        let may = self.permissions_in(author, home);
        let is_free = [Permissions::MANAGE_MESSAGES, Permissions::MANAGE_CHANNELS];
        if seconds == 0 || is_free.into_iter().any(|it| may.allows(it)) {
            return Ok(());
        }
        let mut newest_first = home.messages.values().rev();
        let last = newest_first.find(|it| it.author == author && it.notice.is_none());
        let Some(last) = last else {
            return Ok(());
        };
        let wait = last.timestamp + TimeDelta::seconds(seconds) - self.now();
        match wait > TimeDelta::zero() {
            true => Err(ApiError::slowed(wait.as_seconds_f64())),
            false => Ok(()),
        }
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
            id: draft.id.unwrap_or_else(|| self.next_id()),
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
        if let Some(poll) = edit.poll {
            if !was_promised {
                return Err(ApiError::poll_not_edited());
            }
            message.poll = Some(Poll::new(poll, now));
        }
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
        if was_promised {
            self.watch_poll(&message);
        }
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
