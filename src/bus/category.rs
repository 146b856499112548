//! Categories of Discord's events, for who wants any of several kinds: `Event<MessageEvent>`, `Event<MemberEvent>`.
//!
//! `Event<serenity::model::event::Event>` is any event at all, also one of a kind that serenity does not know.

use std::{
    any::{Any, TypeId},
    ops::Deref,
    sync::Arc,
};

use serenity::model::{event::Event, gateway::GatewayIntents};

use super::gateway;

/// A category: the kinds in it, and how one of its events is wrapped.
pub(super) struct Category {
    pub(super) of: TypeId,
    pub(super) kinds: &'static [&'static str],
    wrap: fn(&Arc<Event>) -> Arc<dyn Any + Send + Sync>,
    unwrap: fn(&dyn Any) -> Option<&Arc<Event>>,
}

macro_rules! categories {
    ($($(#[$doc:meta])* $name:ident: $($kind:literal),*;)*) => {
        $(
            $(#[$doc])*
            ///
            /// Dereferences to serenity's enum of all events, which tells the kind.
            #[derive(Debug, Clone)]
            pub struct $name(Arc<Event>);

            impl Deref for $name {
                type Target = Event;

                fn deref(&self) -> &Event {
                    &self.0
                }
            }
        )*

        pub(super) const CATEGORIES: &[Category] = &[$(Category {
            of: TypeId::of::<$name>(),
            kinds: &[$($kind),*],
            wrap: |event| Arc::new($name(Arc::clone(event))),
            unwrap: |value| value.downcast_ref::<$name>().map(|it| &it.0),
        }),*];
    };
}

categories! {
    /// A rule of automatic moderation was made, changed, deleted, or has acted.
    AutoModerationEvent: "AUTO_MODERATION_RULE_CREATE", "AUTO_MODERATION_RULE_UPDATE", "AUTO_MODERATION_RULE_DELETE",
        "AUTO_MODERATION_ACTION_EXECUTION";
    /// Somebody was banned, or is no longer.
    BanEvent: "GUILD_BAN_ADD", "GUILD_BAN_REMOVE";
    /// A channel was made, changed or deleted, or its pins were.
    ChannelEvent: "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "CHANNEL_PINS_UPDATE";
    /// Something was bought, renewed or has ended.
    EntitlementEvent: "ENTITLEMENT_CREATE", "ENTITLEMENT_UPDATE", "ENTITLEMENT_DELETE";
    /// A guild's emojis, stickers or sounds have changed.
    ExpressionEvent: "GUILD_EMOJIS_UPDATE", "GUILD_STICKERS_UPDATE", "GUILD_SOUNDBOARD_SOUND_CREATE",
        "GUILD_SOUNDBOARD_SOUND_UPDATE", "GUILD_SOUNDBOARD_SOUND_DELETE", "GUILD_SOUNDBOARD_SOUNDS_UPDATE";
    /// A guild has become available, has changed, or is gone.
    GuildEvent: "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE";
    /// An integration was made, changed or deleted.
    IntegrationEvent: "INTEGRATION_CREATE", "INTEGRATION_UPDATE", "INTEGRATION_DELETE", "GUILD_INTEGRATIONS_UPDATE";
    /// An invite was made or deleted.
    InviteEvent: "INVITE_CREATE", "INVITE_DELETE";
    /// A member has joined, has changed, or has left.
    MemberEvent: "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE";
    /// A message was posted, changed or deleted.
    MessageEvent: "MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK";
    /// Somebody has voted in a poll, or has taken the vote back.
    PollVoteEvent: "MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE";
    /// A reaction came or went.
    ReactionEvent: "MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_REACTION_REMOVE_ALL",
        "MESSAGE_REACTION_REMOVE_EMOJI";
    /// A role was made, changed or deleted.
    RoleEvent: "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE";
    /// A scheduled event was made, changed or deleted, or somebody takes part.
    ScheduledEvent: "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_UPDATE", "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_USER_ADD", "GUILD_SCHEDULED_EVENT_USER_REMOVE";
    /// A stage was opened, changed or closed.
    StageEvent: "STAGE_INSTANCE_CREATE", "STAGE_INSTANCE_UPDATE", "STAGE_INSTANCE_DELETE";
    /// A subscription was made, changed, or is gone.
    SubscriptionEvent: "SUBSCRIPTION_CREATE", "SUBSCRIPTION_UPDATE", "SUBSCRIPTION_DELETE";
    /// A thread was made, changed or deleted, or its members have changed.
    ThreadEvent: "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC", "THREAD_MEMBER_UPDATE",
        "THREAD_MEMBERS_UPDATE";
    /// Somebody's voice, or a voice channel's server or status, has changed, or somebody sent an effect there.
    VoiceEvent: "VOICE_STATE_UPDATE", "VOICE_SERVER_UPDATE", "VOICE_CHANNEL_STATUS_UPDATE",
        "VOICE_CHANNEL_EFFECT_SEND";
}

impl Category {
    pub(super) fn of<E: 'static>() -> Option<&'static Self> {
        CATEGORIES
            .iter()
            .find(|category| category.of == TypeId::of::<E>())
    }

    /// What Discord wants declared before it sends any of them.
    pub(super) fn intents(&self) -> GatewayIntents {
        let kinds = gateway::kinds().filter(|kind| self.kinds.contains(&kind.name));
        kinds.fold(GatewayIntents::empty(), |all, kind| all | kind.intents)
    }
}

/// The event as a value of the category `E`; `None` when `E` is none, or the event is of no kind in it.
pub(super) fn value<E: 'static>(event: &Arc<Event>) -> Option<Arc<dyn Any + Send + Sync>> {
    let category = Category::of::<E>()?;
    let kind = gateway::kind(event);
    let is_in_it = category.kinds.contains(&kind);
    is_in_it.then(|| (category.wrap)(event))
}

/// The event that a value of the category `E` holds.
pub(super) fn event<E: 'static>(value: &E) -> Option<Arc<Event>> {
    (Category::of::<E>()?.unwrap)(value).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_a_category_is_one_of_discords() {
        for category in CATEGORIES {
            for kind in category.kinds {
                assert!(gateway::kinds().any(|known| known.name == *kind), "{kind}");
            }
        }
    }
}
