//! Which channels bots see, and the threads that come with a channel that they see anew.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Channels of a guild that have threads which are awake, each with a bot that sees it.
pub(crate) type Seen = BTreeSet<(Snowflake, Snowflake)>;

impl World {
    /// What bots see of a guild, as far as there are threads; taken before something changes it.
    pub(crate) fn seen_by_bots(&self, guild: Snowflake) -> Seen {
        let threads = self.threads_of(guild).filter(|(_, it)| !it.is_archived);
        let parents: BTreeSet<_> = threads.filter_map(|(it, _)| it.parent).collect();
        let parents = parents.iter().filter_map(|id| self.channels.get(id));
        let home = self.guilds.get(&guild);
        let bots = self.applications.keys();
        let bots = bots.filter(|bot| home.is_some_and(|it| it.members.contains_key(bot)));
        let bots: Vec<_> = bots.copied().collect();
        let seen = parents.flat_map(|channel| {
            let sees = |bot: &&Snowflake| {
                let may = self.permissions_in(**bot, channel);
                may.allows(Permissions::VIEW_CHANNEL)
            };
            bots.iter().filter(sees).map(|bot| (*bot, channel.id))
        });
        seen.collect()
    }

    /// As [`Self::seen_by_bots`], of the guild of a channel.
    pub(crate) fn seen_around(&self, channel: Snowflake) -> Seen {
        let guild = self.channels.get(&channel).and_then(|it| it.guild);
        guild
            .map(|guild| self.seen_by_bots(guild))
            .unwrap_or_default()
    }

    /// As [`Self::sync_threads`], in the guild of a channel.
    pub(crate) fn sync_around(&mut self, channel: Snowflake, before: &Seen) {
        if let Some(guild) = self.channels.get(&channel).and_then(|it| it.guild) {
            self.sync_threads(guild, before);
        }
    }

    /// Shows bots the threads of the channels that they did not see before.
    pub(crate) fn sync_threads(&mut self, guild: Snowflake, before: &Seen) {
        let now = self.seen_by_bots(guild);
        let mut new: Vec<_> = now.difference(before).copied().collect();
        while let Some((bot, _)) = new.first().copied() {
            let (own, others): (Vec<_>, Vec<_>) = new.iter().partition(|(it, _)| *it == bot);
            new = others;
            let channels: Vec<_> = own.iter().map(|(_, channel)| *channel).collect();
            let data = self.threads_in(guild, bot, &channels);
            let event = Event::new("THREAD_LIST_SYNC", data).guild(guild);
            self.emit(&event.needs(Intents::GUILDS).only_for(bot));
        }
    }

    fn threads_in(&self, guild: Snowflake, bot: Snowflake, channels: &[Snowflake]) -> Value {
        let threads = self.threads_of(guild).filter(|(it, thread)| {
            let is_there = it.parent.is_some_and(|id| channels.contains(&id));
            let may = self.permissions_in(bot, it);
            !thread.is_archived && is_there && may.allows(Permissions::VIEW_CHANNEL)
        });
        let threads: Vec<_> = threads.collect();
        let members = threads.iter().filter_map(|(it, thread)| {
            let joined = thread.members.get(&bot)?;
            Some(self.thread_member(it.id, bot, *joined, false))
        });
        let members: Vec<_> = members.collect();
        let threads = threads
            .iter()
            .map(|(it, _)| payload::channel::channel(self, it));
        json!({
            "guild_id": guild,
            "channel_ids": channels,
            "threads": threads.collect::<Vec<_>>(),
            "members": members,
        })
    }
}
