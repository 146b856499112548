//! Members of guilds: what they are there, and how that changes.

use chrono::{DateTime, Utc};

use crate::error_codes::ApiError;
use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::access::Seen;

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: Snowflake,
    pub(crate) nick: Option<String>,
    pub(crate) roles: Vec<Snowflake>,
    pub(crate) joined_at: DateTime<Utc>,
    pub(crate) is_deaf: bool,
    pub(crate) is_mute: bool,
    /// Whoever goes offline is no member any more, unless they were given a role.
    pub(crate) is_temporary: bool,
    /// Hashes of images that they show in this guild only.
    pub(crate) avatar: Option<String>,
    pub(crate) banner: Option<String>,
    pub(crate) flags: u64,
    /// Until then the member may only look.
    pub(crate) timed_out_until: Option<DateTime<Utc>>,
}

impl Member {
    /// Somebody who has just joined.
    pub(crate) const fn new(user: Snowflake, joined_at: DateTime<Utc>) -> Self {
        Self {
            user,
            nick: None,
            roles: Vec::new(),
            joined_at,
            is_deaf: false,
            is_mute: false,
            is_temporary: false,
            avatar: None,
            banner: None,
            flags: 0,
            timed_out_until: None,
        }
    }
}

impl World {
    /// Puts a changed member in the place of what they were.
    ///
    /// # Errors
    /// An unknown guild.
    pub(crate) fn change_member(
        &mut self,
        guild: Snowflake,
        member: &Member,
    ) -> Result<(), ApiError> {
        let seen = self.seen_by(guild, member.user);
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        home.members.insert(member.user, member.clone());
        self.emit_member_update(guild, member);
        self.sync_threads_of(guild, seen);
        Ok(())
    }

    /// Gives (`true`) or takes (`false`) a role.
    ///
    /// # Errors
    /// An unknown guild, member or role.
    pub(crate) fn set_role(
        &mut self,
        guild: Snowflake,
        user: Snowflake,
        role: Snowflake,
        given: bool,
    ) -> Result<(), ApiError> {
        let seen = self.seen_by(guild, user);
        let home = self.guilds.get_mut(&guild);
        let home = home.ok_or_else(ApiError::unknown_guild)?;
        if !home.roles.contains_key(&role) || role == guild {
            return Err(ApiError::unknown_role());
        }
        let member = home.members.get_mut(&user);
        let member = member.ok_or_else(ApiError::unknown_member)?;
        let before = member.roles.len();
        member.roles.retain(|id| *id != role);
        let had = member.roles.len() < before;
        if given {
            member.roles.push(role);
        }
        if had != given {
            let member = member.clone();
            self.emit_member_update(guild, &member);
            self.sync_threads_of(guild, seen);
        }
        Ok(())
    }

    /// What bots see, when this member is one.
    fn seen_by(&self, guild: Snowflake, user: Snowflake) -> Option<Seen> {
        self.is_application(user).then(|| self.seen_by_bots(guild))
    }

    fn sync_threads_of(&mut self, guild: Snowflake, seen: Option<Seen>) {
        if let Some(seen) = seen {
            self.sync_threads(guild, &seen);
        }
    }

    fn emit_member_update(&mut self, guild: Snowflake, member: &Member) {
        let data = payload::guild::member_event(self, guild, member);
        let event = Event::new("GUILD_MEMBER_UPDATE", data).guild(guild);
        let event = event.needs(Intents::GUILD_MEMBERS);
        self.emit(&event.own_of(member.user, Intents::NONE));
    }
}
