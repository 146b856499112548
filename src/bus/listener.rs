//! Who listens to what.

use std::{
    any::{TypeId, type_name},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use futures_util::future::BoxFuture;
use serenity::model::{event::Event as GatewayEvent, gateway::GatewayIntents};

use super::{Source, category::Category, gateway};
use crate::{error::Result, events::LeanMessage};

/// Which listener, among all that ever were in this process.
pub type ListenerId = usize;

/// Which messages are wanted, asked before they are parsed whole.
pub(crate) type Only = dyn Fn(&LeanMessage<'_>) -> bool + Send + Sync;

pub(crate) type Call = dyn Fn(&Source) -> Option<BoxFuture<'static, Result<()>>> + Send + Sync;

/// What is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Wanted {
    /// These kinds of Discord's events.
    Kinds(&'static [&'static str]),
    /// One kind of Discord's events.
    Kind(&'static str),
    /// Every event of Discord's.
    Any,
    /// What modules dispatch as a value of this type.
    Own(TypeId),
}

impl Wanted {
    /// What listening to `E` wants, and which intents Discord wants declared for it.
    ///
    /// # Errors
    /// `E` is a type of serenity's that is never dispatched, so that nothing would ever be heard.
    pub(crate) fn of<E: 'static>() -> Result<(Self, GatewayIntents), NotAnEvent> {
        let of = TypeId::of::<E>();
        if of == TypeId::of::<GatewayEvent>() {
            return Ok((Self::Any, GatewayIntents::empty()));
        }
        if let Some(kind) = gateway::kinds().find(|kind| kind.of == of) {
            return Ok((Self::Kind(kind.name), kind.intents));
        }
        if let Some(category) = Category::of::<E>() {
            return Ok((Self::Kinds(category.kinds), category.intents()));
        }
        let name = type_name::<E>();
        if name.starts_with("serenity::") {
            let instead = instead(name);
            return Err(NotAnEvent { name, instead });
        }
        Ok((Self::Own(of), GatewayIntents::empty()))
    }

    pub(super) fn wants_kind(&self, name: &str) -> bool {
        match self {
            Self::Kinds(kinds) => kinds.contains(&name),
            Self::Kind(kind) => *kind == name,
            Self::Any => true,
            Self::Own(_) => false,
        }
    }
}

/// A type of serenity's that Discord sends no event of.
#[derive(Debug, thiserror::Error)]
#[error("{name} is none of Discord's events, so it would never be heard: listen to {instead}")]
pub struct NotAnEvent {
    name: &'static str,
    instead: &'static str,
}

/// What is meant by types that are taken for events.
const INSTEAD: &[(&str, &str)] = &[
    ("CommandInteraction", "InteractionCreateEvent"),
    ("ComponentInteraction", "InteractionCreateEvent"),
    ("FullEvent", "serenity::model::event::Event"),
    ("Guild", "GuildCreateEvent"),
    ("GuildChannel", "ChannelCreateEvent or ChannelEvent"),
    ("Interaction", "InteractionCreateEvent"),
    ("Member", "GuildMemberAddEvent or MemberEvent"),
    ("Message", "MessageCreateEvent or MessageEvent"),
    ("ModalInteraction", "InteractionCreateEvent"),
    ("Presence", "PresenceUpdateEvent"),
    ("Reaction", "ReactionAddEvent or ReactionEvent"),
    ("Ready", "ReadyEvent"),
    ("Role", "GuildRoleCreateEvent or RoleEvent"),
    ("VoiceState", "VoiceStateUpdateEvent"),
];

fn instead(name: &str) -> &'static str {
    let last = name.rsplit("::").next().unwrap_or(name);
    let known = INSTEAD.iter().find(|(taken, _)| *taken == last);
    known.map_or("a type of serenity::model::event", |(_, instead)| instead)
}

/// A listener, with what it is called in log lines.
pub(crate) struct Listener {
    pub(crate) module: &'static str,
    /// The method, or what a subscription is called.
    pub(crate) name: String,
    pub(crate) wanted: Wanted,
    /// Which messages it wants; `None` wants all.
    pub(crate) only: Option<Box<Only>>,
    pub(crate) call: Box<Call>,
    pub(super) handled: AtomicU64,
    pub(super) failed: AtomicU64,
}

impl Listener {
    /// # Errors
    /// As [`Wanted::of`].
    pub(crate) fn new<E: 'static>(
        module: &'static str,
        name: String,
        call: Box<Call>,
    ) -> Result<Self, NotAnEvent> {
        let (wanted, _) = Wanted::of::<E>()?;
        Ok(Self {
            module,
            name,
            wanted,
            only: None,
            call,
            handled: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        })
    }

    pub(super) fn ended(&self, has_failed: bool) {
        self.handled.fetch_add(1, Relaxed);
        if has_failed {
            self.failed.fetch_add(1, Relaxed);
        }
    }
}

/// What is known of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listening {
    /// The module that it belongs to.
    pub module: &'static str,
    /// Its method, such as `Leaderboard::award`, or what the subscription is called.
    pub name: String,
    /// Events that it has handled, failed ones too.
    pub handled: u64,
    /// Events on which it has failed or panicked.
    pub failed: u64,
    /// Events that wait for it.
    pub waiting: usize,
}
