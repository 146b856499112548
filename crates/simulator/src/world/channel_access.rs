//! What somebody may do in a channel.

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};

impl Channel {
    /// Whether somebody is in it, when it is a private thread.
    fn is_open_to(&self, user: Snowflake) -> bool {
        let thread = self.thread.as_ref();
        let is_in = thread.is_some_and(|it| it.members.contains_key(&user));
        self.kind != ChannelKind::PrivateThread || is_in
    }
}

impl World {
    /// What somebody may do in a channel. In direct messages both sides may everything.
    pub(crate) fn permissions_in(&self, user: Snowflake, channel: &Channel) -> Permissions {
        match channel.guild.and_then(|id| self.guilds.get(&id)) {
            Some(guild) => {
                let parent = channel.parent.filter(|_| channel.kind.is_thread());
                let ruling = parent.and_then(|id| self.channels.get(&id));
                let may = guild.permissions_in(user, ruling.unwrap_or(channel), self.now());
                match channel.is_open_to(user) || may.allows(Permissions::MANAGE_THREADS) {
                    true => may,
                    false => Permissions::NONE,
                }
            }
            None if channel.recipient == Some(user) => Permissions::ALL,
            None if channel.bot == Some(user) => Permissions::ALL,
            None => Permissions::NONE,
        }
    }

    /// Finds a channel for somebody who wants to write there, and needs `more` for it.
    ///
    /// # Errors
    /// As [`Self::channel_for`]; 50008 where nothing can be written.
    pub(crate) fn writable(
        &self,
        user: Snowflake,
        id: Snowflake,
        more: Permissions,
    ) -> Result<&Channel, ApiError> {
        let channel = self.channel_for(user, id, Permissions::VIEW_CHANNEL)?;
        if !channel.kind.is_written() {
            return Err(ApiError::nothing_written());
        }
        let wanted = match channel.kind.is_thread() {
            true => Permissions::SEND_MESSAGES_IN_THREADS,
            false => Permissions::SEND_MESSAGES,
        };
        self.channel_for(user, id, wanted | more)
    }

    /// Finds a channel for somebody who wants to do something there.
    ///
    /// # Errors
    /// 10003 for an unknown channel, 50001 for one they cannot see, 50013 for lacking `wanted`.
    pub(crate) fn channel_for(
        &self,
        user: Snowflake,
        id: Snowflake,
        wanted: Permissions,
    ) -> Result<&Channel, ApiError> {
        let channel = self.channel(id)?;
        let has = self.permissions_in(user, channel);
        if !has.allows(Permissions::VIEW_CHANNEL) {
            return Err(ApiError::missing_access());
        }
        if !has.allows(wanted) {
            return Err(ApiError::missing_permissions());
        }
        Ok(channel)
    }
}
