//! Integrations: the bots of a guild, as a guild sees them.

use serde_json::{Value, json};

use crate::payload;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{By, Deed, action};

/// The id of a bot's integration, the same in every run.
pub(crate) fn integration_id(guild: Snowflake, bot: Snowflake) -> Snowflake {
    Snowflake::named(&format!("integration {bot} {guild}"))
}

impl World {
    pub(crate) fn integration(&self, guild: Snowflake, bot: Snowflake) -> Value {
        let name = self.name_of(bot);
        json!({
            "id": integration_id(guild, bot),
            "name": name,
            "type": "discord",
            "enabled": true,
            "account": { "id": bot, "name": name },
            "scopes": ["bot", "applications.commands"],
            "application": {
                "id": bot,
                "name": name,
                "icon": null,
                "description": "",
                "type": null,
                "bot": self.users.get(&bot).map(payload::user::user),
            },
        })
    }

    /// Tells of a bot that has just been let in.
    pub(crate) fn tell_integrated(&mut self, guild: Snowflake, bot: Snowflake) {
        let mut data = self.integration(guild, bot);
        data["guild_id"] = json!(guild);
        self.tell(guild, "INTEGRATION_CREATE", data);
        let data = json!({ "guild_id": guild });
        self.tell(guild, "GUILD_INTEGRATIONS_UPDATE", data);
    }

    /// Takes a bot out of a guild, with its integration and its role.
    pub(crate) fn drop_integration(&mut self, guild: Snowflake, bot: Snowflake, by: By<'_>) {
        self.leave(guild, bot);
        let home = self.guilds.get_mut(&guild);
        let role = home.and_then(|home| {
            let role = home.roles.values().find(|it| it.bot == Some(bot))?.id;
            home.roles.remove(&role)
        });
        if let Some(role) = role {
            let data = json!({ "guild_id": guild, "role_id": role.id });
            self.tell(guild, "GUILD_ROLE_DELETE", data);
        }
        let id = integration_id(guild, bot);
        let data = json!({ "id": id, "guild_id": guild, "application_id": bot });
        self.tell(guild, "INTEGRATION_DELETE", data);
        let data = json!({ "guild_id": guild });
        self.tell(guild, "GUILD_INTEGRATIONS_UPDATE", data);
        self.audit(guild, by, Deed::new(action::INTEGRATION_DELETE, id));
    }
}
