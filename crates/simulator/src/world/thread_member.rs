//! Who is in a thread, and who hears of it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload::{self, timestamp};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};

/// Discord's limit of people in a thread.
const MEMBERS_MAX: usize = 1000;

impl World {
    /// Lets somebody into a thread; nothing happens when they are there.
    ///
    /// # Errors
    /// No thread; 30033 when it is full.
    pub(crate) fn join_thread(&mut self, id: Snowflake, user: Snowflake) -> Result<(), ApiError> {
        let now = self.now();
        let thread = self.thread_mut(id)?;
        if thread.members.contains_key(&user) {
            return Ok(());
        }
        if thread.members.len() >= MEMBERS_MAX {
            return Err(ApiError::too_many_thread_members());
        }
        thread.members.insert(user, now);
        self.show_thread(id, user);
        let added = self.thread_member(id, user, now, true);
        self.tell_thread_members(id, user, ("added_members", added))
    }

    /// A bot that is let into a thread hears of the thread first, even where it knows it already:
    /// Discord's page "Threads", under "Thread Access".
    fn show_thread(&mut self, id: Snowflake, user: Snowflake) {
        if let Some(thread) = self.channels.get(&id)
            && self.is_application(user)
        {
            let data = match thread.kind {
                ChannelKind::PrivateThread => self.channel_shown_to(user, thread),
                _ => payload::channel::channel(self, thread),
            };
            let event = Event::new("THREAD_CREATE", data).guild_if(thread.guild);
            self.emit(&event.needs(Intents::GUILDS).only_for(user));
        }
    }

    /// Reminds the bots in a thread that wakes of their places there: Discord's page "Threads", under
    /// "Unarchiving a Thread".
    pub(super) fn recall_places(&mut self, id: Snowflake) {
        let channel = self.channels.get(&id);
        let Some((guild, thread)) = channel.and_then(|it| it.guild.zip(it.thread.as_ref())) else {
            return;
        };
        let bots = thread.members.iter();
        let bots = bots.filter(|(user, _)| self.is_application(**user));
        let places = bots.map(|(bot, joined)| (*bot, self.thread_member(id, *bot, *joined, false)));
        for (bot, mut place) in places.collect::<Vec<_>>() {
            place["guild_id"] = json!(guild);
            let event = Event::new("THREAD_MEMBER_UPDATE", place).guild(guild);
            if self.may_hear(bot, &event) {
                self.emit(&event.needs(Intents::GUILDS).only_for(bot));
            }
        }
    }

    /// Lets somebody out of a thread; nothing happens when they are not there.
    ///
    /// # Errors
    /// No thread.
    pub(crate) fn leave_thread(&mut self, id: Snowflake, user: Snowflake) -> Result<(), ApiError> {
        let thread = self.thread_mut(id)?;
        match thread.members.remove(&user) {
            Some(_) => self.tell_thread_members(id, user, ("removed_member_ids", json!(user))),
            None => Ok(()),
        }
    }

    /// Tells of somebody who comes or goes, `change` saying so under `key`; a bot hears of itself
    /// with fewer intents, and of being put out even where it sees the thread no more: Discord's
    /// pages "Gateway Events" and "Threads".
    fn tell_thread_members(
        &mut self,
        id: Snowflake,
        user: Snowflake,
        (key, change): (&str, Value),
    ) -> Result<(), ApiError> {
        let channel = self.channel(id)?;
        let members = channel.thread.as_ref().map_or(0, |it| it.members.len());
        if let Some(guild) = channel.guild {
            let mut data = json!({ "id": id, "guild_id": guild, "member_count": members.min(50) });
            data[key] = json!([change]);
            let event = Event::new("THREAD_MEMBERS_UPDATE", data).guild(guild);
            let event = event.needs(Intents::GUILD_MEMBERS);
            self.emit(&event.own_of(user, Intents::GUILDS));
        }
        Ok(())
    }

    /// A channel as somebody is given it: a thread with their own place, when they are there.
    pub(crate) fn channel_shown_to(&self, user: Snowflake, channel: &Channel) -> Value {
        let mut object = payload::channel::channel(self, channel);
        let thread = channel.thread.as_ref();
        if let Some(joined) = thread.and_then(|it| it.members.get(&user)) {
            object["member"] = self.thread_member(channel.id, user, *joined, false);
        }
        object
    }

    /// Somebody's place in a thread; `whole` with their membership of the guild.
    pub(crate) fn thread_member(
        &self,
        id: Snowflake,
        user: Snowflake,
        joined: DateTime<Utc>,
        whole: bool,
    ) -> Value {
        let mut object = json!({
            "id": id,
            "user_id": user,
            "join_timestamp": timestamp(joined),
            "flags": 0,
        });
        let guild = self.channels.get(&id).and_then(|it| it.guild);
        let guild = guild.and_then(|id| self.guilds.get(&id)).filter(|_| whole);
        if let Some(member) = guild.and_then(|guild| guild.members.get(&user)) {
            object["member"] = payload::guild::member(self, member);
        }
        object
    }
}
