//! Which sessions hear of which event of a guild.

use serde_json::Value;

use crate::gateway::sessions::Event;
use crate::intents::Intents;
use crate::permissions::Permissions;
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
        "STAGE_INSTANCE_CREATE" | "STAGE_INSTANCE_UPDATE" | "STAGE_INSTANCE_DELETE" => {
            Intents::GUILDS
        }
        "VOICE_CHANNEL_STATUS_UPDATE" => Intents::GUILDS,
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => {
            Intents::GUILD_MEMBERS
        }
        "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" | "GUILD_AUDIT_LOG_ENTRY_CREATE" => {
            Intents::GUILD_MODERATION
        }
        "AUTO_MODERATION_RULE_CREATE"
        | "AUTO_MODERATION_RULE_UPDATE"
        | "AUTO_MODERATION_RULE_DELETE" => Intents::AUTO_MODERATION_CONFIGURATION,
        "GUILD_SOUNDBOARD_SOUND_CREATE"
        | "GUILD_SOUNDBOARD_SOUND_UPDATE"
        | "GUILD_SOUNDBOARD_SOUND_DELETE" => Intents::GUILD_EXPRESSIONS,
        "GUILD_EMOJIS_UPDATE" | "GUILD_STICKERS_UPDATE" => Intents::GUILD_EXPRESSIONS,
        "GUILD_INTEGRATIONS_UPDATE" | "INTEGRATION_CREATE" | "INTEGRATION_DELETE" => {
            Intents::GUILD_INTEGRATIONS
        }
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

/// What a bot must be allowed in the channel of an event, or else in its guild, to hear of it: the
/// notes beside the events on Discord's page "Gateway Events".
fn permission_for(kind: &str) -> Permissions {
    match kind {
        "GUILD_AUDIT_LOG_ENTRY_CREATE" => Permissions::VIEW_AUDIT_LOG,
        "INVITE_CREATE" | "INVITE_DELETE" => Permissions::MANAGE_CHANNELS,
        kind if kind.starts_with("AUTO_MODERATION_") => Permissions::MANAGE_GUILD,
        kind if kind.starts_with("MESSAGE_") || kind.starts_with("THREAD_") => {
            Permissions::VIEW_CHANNEL
        }
        "TYPING_START" | "CHANNEL_PINS_UPDATE" => Permissions::VIEW_CHANNEL,
        _ => Permissions::NONE,
    }
}

impl World {
    /// Whether a bot is allowed what an event of its guild takes.
    pub(crate) fn may_hear(&self, bot: Snowflake, event: &Event) -> bool {
        let wanted = permission_for(event.kind());
        if wanted == Permissions::NONE {
            return true;
        }
        let places = ["channel_id", "id", "parent_id"].into_iter();
        let mut places = places.filter_map(|key| self.channels.get(&event.id_at(key)?));
        let guild = event.home().and_then(|id| self.guilds.get(&id));
        let may = match places.next() {
            Some(channel) => self.permissions_in(bot, channel),
            None => guild.map_or(Permissions::NONE, |it| it.base_permissions(bot)),
        };
        may.allows(wanted)
    }

    /// Tells the sessions of a guild that asked for this kind of event.
    pub(crate) fn tell(&mut self, guild: Snowflake, kind: &'static str, data: Value) {
        let event = Event::new(kind, data).guild(guild);
        self.emit(&event.needs(intent_of(kind)));
    }
}
