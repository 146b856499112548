//! An event as a listener receives it: typed, and shared with the other listeners.

use std::{any::Any, marker::PhantomData, ops::Deref, sync::Arc};

use serenity::model::{event::Event as GatewayEvent, id::GuildId};

use super::{category, gateway, untyped};
use crate::events::Position;

/// One event: one of Discord's, by serenity's type for it; a [category](super::category) of those; or a value that
/// a module has [dispatched](super::Events::dispatch). Dereferences to it.
///
/// Discord's may come again after a crash; their [`Position`] tells repeats.
pub struct Event<E> {
    source: Source,
    kind: PhantomData<fn() -> E>,
}

/// An event of whatever type.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) what: What,
    /// Of what comes from Discord.
    pub(crate) position: Option<Position>,
    pub(crate) guild: Option<GuildId>,
}

#[derive(Clone)]
pub(crate) enum What {
    /// From Discord.
    Gateway(Arc<GatewayEvent>),
    /// From a module, or made of one of Discord's.
    Value(Arc<dyn Any + Send + Sync>),
}

impl What {
    /// The guild that one of Discord's events names.
    pub(super) fn guild(&self) -> Option<GuildId> {
        let Self::Gateway(event) = self else {
            return None;
        };
        let event = serde_json::to_value(&**event).ok()?;
        serde_json::from_value(event["d"]["guild_id"].clone()).ok()
    }
}

impl<E: Send + Sync + 'static> Event<E> {
    /// `None` when it is of another kind.
    pub(crate) fn of(source: &Source) -> Option<Self> {
        let mut source = source.clone();
        if let What::Gateway(event) = &source.what
            && let Some(value) = category::value::<E>(event).or_else(|| untyped::value::<E>(event))
        {
            source.what = What::Value(value);
        }
        find::<E>(&source.what)?;
        Some(Self {
            source,
            kind: PhantomData,
        })
    }
}

impl<E> Event<E> {
    /// Which event of which of Discord's sessions this is; `None` for what a module has dispatched.
    #[must_use]
    pub fn position(&self) -> Option<&Position> {
        self.source.position.as_ref()
    }

    /// The guild that it belongs to: the one that Discord names, or that it was dispatched in.
    #[must_use]
    pub fn guild(&self) -> Option<GuildId> {
        self.source.guild
    }
}

fn find<E: 'static>(what: &What) -> Option<&E> {
    match what {
        What::Gateway(event) => gateway::find(event),
        What::Value(value) => value.downcast_ref(),
    }
}

impl<E: 'static> Deref for Event<E> {
    type Target = E;

    fn deref(&self) -> &E {
        find(&self.source.what).expect("the type was checked when the event was wrapped")
    }
}

impl<E> Clone for Event<E> {
    fn clone(&self) -> Self {
        Self {
            source: self.source.clone(),
            kind: PhantomData,
        }
    }
}
