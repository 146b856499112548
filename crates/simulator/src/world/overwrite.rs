//! What a role or a member is allowed and denied in one channel.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};
use crate::world::channel::Channel;

/// What a role or a member is allowed and denied in one channel.
#[derive(Clone, Debug)]
pub(crate) struct Overwrite {
    pub(crate) id: Snowflake,
    pub(crate) is_member: bool,
    pub(crate) allow: Permissions,
    pub(crate) deny: Permissions,
}

impl Channel {
    /// Applies the overwrites to what a member may do in the guild, in Discord's order: everyone,
    /// then the member's roles together, then the member.
    pub(crate) fn overwrite(
        &self,
        base: Permissions,
        everyone: Snowflake,
        roles: &[Snowflake],
        user: Snowflake,
    ) -> Permissions {
        let apply = |base: Permissions, concerns: &dyn Fn(&Overwrite) -> bool| {
            let none = (Permissions::NONE, Permissions::NONE);
            let concerned = self.overwrites.iter().filter(|it| concerns(it));
            let (deny, allow) =
                concerned.fold(none, |(deny, allow), it| (deny | it.deny, allow | it.allow));
            base.overwritten(deny, allow)
        };
        let base = apply(base, &|it| !it.is_member && it.id == everyone);
        let base = apply(base, &|it| !it.is_member && roles.contains(&it.id));
        apply(base, &|it| it.is_member && it.id == user)
    }
}

impl World {
    /// Sets what a role or a member is allowed and denied in a channel.
    ///
    /// # Errors
    /// An unknown channel.
    pub(crate) fn set_overwrite(
        &mut self,
        channel: Snowflake,
        overwrite: Overwrite,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let seen = self.seen_around(channel);
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        let id = overwrite.id;
        let old = home
            .overwrites
            .iter()
            .find(|it| it.id == id)
            .map(payload::channel::overwrite);
        let new = payload::channel::overwrite(&overwrite);
        home.overwrites.retain(|it| it.id != id);
        home.overwrites.push(overwrite);
        let action = match old {
            None => action::OVERWRITE_CREATE,
            Some(_) => action::OVERWRITE_UPDATE,
        };
        self.after_overwrite(channel, by, action, &old.unwrap_or(Value::Null), &new)?;
        self.sync_around(channel, &seen);
        Ok(())
    }

    /// Takes away what was set for a role or a member in a channel.
    ///
    /// # Errors
    /// An unknown channel, or 10009 when nothing was set.
    pub(crate) fn drop_overwrite(
        &mut self,
        channel: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let seen = self.seen_around(channel);
        let home = self.channels.get_mut(&channel);
        let home = home.ok_or_else(ApiError::unknown_channel)?;
        let place = home.overwrites.iter().position(|it| it.id == id);
        let place = place.ok_or_else(ApiError::unknown_overwrite)?;
        let old = payload::channel::overwrite(&home.overwrites.remove(place));
        self.after_overwrite(channel, by, action::OVERWRITE_DELETE, &old, &Value::Null)?;
        self.sync_around(channel, &seen);
        Ok(())
    }

    fn after_overwrite(
        &mut self,
        channel: Snowflake,
        by: By<'_>,
        action: u64,
        old: &Value,
        new: &Value,
    ) -> Result<(), ApiError> {
        let data = payload::channel::channel(self, self.channel(channel)?);
        let Some(guild) = self.channel(channel)?.guild else {
            return Ok(());
        };
        self.tell(guild, "CHANNEL_UPDATE", data);
        let object = if new.is_null() { old } else { new };
        let options = json!({ "id": object["id"], "type": object["type"].to_string() });
        let deed = Deed::new(action, channel)
            .between(old, new)
            .options(options);
        self.audit(guild, by, deed);
        Ok(())
    }
}
