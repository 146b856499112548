//! What a listener receives: one of Discord's events, typed, and shared with the other listeners.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use serenity::model::{
    event::{
        ChannelCreateEvent, ChannelDeleteEvent, ChannelUpdateEvent, Event as Any, GuildBanAddEvent,
        GuildBanRemoveEvent, GuildCreateEvent, GuildDeleteEvent, GuildMemberAddEvent,
        GuildMemberRemoveEvent, GuildMemberUpdateEvent, GuildRoleCreateEvent, GuildRoleDeleteEvent,
        GuildRoleUpdateEvent, GuildUpdateEvent, InteractionCreateEvent, InviteCreateEvent,
        InviteDeleteEvent, MessageCreateEvent, MessageDeleteEvent, MessageUpdateEvent,
        PresenceUpdateEvent, ReactionAddEvent, ReactionRemoveEvent, ReadyEvent, ThreadCreateEvent,
        ThreadDeleteEvent, ThreadUpdateEvent, TypingStartEvent, VoiceStateUpdateEvent,
    },
    gateway::GatewayIntents,
};

use crate::events::Position;

/// One event, as a listener receives it. Dereferences to serenity's type for it.
///
/// A listener may see an event again after a crash; its [`Position`] tells repeats.
pub struct Event<E> {
    event: Arc<Any>,
    position: Position,
    kind: PhantomData<E>,
}

impl<E: Listen> Event<E> {
    pub(super) fn new(event: &Arc<Any>, position: &Position) -> Option<Self> {
        E::find(event)?;
        Some(Self {
            event: Arc::clone(event),
            position: position.clone(),
            kind: PhantomData,
        })
    }

    /// Which event of which session this is.
    pub fn position(&self) -> &Position {
        &self.position
    }
}

impl<E: Listen> Deref for Event<E> {
    type Target = E;

    fn deref(&self) -> &E {
        E::find(&self.event).expect("the kind was checked when the event was wrapped")
    }
}

/// An event that can be listened to.
pub trait Listen: Send + Sync + 'static {
    /// Its name on the wire. See Discord docs/Gateway Events.
    const KIND: &'static str;
    /// What Discord wants declared before it sends any.
    const INTENTS: GatewayIntents;

    /// The event, if it is of this kind.
    fn find(event: &Any) -> Option<&Self>;
}

macro_rules! listen {
    ($($type:ty, $variant:ident, $kind:literal, $intents:expr;)*) => {$(
        impl Listen for $type {
            const KIND: &'static str = $kind;
            const INTENTS: GatewayIntents = $intents;

            fn find(event: &Any) -> Option<&Self> {
                match event {
                    Any::$variant(event) => Some(event),
                    _ => None,
                }
            }
        }
    )*};
}

const MESSAGES: GatewayIntents =
    GatewayIntents::GUILD_MESSAGES.union(GatewayIntents::DIRECT_MESSAGES);
const REACTIONS: GatewayIntents =
    GatewayIntents::GUILD_MESSAGE_REACTIONS.union(GatewayIntents::DIRECT_MESSAGE_REACTIONS);
const TYPING: GatewayIntents =
    GatewayIntents::GUILD_MESSAGE_TYPING.union(GatewayIntents::DIRECT_MESSAGE_TYPING);

listen! {
    ChannelCreateEvent, ChannelCreate, "CHANNEL_CREATE", GatewayIntents::GUILDS;
    ChannelDeleteEvent, ChannelDelete, "CHANNEL_DELETE", GatewayIntents::GUILDS;
    ChannelUpdateEvent, ChannelUpdate, "CHANNEL_UPDATE", GatewayIntents::GUILDS;
    GuildBanAddEvent, GuildBanAdd, "GUILD_BAN_ADD", GatewayIntents::GUILD_MODERATION;
    GuildBanRemoveEvent, GuildBanRemove, "GUILD_BAN_REMOVE", GatewayIntents::GUILD_MODERATION;
    GuildCreateEvent, GuildCreate, "GUILD_CREATE", GatewayIntents::GUILDS;
    GuildDeleteEvent, GuildDelete, "GUILD_DELETE", GatewayIntents::GUILDS;
    GuildMemberAddEvent, GuildMemberAdd, "GUILD_MEMBER_ADD", GatewayIntents::GUILD_MEMBERS;
    GuildMemberRemoveEvent, GuildMemberRemove, "GUILD_MEMBER_REMOVE", GatewayIntents::GUILD_MEMBERS;
    GuildMemberUpdateEvent, GuildMemberUpdate, "GUILD_MEMBER_UPDATE", GatewayIntents::GUILD_MEMBERS;
    GuildRoleCreateEvent, GuildRoleCreate, "GUILD_ROLE_CREATE", GatewayIntents::GUILDS;
    GuildRoleDeleteEvent, GuildRoleDelete, "GUILD_ROLE_DELETE", GatewayIntents::GUILDS;
    GuildRoleUpdateEvent, GuildRoleUpdate, "GUILD_ROLE_UPDATE", GatewayIntents::GUILDS;
    GuildUpdateEvent, GuildUpdate, "GUILD_UPDATE", GatewayIntents::GUILDS;
    InteractionCreateEvent, InteractionCreate, "INTERACTION_CREATE", GatewayIntents::empty();
    InviteCreateEvent, InviteCreate, "INVITE_CREATE", GatewayIntents::GUILD_INVITES;
    InviteDeleteEvent, InviteDelete, "INVITE_DELETE", GatewayIntents::GUILD_INVITES;
    MessageCreateEvent, MessageCreate, "MESSAGE_CREATE", MESSAGES;
    MessageDeleteEvent, MessageDelete, "MESSAGE_DELETE", MESSAGES;
    MessageUpdateEvent, MessageUpdate, "MESSAGE_UPDATE", MESSAGES;
    PresenceUpdateEvent, PresenceUpdate, "PRESENCE_UPDATE", GatewayIntents::GUILD_PRESENCES;
    ReactionAddEvent, ReactionAdd, "MESSAGE_REACTION_ADD", REACTIONS;
    ReactionRemoveEvent, ReactionRemove, "MESSAGE_REACTION_REMOVE", REACTIONS;
    ReadyEvent, Ready, "READY", GatewayIntents::empty();
    ThreadCreateEvent, ThreadCreate, "THREAD_CREATE", GatewayIntents::GUILDS;
    ThreadDeleteEvent, ThreadDelete, "THREAD_DELETE", GatewayIntents::GUILDS;
    ThreadUpdateEvent, ThreadUpdate, "THREAD_UPDATE", GatewayIntents::GUILDS;
    TypingStartEvent, TypingStart, "TYPING_START", TYPING;
    VoiceStateUpdateEvent, VoiceStateUpdate, "VOICE_STATE_UPDATE", GatewayIntents::GUILD_VOICE_STATES;
}
