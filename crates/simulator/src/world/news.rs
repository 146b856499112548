//! Which sessions hear of which event of a guild.

use serde_json::Value;

use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::snowflake::Snowflake;
use crate::world::World;

/// The intent without which an event is not heard; `NONE` for events that everybody hears.
pub(crate) fn intent_of(kind: &str) -> Intents {
    match kind {
        "GUILD_CREATE" | "GUILD_UPDATE" | "GUILD_DELETE" => Intents::GUILDS,
        "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" | "GUILD_ROLE_DELETE" => Intents::GUILDS,
        "CHANNEL_CREATE" | "CHANNEL_UPDATE" | "CHANNEL_DELETE" => Intents::GUILDS,
        "CHANNEL_PINS_UPDATE" => Intents::GUILDS,
        "THREAD_CREATE" | "THREAD_UPDATE" | "THREAD_DELETE" | "THREAD_LIST_SYNC" => Intents::GUILDS,
        "THREAD_MEMBERS_UPDATE" => Intents::GUILD_MEMBERS,
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => {
            Intents::GUILD_MEMBERS
        }
        "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" | "GUILD_AUDIT_LOG_ENTRY_CREATE" => {
            Intents::GUILD_MODERATION
        }
        "GUILD_EMOJIS_UPDATE" => Intents::GUILD_EXPRESSIONS,
        "WEBHOOKS_UPDATE" => Intents::GUILD_WEBHOOKS,
        "INVITE_CREATE" | "INVITE_DELETE" => Intents::GUILD_INVITES,
        "VOICE_STATE_UPDATE" => Intents::GUILD_VOICE_STATES,
        "GUILD_SCHEDULED_EVENT_CREATE"
        | "GUILD_SCHEDULED_EVENT_UPDATE"
        | "GUILD_SCHEDULED_EVENT_DELETE"
        | "GUILD_SCHEDULED_EVENT_USER_ADD"
        | "GUILD_SCHEDULED_EVENT_USER_REMOVE" => Intents::GUILD_SCHEDULED_EVENTS,
        _ => Intents::NONE,
    }
}

impl World {
    /// Tells the sessions of a guild that asked for this kind of event.
    pub(crate) fn tell(&mut self, guild: Snowflake, kind: &'static str, data: Value) {
        let event = Event::new(kind, data).guild(guild);
        self.emit(&event.needs(intent_of(kind)));
    }
}
