//! Roles: made, changed, ordered, deleted.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};

#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: Snowflake,
    pub(crate) name: String,
    pub(crate) permissions: Permissions,
    /// 0 is `@everyone`.
    pub(crate) position: u32,
    pub(crate) look: Look,
    /// The bot that this role came with.
    pub(crate) bot: Option<Snowflake>,
}

/// How a role looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    /// 0xRRGGBB; 0 is none.
    pub(crate) color: u64,
    /// Its members stand apart in the list.
    pub(crate) is_hoisted: bool,
    /// Everybody may mention it.
    pub(crate) is_mentionable: bool,
}

impl World {
    /// Adds a role at the bottom, just above `@everyone`.
    pub(crate) fn create_role(&mut self, guild: Snowflake, mut role: Role, by: By<'_>) -> Value {
        role.position = 1;
        if let Some(home) = self.guilds.get_mut(&guild) {
            let others = home.roles.values_mut().filter(|it| it.position > 0);
            others.for_each(|it| it.position += 1);
            home.roles.insert(role.id, role.clone());
        }
        let new = payload::guild::role(&role);
        self.tell(
            guild,
            "GUILD_ROLE_CREATE",
            json!({ "guild_id": guild, "role": new }),
        );
        let deed = Deed::new(action::ROLE_CREATE, role.id).between(&Value::Null, &new);
        self.audit(guild, by, deed);
        new
    }

    /// # Errors
    /// An unknown guild or role.
    pub(crate) fn change_role(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
        change: impl FnOnce(&mut Role),
    ) -> Result<Value, ApiError> {
        let seen = self.seen_by_bots(guild);
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        let role = home.roles.get_mut(&id).ok_or_else(ApiError::unknown_role)?;
        let old = payload::guild::role(role);
        change(role);
        let new = payload::guild::role(role);
        if old != new {
            self.tell(
                guild,
                "GUILD_ROLE_UPDATE",
                json!({ "guild_id": guild, "role": new }),
            );
            self.audit(
                guild,
                by,
                Deed::new(action::ROLE_UPDATE, id).between(&old, &new),
            );
            self.sync_threads(guild, &seen);
        }
        Ok(new)
    }

    /// Moves roles to these places; what is not named keeps its order around them.
    pub(crate) fn order_roles(
        &mut self,
        guild: Snowflake,
        wanted: &[(Snowflake, u32)],
        by: By<'_>,
    ) {
        let Some(home) = self.guilds.get(&guild) else {
            return;
        };
        let named = |id: Snowflake| {
            wanted
                .iter()
                .find(|(it, _)| *it == id)
                .map(|(_, place)| *place)
        };
        let mut order: Vec<_> = home.roles.values().filter(|it| it.id != guild).collect();
        // A role that moves to a place comes after the one that stands there, if it moves up.
        order.sort_by_key(|it| match named(it.id) {
            Some(place) => (place, if place > it.position { 2 } else { 0 }, it.id),
            None => (it.position, 1, it.id),
        });
        let ids: Vec<_> = order.iter().map(|it| it.id).collect();
        for (index, id) in ids.into_iter().enumerate() {
            let place = u32::try_from(index + 1).unwrap_or(u32::MAX);
            // The role was in the list a moment ago.
            let _ = self.change_role(guild, id, by, |role| role.position = place);
        }
    }

    /// # Errors
    /// An unknown guild or role.
    pub(crate) fn delete_role(
        &mut self,
        guild: Snowflake,
        id: Snowflake,
        by: By<'_>,
    ) -> Result<(), ApiError> {
        let home = self
            .guilds
            .get_mut(&guild)
            .ok_or_else(ApiError::unknown_guild)?;
        let role = home.roles.remove(&id).ok_or_else(ApiError::unknown_role)?;
        let above = home
            .roles
            .values_mut()
            .filter(|it| it.position > role.position);
        above.for_each(|it| it.position -= 1);
        for member in home.members.values_mut() {
            member.roles.retain(|it| *it != id);
        }
        let channels = home.channels.clone();
        for channel in channels {
            if let Some(channel) = self.channels.get_mut(&channel) {
                channel.overwrites.retain(|it| it.id != id);
            }
        }
        self.tell(
            guild,
            "GUILD_ROLE_DELETE",
            json!({ "guild_id": guild, "role_id": id }),
        );
        let old = payload::guild::role(&role);
        self.audit(
            guild,
            by,
            Deed::new(action::ROLE_DELETE, id).between(&old, &Value::Null),
        );
        Ok(())
    }
}
