//! Threads: channels inside a channel, which people join and which go to sleep.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::channel::{Channel, ChannelKind};
use crate::world::draft::Draft;
use crate::world::due::Due;
use crate::world::message::Notice;

/// What a thread is beside a channel.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) owner: Snowflake,
    pub(crate) is_archived: bool,
    pub(crate) is_locked: bool,
    /// Whether everybody here may add others; of private threads only.
    pub(crate) is_invitable: bool,
    /// After how many minutes without a message it should be archived.
    pub(crate) auto_archive: u64,
    pub(crate) archived_at: DateTime<Utc>,
    pub(crate) created_at: DateTime<Utc>,
    /// When each of them joined.
    pub(crate) members: BTreeMap<Snowflake, DateTime<Utc>>,
}

/// A thread as somebody opens it.
#[derive(Clone, Debug)]
pub(crate) struct NewThread {
    pub(crate) kind: ChannelKind,
    pub(crate) name: String,
    pub(crate) auto_archive: u64,
    pub(crate) slow_mode: u64,
    pub(crate) is_invitable: bool,
    /// The message that it begins with; the thread gets its id.
    pub(crate) message: Option<Snowflake>,
    /// What a post of a forum is marked with.
    pub(crate) tags: Vec<Snowflake>,
}

impl World {
    /// Opens a thread; whoever opens it is in it.
    pub(crate) fn open_thread(
        &mut self,
        guild: Snowflake,
        parent: Snowflake,
        new: &NewThread,
        by: By<'_>,
    ) -> Result<Snowflake, ApiError> {
        let now = self.now();
        let id = match new.message {
            Some(message) => message,
            None => self.next_id(),
        };
        let mut channel = Channel::empty(id, new.kind);
        channel.guild = Some(guild);
        channel.name.clone_from(&new.name);
        channel.parent = Some(parent);
        channel
            .settings
            .insert("rate_limit_per_user".to_owned(), json!(new.slow_mode));
        if !new.tags.is_empty() {
            let tags = json!(new.tags);
            channel.settings.insert("applied_tags".to_owned(), tags);
        }
        channel.thread = Some(Thread {
            owner: by.actor,
            is_archived: false,
            is_locked: false,
            is_invitable: new.is_invitable,
            auto_archive: new.auto_archive,
            archived_at: now,
            created_at: now,
            members: BTreeMap::from([(by.actor, now)]),
        });
        self.channels.insert(id, channel);
        self.schedule_sleep(id);
        self.announce_thread(guild, id, by)?;
        let is_told = self.channel(parent)?.kind.is_written();
        let is_told = is_told && new.kind != ChannelKind::PrivateThread;
        match new.message {
            Some(message) => self.mark_thread(parent, message)?,
            None if is_told => {
                let notice = Draft::thread_notice(&new.name, id);
                self.post(parent, by.actor, notice)?;
            }
            None => {}
        }
        Ok(id)
    }

    /// When a thread goes to sleep unless somebody writes there; `None` while it sleeps.
    fn sleeps_at(&self, id: Snowflake) -> Option<DateTime<Utc>> {
        let channel = self.channels.get(&id)?;
        let thread = channel.thread.as_ref().filter(|it| !it.is_archived)?;
        let written = channel.last_message.map(Snowflake::created_at);
        let last = written.map_or(thread.archived_at, |at| at.max(thread.archived_at));
        let minutes = i64::try_from(thread.auto_archive).unwrap_or(i64::MAX);
        last.checked_add_signed(TimeDelta::try_minutes(minutes)?)
    }

    pub(crate) fn schedule_sleep(&mut self, thread: Snowflake) {
        if let Some(at) = self.sleeps_at(thread) {
            self.remind(at, Due::Sleep { thread });
        }
    }

    /// Archives a thread where nothing was said for long enough, or looks again later.
    pub(crate) fn lull(&mut self, id: Snowflake) {
        let now = self.now();
        if self.sleeps_at(id).is_some_and(|at| at > now) {
            return self.schedule_sleep(id);
        }
        let Ok(thread) = self.thread_mut(id) else {
            return;
        };
        if !thread.is_archived {
            thread.is_archived = true;
            thread.archived_at = now;
            self.tell_thread(id);
        }
    }

    fn tell_thread(&mut self, id: Snowflake) {
        if let Some(channel) = self.channels.get(&id)
            && let Some(guild) = channel.guild
        {
            let data = payload::channel::channel(self, channel);
            self.tell(guild, "THREAD_UPDATE", data);
        }
    }

    fn announce_thread(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let mut data = payload::channel::channel(self, self.channel(id)?);
        let deed = Deed::new(action::THREAD_CREATE, id).between(&Value::Null, &data);
        data["newly_created"] = json!(true);
        self.tell(guild, "THREAD_CREATE", data);
        self.audit(guild, by, deed);
        Ok(())
    }

    /// Shows at a message that a thread begins there.
    fn mark_thread(&mut self, channel: Snowflake, message: Snowflake) -> Result<(), ApiError> {
        let home = self.channels.get_mut(&channel);
        let known = home.and_then(|home| home.messages.get_mut(&message));
        let known = known.ok_or_else(ApiError::unknown_message)?;
        known.flags |= crate::world::message::HAS_THREAD;
        let known = known.clone();
        self.announce(&known, "MESSAGE_UPDATE");
        let starter = Draft::notice(Notice::ThreadStarter);
        let starter = Draft {
            reply_to: Some(message),
            reply_channel: Some(channel),
            ..starter
        };
        self.post(message, known.author, starter).map(drop)
    }

    /// Somebody writes into what may be a thread: they are in it from now on, and it is awake.
    ///
    /// # Errors
    /// 50083 when it was locked.
    pub(crate) fn wake_thread(&mut self, id: Snowflake, author: Snowflake) -> Result<(), ApiError> {
        let Some(thread) = self.channel(id)?.thread.as_ref() else {
            return Ok(());
        };
        if thread.is_archived && thread.is_locked {
            return Err(ApiError::archived_thread());
        }
        if thread.is_archived {
            let now = self.now();
            let by = By {
                actor: author,
                reason: None,
            };
            self.change_channel(id, by, |channel| {
                if let Some(thread) = &mut channel.thread {
                    thread.is_archived = false;
                    thread.archived_at = now;
                }
            })?;
        }
        match self.users.contains_key(&author) {
            true => self.join_thread(id, author),
            false => Ok(()),
        }
    }

    pub(super) fn thread_mut(&mut self, id: Snowflake) -> Result<&mut Thread, ApiError> {
        let channel = self.channels.get_mut(&id);
        let thread = channel.and_then(|it| it.thread.as_mut());
        thread.ok_or_else(ApiError::unknown_channel)
    }

    /// The threads of a guild, newest first.
    pub(crate) fn threads_of(&self, guild: Snowflake) -> impl Iterator<Item = (&Channel, &Thread)> {
        let channels = self.channels.values().rev();
        let channels = channels.filter(move |it| it.guild == Some(guild));
        channels.filter_map(|it| Some((it, it.thread.as_ref()?)))
    }
}
