//! From a kind and its raw text to serenity's event.
//!
//! serenity's own parser turns a known kind that it cannot read into `Event::Unknown` without a word,
//! and buffers every event twice on the way; naming the type of each kind here gives the error and one pass.

use serenity::model::event::Event;

use super::decode::data;

macro_rules! kinds {
    ($($kind:literal => $variant:ident),* $(,)?) => {
        /// Parses one event. A kind that serenity does not know becomes [`Event::Unknown`].
        ///
        /// # Errors
        /// A known kind whose data is not as serenity expects it.
        pub(super) fn event(kind: &str, raw: &str) -> Result<Event, serde_json::Error> {
            match kind {
                $($kind => data(raw).map(Event::$variant),)*
                _ => serde_json::from_str(raw).map(Event::Unknown),
            }
        }

        #[cfg(test)]
        const KINDS: &[&str] = &[$($kind),*];
    };
}

kinds! {
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE" => CommandPermissionsUpdate,
    "AUTO_MODERATION_ACTION_EXECUTION" => AutoModActionExecution,
    "AUTO_MODERATION_RULE_CREATE" => AutoModRuleCreate,
    "AUTO_MODERATION_RULE_DELETE" => AutoModRuleDelete,
    "AUTO_MODERATION_RULE_UPDATE" => AutoModRuleUpdate,
    "CHANNEL_CREATE" => ChannelCreate,
    "CHANNEL_DELETE" => ChannelDelete,
    "CHANNEL_PINS_UPDATE" => ChannelPinsUpdate,
    "CHANNEL_UPDATE" => ChannelUpdate,
    "ENTITLEMENT_CREATE" => EntitlementCreate,
    "ENTITLEMENT_DELETE" => EntitlementDelete,
    "ENTITLEMENT_UPDATE" => EntitlementUpdate,
    "GUILD_AUDIT_LOG_ENTRY_CREATE" => GuildAuditLogEntryCreate,
    "GUILD_BAN_ADD" => GuildBanAdd,
    "GUILD_BAN_REMOVE" => GuildBanRemove,
    "GUILD_CREATE" => GuildCreate,
    "GUILD_DELETE" => GuildDelete,
    "GUILD_EMOJIS_UPDATE" => GuildEmojisUpdate,
    "GUILD_INTEGRATIONS_UPDATE" => GuildIntegrationsUpdate,
    "GUILD_MEMBERS_CHUNK" => GuildMembersChunk,
    "GUILD_MEMBER_ADD" => GuildMemberAdd,
    "GUILD_MEMBER_REMOVE" => GuildMemberRemove,
    "GUILD_MEMBER_UPDATE" => GuildMemberUpdate,
    "GUILD_ROLE_CREATE" => GuildRoleCreate,
    "GUILD_ROLE_DELETE" => GuildRoleDelete,
    "GUILD_ROLE_UPDATE" => GuildRoleUpdate,
    "GUILD_SCHEDULED_EVENT_CREATE" => GuildScheduledEventCreate,
    "GUILD_SCHEDULED_EVENT_DELETE" => GuildScheduledEventDelete,
    "GUILD_SCHEDULED_EVENT_UPDATE" => GuildScheduledEventUpdate,
    "GUILD_SCHEDULED_EVENT_USER_ADD" => GuildScheduledEventUserAdd,
    "GUILD_SCHEDULED_EVENT_USER_REMOVE" => GuildScheduledEventUserRemove,
    "GUILD_SOUNDBOARD_SOUNDS_UPDATE" => SoundboardSoundsUpdate,
    "GUILD_SOUNDBOARD_SOUND_CREATE" => SoundboardSoundCreate,
    "GUILD_SOUNDBOARD_SOUND_DELETE" => SoundboardSoundDelete,
    "GUILD_SOUNDBOARD_SOUND_UPDATE" => SoundboardSoundUpdate,
    "GUILD_STICKERS_UPDATE" => GuildStickersUpdate,
    "GUILD_UPDATE" => GuildUpdate,
    "INTEGRATION_CREATE" => IntegrationCreate,
    "INTEGRATION_DELETE" => IntegrationDelete,
    "INTEGRATION_UPDATE" => IntegrationUpdate,
    "INTERACTION_CREATE" => InteractionCreate,
    "INVITE_CREATE" => InviteCreate,
    "INVITE_DELETE" => InviteDelete,
    "MESSAGE_CREATE" => MessageCreate,
    "MESSAGE_DELETE" => MessageDelete,
    "MESSAGE_DELETE_BULK" => MessageDeleteBulk,
    "MESSAGE_POLL_VOTE_ADD" => MessagePollVoteAdd,
    "MESSAGE_POLL_VOTE_REMOVE" => MessagePollVoteRemove,
    "MESSAGE_REACTION_ADD" => ReactionAdd,
    "MESSAGE_REACTION_REMOVE" => ReactionRemove,
    "MESSAGE_REACTION_REMOVE_ALL" => ReactionRemoveAll,
    "MESSAGE_REACTION_REMOVE_EMOJI" => ReactionRemoveEmoji,
    "MESSAGE_UPDATE" => MessageUpdate,
    "PRESENCE_UPDATE" => PresenceUpdate,
    "READY" => Ready,
    "RESUMED" => Resumed,
    "SOUNDBOARD_SOUNDS" => SoundboardSounds,
    "STAGE_INSTANCE_CREATE" => StageInstanceCreate,
    "STAGE_INSTANCE_DELETE" => StageInstanceDelete,
    "STAGE_INSTANCE_UPDATE" => StageInstanceUpdate,
    "THREAD_CREATE" => ThreadCreate,
    "THREAD_DELETE" => ThreadDelete,
    "THREAD_LIST_SYNC" => ThreadListSync,
    "THREAD_MEMBERS_UPDATE" => ThreadMembersUpdate,
    "THREAD_MEMBER_UPDATE" => ThreadMemberUpdate,
    "THREAD_UPDATE" => ThreadUpdate,
    "TYPING_START" => TypingStart,
    "USER_UPDATE" => UserUpdate,
    "VOICE_CHANNEL_STATUS_UPDATE" => VoiceChannelStatusUpdate,
    "VOICE_SERVER_UPDATE" => VoiceServerUpdate,
    "VOICE_STATE_UPDATE" => VoiceStateUpdate,
    "WEBHOOKS_UPDATE" => WebhookUpdate,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(kind: &str, data: &str) -> String {
        format!(r#"{{"t":"{kind}","s":1,"op":0,"d":{data}}}"#)
    }

    #[test]
    fn a_known_kind_that_cannot_be_read_is_an_error() {
        for kind in KINDS {
            assert!(event(kind, &raw(kind, "17")).is_err(), "{kind}");
        }
    }

    #[test]
    fn every_kind_can_be_listened_to() {
        assert_eq!(crate::bus::kinds().collect::<Vec<_>>(), KINDS);
    }

    #[test]
    fn a_kind_is_read_as_serenity_would_read_it() {
        let data = r#"{"id":"1","channel_id":"2","guild_id":"3"}"#;
        let raw = raw("MESSAGE_DELETE", data);
        let ours = event("MESSAGE_DELETE", &raw).unwrap();
        let theirs: Event = serde_json::from_str(&raw).unwrap();
        assert!(matches!(ours, Event::MessageDelete(_)));
        assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
    }

    #[test]
    fn an_unknown_kind_keeps_its_name() {
        let Event::Unknown(unknown) =
            event("MOON_LANDING", &raw("MOON_LANDING", r#"{"a":1}"#)).unwrap()
        else {
            panic!("expected an unknown event");
        };
        assert_eq!(
            (unknown.kind.as_str(), unknown.value["a"].as_u64()),
            ("MOON_LANDING", Some(1))
        );
    }
}
