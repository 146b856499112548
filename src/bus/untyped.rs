//! Discord's events that serenity has no type for.
//!
//! See Discord docs/Gateway Events/Voice Channel Effect Send and docs/Resources/Subscription.

use std::{
    any::{Any, TypeId},
    ops::Deref,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use serenity::model::{
    channel::ReactionType,
    event::Event,
    gateway::GatewayIntents,
    id::{ChannelId, EntitlementId, GuildId, SkuId, UserId},
};
use tracing::error;

use super::gateway::Kind;

/// Somebody in a voice channel sent an emoji or a sound of the soundboard.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct VoiceChannelEffectSendEvent {
    /// The voice channel.
    pub channel_id: ChannelId,
    /// Its guild.
    pub guild_id: GuildId,
    /// Who sent it.
    pub user_id: UserId,
    /// The emoji, of a reaction and of a sound that has one.
    #[serde(default)]
    pub emoji: Option<ReactionType>,
    /// 0 for a premium animation, 1 for the basic one.
    #[serde(default)]
    pub animation_type: Option<u8>,
    /// Which animation.
    #[serde(default)]
    pub animation_id: Option<u64>,
    /// Which sound: a number for one of Discord's own, an id as a text for one of a guild.
    #[serde(default)]
    pub sound_id: Option<Value>,
    /// How loud, from 0 to 1.
    #[serde(default)]
    pub sound_volume: Option<f64>,
}

/// Somebody's recurring payment for at least one of the application's offers.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct PaidSubscription {
    /// Its id.
    pub id: String,
    /// Who pays.
    pub user_id: UserId,
    /// What is paid for.
    pub sku_ids: Vec<SkuId>,
    /// What the person has of it.
    pub entitlement_ids: Vec<EntitlementId>,
    /// What will be paid for when it is renewed; `None` when nothing changes.
    #[serde(default)]
    pub renewal_sku_ids: Option<Vec<SkuId>>,
    /// When the current period began.
    pub current_period_start: DateTime<Utc>,
    /// When it ends.
    pub current_period_end: DateTime<Utc>,
    /// 0 active, 1 ending, 2 inactive.
    pub status: u8,
    /// When it was cancelled.
    #[serde(default)]
    pub canceled_at: Option<DateTime<Utc>>,
    /// The country of the payment, as two letters, where Discord tells.
    #[serde(default)]
    pub country: Option<String>,
}

macro_rules! subscriptions {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(transparent)]
        pub struct $name(PaidSubscription);

        impl Deref for $name {
            type Target = PaidSubscription;

            fn deref(&self) -> &PaidSubscription {
                &self.0
            }
        }
    )*};
}

subscriptions! {
    /// A subscription was made; it need not be active yet.
    SubscriptionCreateEvent;
    /// A subscription was renewed, changed or cancelled.
    SubscriptionUpdateEvent;
    /// A subscription is gone.
    SubscriptionDeleteEvent;
}

/// A kind, and how the data of its events is read.
pub(super) struct Untyped {
    pub(super) kind: Kind,
    read: fn(&Value) -> serde_json::Result<Arc<dyn Any + Send + Sync>>,
}

macro_rules! untyped {
    ($($type:ty, $kind:literal, $intents:expr;)*) => {
        pub(super) const UNTYPED: &[Untyped] = &[$(Untyped {
            kind: Kind {
                of: TypeId::of::<$type>(),
                name: $kind,
                intents: $intents,
            },
            read: |data| Ok(Arc::new(<$type>::deserialize(data)?)),
        }),*];
    };
}

untyped! {
    SubscriptionCreateEvent, "SUBSCRIPTION_CREATE", GatewayIntents::empty();
    SubscriptionUpdateEvent, "SUBSCRIPTION_UPDATE", GatewayIntents::empty();
    SubscriptionDeleteEvent, "SUBSCRIPTION_DELETE", GatewayIntents::empty();
    VoiceChannelEffectSendEvent, "VOICE_CHANNEL_EFFECT_SEND", GatewayIntents::GUILD_VOICE_STATES;
}

/// The event as a value of the type `E` above; `None` when it is of another kind, or not as documented, which the log
/// tells.
pub(super) fn value<E: 'static>(event: &Event) -> Option<Arc<dyn Any + Send + Sync>> {
    let Event::Unknown(unknown) = event else {
        return None;
    };
    let mut kinds = UNTYPED.iter();
    let row = kinds.find(|it| it.kind.of == TypeId::of::<E>() && it.kind.name == unknown.kind)?;
    let read = (row.read)(&unknown.value);
    read.map_err(|error| error!("the data of {} is not as documented: {error}", unknown.kind))
        .ok()
}
