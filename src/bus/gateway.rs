//! Discord's events: which type listens to which kind, and what Discord wants declared before it sends any.
//!
//! See Discord docs/Gateway Events and docs/Gateway/List of Intents.

use std::any::{Any, TypeId};

use serenity::model::{
    event::{
        AutoModActionExecutionEvent, AutoModRuleCreateEvent, AutoModRuleDeleteEvent,
        AutoModRuleUpdateEvent, ChannelCreateEvent, ChannelDeleteEvent, ChannelPinsUpdateEvent,
        ChannelUpdateEvent, CommandPermissionsUpdateEvent, EntitlementCreateEvent,
        EntitlementDeleteEvent, EntitlementUpdateEvent, Event, GuildAuditLogEntryCreateEvent,
        GuildBanAddEvent, GuildBanRemoveEvent, GuildCreateEvent, GuildDeleteEvent,
        GuildEmojisUpdateEvent, GuildIntegrationsUpdateEvent, GuildMemberAddEvent,
        GuildMemberRemoveEvent, GuildMemberUpdateEvent, GuildMembersChunkEvent,
        GuildRoleCreateEvent, GuildRoleDeleteEvent, GuildRoleUpdateEvent,
        GuildScheduledEventCreateEvent, GuildScheduledEventDeleteEvent,
        GuildScheduledEventUpdateEvent, GuildScheduledEventUserAddEvent,
        GuildScheduledEventUserRemoveEvent, GuildStickersUpdateEvent, GuildUpdateEvent,
        IntegrationCreateEvent, IntegrationDeleteEvent, IntegrationUpdateEvent,
        InteractionCreateEvent, InviteCreateEvent, InviteDeleteEvent, MessageCreateEvent,
        MessageDeleteBulkEvent, MessageDeleteEvent, MessagePollVoteAddEvent,
        MessagePollVoteRemoveEvent, MessageUpdateEvent, PresenceUpdateEvent, ReactionAddEvent,
        ReactionRemoveAllEvent, ReactionRemoveEmojiEvent, ReactionRemoveEvent, ReadyEvent,
        ResumedEvent, SoundboardSoundCreateEvent, SoundboardSoundDeleteEvent,
        SoundboardSoundUpdateEvent, SoundboardSoundsEvent, SoundboardSoundsUpdateEvent,
        StageInstanceCreateEvent, StageInstanceDeleteEvent, StageInstanceUpdateEvent,
        ThreadCreateEvent, ThreadDeleteEvent, ThreadListSyncEvent, ThreadMemberUpdateEvent,
        ThreadMembersUpdateEvent, ThreadUpdateEvent, TypingStartEvent, UserUpdateEvent,
        VoiceChannelStatusUpdateEvent, VoiceServerUpdateEvent, VoiceStateUpdateEvent,
        WebhookUpdateEvent,
    },
    gateway::GatewayIntents,
};

use super::untyped::UNTYPED;

/// A kind of Discord's events.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) of: TypeId,
    /// Its name on the wire.
    pub(super) name: &'static str,
    /// What Discord wants declared before it sends any.
    pub(super) intents: GatewayIntents,
}

macro_rules! kinds {
    ($($type:ty, $variant:ident, $kind:literal, $intents:expr;)*) => {
        pub(super) const KINDS: &[Kind] = &[$(Kind {
            of: TypeId::of::<$type>(),
            name: $kind,
            intents: $intents,
        }),*];

        /// The event within serenity's enum.
        fn within(event: &Event) -> Option<&dyn Any> {
            match event {
                $(Event::$variant(event) => Some(event),)*
                _ => None,
            }
        }

        /// The name on the wire of an event's kind.
        pub(crate) fn kind(event: &Event) -> &str {
            match event {
                $(Event::$variant(_) => $kind,)*
                Event::Unknown(unknown) => &unknown.kind,
                _ => "UNKNOWN",
            }
        }

        /// One of serenity's events within serenity's enum.
        ///
        /// # Errors
        /// The value as it was: it is of another type.
        pub(super) fn wrap<E: 'static>(value: E) -> Result<Event, E> {
            let value: Box<dyn Any> = Box::new(value);
            $(
                let value = match value.downcast::<$type>() {
                    Ok(event) => return Ok(Event::$variant(*event)),
                    Err(other) => other,
                };
            )*
            match value.downcast::<Event>() {
                Ok(event) => Ok(*event),
                Err(value) => Err(*value.downcast().expect("it is what was given")),
            }
        }
    };
}

/// Every kind.
pub(super) fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain(UNTYPED.iter().map(|it| &it.kind))
}

/// The event as `E`: the one that serenity's enum holds, or the enum itself.
pub(super) fn find<E: 'static>(event: &Event) -> Option<&E> {
    let whole: &dyn Any = event;
    whole
        .downcast_ref()
        .or_else(|| within(event)?.downcast_ref())
}

const EXPRESSIONS: GatewayIntents = GatewayIntents::GUILD_EMOJIS_AND_STICKERS;
const MESSAGES: GatewayIntents =
    GatewayIntents::GUILD_MESSAGES.union(GatewayIntents::DIRECT_MESSAGES);
const POLLS: GatewayIntents =
    GatewayIntents::GUILD_MESSAGE_POLLS.union(GatewayIntents::DIRECT_MESSAGE_POLLS);
const REACTIONS: GatewayIntents =
    GatewayIntents::GUILD_MESSAGE_REACTIONS.union(GatewayIntents::DIRECT_MESSAGE_REACTIONS);
const TYPING: GatewayIntents =
    GatewayIntents::GUILD_MESSAGE_TYPING.union(GatewayIntents::DIRECT_MESSAGE_TYPING);

kinds! {
    CommandPermissionsUpdateEvent, CommandPermissionsUpdate, "APPLICATION_COMMAND_PERMISSIONS_UPDATE", GatewayIntents::empty();
    AutoModActionExecutionEvent, AutoModActionExecution, "AUTO_MODERATION_ACTION_EXECUTION", GatewayIntents::AUTO_MODERATION_EXECUTION;
    AutoModRuleCreateEvent, AutoModRuleCreate, "AUTO_MODERATION_RULE_CREATE", GatewayIntents::AUTO_MODERATION_CONFIGURATION;
    AutoModRuleDeleteEvent, AutoModRuleDelete, "AUTO_MODERATION_RULE_DELETE", GatewayIntents::AUTO_MODERATION_CONFIGURATION;
    AutoModRuleUpdateEvent, AutoModRuleUpdate, "AUTO_MODERATION_RULE_UPDATE", GatewayIntents::AUTO_MODERATION_CONFIGURATION;
    ChannelCreateEvent, ChannelCreate, "CHANNEL_CREATE", GatewayIntents::GUILDS;
    ChannelDeleteEvent, ChannelDelete, "CHANNEL_DELETE", GatewayIntents::GUILDS;
    ChannelPinsUpdateEvent, ChannelPinsUpdate, "CHANNEL_PINS_UPDATE", GatewayIntents::GUILDS.union(GatewayIntents::DIRECT_MESSAGES);
    ChannelUpdateEvent, ChannelUpdate, "CHANNEL_UPDATE", GatewayIntents::GUILDS;
    EntitlementCreateEvent, EntitlementCreate, "ENTITLEMENT_CREATE", GatewayIntents::empty();
    EntitlementDeleteEvent, EntitlementDelete, "ENTITLEMENT_DELETE", GatewayIntents::empty();
    EntitlementUpdateEvent, EntitlementUpdate, "ENTITLEMENT_UPDATE", GatewayIntents::empty();
    GuildAuditLogEntryCreateEvent, GuildAuditLogEntryCreate, "GUILD_AUDIT_LOG_ENTRY_CREATE", GatewayIntents::GUILD_MODERATION;
    GuildBanAddEvent, GuildBanAdd, "GUILD_BAN_ADD", GatewayIntents::GUILD_MODERATION;
    GuildBanRemoveEvent, GuildBanRemove, "GUILD_BAN_REMOVE", GatewayIntents::GUILD_MODERATION;
    GuildCreateEvent, GuildCreate, "GUILD_CREATE", GatewayIntents::GUILDS;
    GuildDeleteEvent, GuildDelete, "GUILD_DELETE", GatewayIntents::GUILDS;
    GuildEmojisUpdateEvent, GuildEmojisUpdate, "GUILD_EMOJIS_UPDATE", EXPRESSIONS;
    GuildIntegrationsUpdateEvent, GuildIntegrationsUpdate, "GUILD_INTEGRATIONS_UPDATE", GatewayIntents::GUILD_INTEGRATIONS;
    GuildMembersChunkEvent, GuildMembersChunk, "GUILD_MEMBERS_CHUNK", GatewayIntents::empty();
    GuildMemberAddEvent, GuildMemberAdd, "GUILD_MEMBER_ADD", GatewayIntents::GUILD_MEMBERS;
    GuildMemberRemoveEvent, GuildMemberRemove, "GUILD_MEMBER_REMOVE", GatewayIntents::GUILD_MEMBERS;
    GuildMemberUpdateEvent, GuildMemberUpdate, "GUILD_MEMBER_UPDATE", GatewayIntents::GUILD_MEMBERS;
    GuildRoleCreateEvent, GuildRoleCreate, "GUILD_ROLE_CREATE", GatewayIntents::GUILDS;
    GuildRoleDeleteEvent, GuildRoleDelete, "GUILD_ROLE_DELETE", GatewayIntents::GUILDS;
    GuildRoleUpdateEvent, GuildRoleUpdate, "GUILD_ROLE_UPDATE", GatewayIntents::GUILDS;
    GuildScheduledEventCreateEvent, GuildScheduledEventCreate, "GUILD_SCHEDULED_EVENT_CREATE", GatewayIntents::GUILD_SCHEDULED_EVENTS;
    GuildScheduledEventDeleteEvent, GuildScheduledEventDelete, "GUILD_SCHEDULED_EVENT_DELETE", GatewayIntents::GUILD_SCHEDULED_EVENTS;
    GuildScheduledEventUpdateEvent, GuildScheduledEventUpdate, "GUILD_SCHEDULED_EVENT_UPDATE", GatewayIntents::GUILD_SCHEDULED_EVENTS;
    GuildScheduledEventUserAddEvent, GuildScheduledEventUserAdd, "GUILD_SCHEDULED_EVENT_USER_ADD", GatewayIntents::GUILD_SCHEDULED_EVENTS;
    GuildScheduledEventUserRemoveEvent, GuildScheduledEventUserRemove, "GUILD_SCHEDULED_EVENT_USER_REMOVE", GatewayIntents::GUILD_SCHEDULED_EVENTS;
    SoundboardSoundsUpdateEvent, SoundboardSoundsUpdate, "GUILD_SOUNDBOARD_SOUNDS_UPDATE", EXPRESSIONS;
    SoundboardSoundCreateEvent, SoundboardSoundCreate, "GUILD_SOUNDBOARD_SOUND_CREATE", EXPRESSIONS;
    SoundboardSoundDeleteEvent, SoundboardSoundDelete, "GUILD_SOUNDBOARD_SOUND_DELETE", EXPRESSIONS;
    SoundboardSoundUpdateEvent, SoundboardSoundUpdate, "GUILD_SOUNDBOARD_SOUND_UPDATE", EXPRESSIONS;
    GuildStickersUpdateEvent, GuildStickersUpdate, "GUILD_STICKERS_UPDATE", EXPRESSIONS;
    GuildUpdateEvent, GuildUpdate, "GUILD_UPDATE", GatewayIntents::GUILDS;
    IntegrationCreateEvent, IntegrationCreate, "INTEGRATION_CREATE", GatewayIntents::GUILD_INTEGRATIONS;
    IntegrationDeleteEvent, IntegrationDelete, "INTEGRATION_DELETE", GatewayIntents::GUILD_INTEGRATIONS;
    IntegrationUpdateEvent, IntegrationUpdate, "INTEGRATION_UPDATE", GatewayIntents::GUILD_INTEGRATIONS;
    InteractionCreateEvent, InteractionCreate, "INTERACTION_CREATE", GatewayIntents::empty();
    InviteCreateEvent, InviteCreate, "INVITE_CREATE", GatewayIntents::GUILD_INVITES;
    InviteDeleteEvent, InviteDelete, "INVITE_DELETE", GatewayIntents::GUILD_INVITES;
    MessageCreateEvent, MessageCreate, "MESSAGE_CREATE", MESSAGES;
    MessageDeleteEvent, MessageDelete, "MESSAGE_DELETE", MESSAGES;
    MessageDeleteBulkEvent, MessageDeleteBulk, "MESSAGE_DELETE_BULK", GatewayIntents::GUILD_MESSAGES;
    MessagePollVoteAddEvent, MessagePollVoteAdd, "MESSAGE_POLL_VOTE_ADD", POLLS;
    MessagePollVoteRemoveEvent, MessagePollVoteRemove, "MESSAGE_POLL_VOTE_REMOVE", POLLS;
    ReactionAddEvent, ReactionAdd, "MESSAGE_REACTION_ADD", REACTIONS;
    ReactionRemoveEvent, ReactionRemove, "MESSAGE_REACTION_REMOVE", REACTIONS;
    ReactionRemoveAllEvent, ReactionRemoveAll, "MESSAGE_REACTION_REMOVE_ALL", REACTIONS;
    ReactionRemoveEmojiEvent, ReactionRemoveEmoji, "MESSAGE_REACTION_REMOVE_EMOJI", REACTIONS;
    MessageUpdateEvent, MessageUpdate, "MESSAGE_UPDATE", MESSAGES;
    PresenceUpdateEvent, PresenceUpdate, "PRESENCE_UPDATE", GatewayIntents::GUILD_PRESENCES;
    ReadyEvent, Ready, "READY", GatewayIntents::empty();
    ResumedEvent, Resumed, "RESUMED", GatewayIntents::empty();
    SoundboardSoundsEvent, SoundboardSounds, "SOUNDBOARD_SOUNDS", GatewayIntents::empty();
    StageInstanceCreateEvent, StageInstanceCreate, "STAGE_INSTANCE_CREATE", GatewayIntents::GUILDS;
    StageInstanceDeleteEvent, StageInstanceDelete, "STAGE_INSTANCE_DELETE", GatewayIntents::GUILDS;
    StageInstanceUpdateEvent, StageInstanceUpdate, "STAGE_INSTANCE_UPDATE", GatewayIntents::GUILDS;
    ThreadCreateEvent, ThreadCreate, "THREAD_CREATE", GatewayIntents::GUILDS;
    ThreadDeleteEvent, ThreadDelete, "THREAD_DELETE", GatewayIntents::GUILDS;
    ThreadListSyncEvent, ThreadListSync, "THREAD_LIST_SYNC", GatewayIntents::GUILDS;
    ThreadMembersUpdateEvent, ThreadMembersUpdate, "THREAD_MEMBERS_UPDATE", GatewayIntents::GUILDS;
    ThreadMemberUpdateEvent, ThreadMemberUpdate, "THREAD_MEMBER_UPDATE", GatewayIntents::GUILDS;
    ThreadUpdateEvent, ThreadUpdate, "THREAD_UPDATE", GatewayIntents::GUILDS;
    TypingStartEvent, TypingStart, "TYPING_START", TYPING;
    UserUpdateEvent, UserUpdate, "USER_UPDATE", GatewayIntents::empty();
    VoiceChannelStatusUpdateEvent, VoiceChannelStatusUpdate, "VOICE_CHANNEL_STATUS_UPDATE", GatewayIntents::GUILDS;
    VoiceServerUpdateEvent, VoiceServerUpdate, "VOICE_SERVER_UPDATE", GatewayIntents::empty();
    VoiceStateUpdateEvent, VoiceStateUpdate, "VOICE_STATE_UPDATE", GatewayIntents::GUILD_VOICE_STATES;
    WebhookUpdateEvent, WebhookUpdate, "WEBHOOKS_UPDATE", GatewayIntents::GUILD_WEBHOOKS;
}
