//! Members who are put out, for a time or for good.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use crate::error_codes::ApiError;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};

impl World {
    /// Puts a member out.
    pub(crate) fn kick(&mut self, guild: Snowflake, user: Snowflake, by: By<'_>) {
        self.leave(guild, user);
        self.audit(guild, by, Deed::new(action::MEMBER_KICK, user));
    }

    /// Puts somebody out and keeps them out; what they wrote after `since` is deleted.
    pub(crate) fn ban(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        since: Option<DateTime<Utc>>,
        by: By<'_>,
    ) {
        let Some(home) = self.guilds.get_mut(&guild) else {
            return;
        };
        let reason = by.reason.map(str::to_owned);
        if home.bans.insert(user, reason).is_some() {
            return;
        }
        self.leave(guild, user);
        let data =
            json!({ "guild_id": guild, "user": self.users.get(&user).map(payload::user::user) });
        self.tell(guild, "GUILD_BAN_ADD", data);
        self.audit(guild, by, Deed::new(action::MEMBER_BAN_ADD, user));
        if let Some(since) = since {
            self.delete_messages_of(guild, user, since);
        }
    }

    /// Lets somebody come again.
    ///
    /// # Errors
    /// 10026 when they were not kept out.
    pub(crate) fn unban(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        home.bans.remove(&user).ok_or_else(ApiError::unknown_ban)?;
        let data =
            json!({ "guild_id": guild, "user": self.users.get(&user).map(payload::user::user) });
        self.tell(guild, "GUILD_BAN_REMOVE", data);
        self.audit(guild, by, Deed::new(action::MEMBER_BAN_REMOVE, user));
        Ok(())
    }

    fn delete_messages_of(&mut self, guild: Snowflake, user: Snowflake, since: DateTime<Utc>) {
        let channels = self.channels.values().filter(|it| it.guild == Some(guild));
        let written = channels.map(|it| {
            let messages = it.messages.values();
            let theirs = messages.filter(|it| it.author == user && it.timestamp >= since);
            (it.id, theirs.map(|it| it.id).collect::<Vec<_>>())
        });
        let written: Vec<_> = written.filter(|(_, ids)| !ids.is_empty()).collect();
        for (channel, ids) in written {
            self.delete_many(channel, &ids);
        }
    }

    /// Members without a role who have said nothing for so many days: those that a pruning puts out.
    pub(crate) fn prunable(
        &self,
        guild: Snowflake,
        days: i64,
        roles: &[Snowflake],
    ) -> Vec<Snowflake> {
        let since = self.now() - TimeDelta::days(days);
        let Some(home) = self.guilds.get(&guild) else {
            return Vec::new();
        };
        let channels = self.channels.values().filter(|it| it.guild == Some(guild));
        let recent = channels.flat_map(|it| it.messages.values());
        let recent = recent
            .filter(|it| it.timestamp >= since)
            .map(|it| it.author);
        let active: std::collections::BTreeSet<_> = recent.collect();
        let members = home.members.values().filter(|it| {
            let is_bot = self.users.get(&it.user).is_some_and(|it| it.bot);
            let is_plain = it.roles.iter().all(|role| roles.contains(role));
            is_plain && !is_bot && it.user != home.owner && it.joined_at < since
        });
        members
            .map(|it| it.user)
            .filter(|it| !active.contains(it))
            .collect()
    }
}
