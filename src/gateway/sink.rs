//! Where events go: what the dispatcher implements, and what it receives.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serenity::model::{event::Event, id::GuildId};

use crate::{
    bus::{ListenerId, WaiterId},
    events::{LeanMessage, Position, Receipt},
};

/// Who wants a kind of event. With nobody, an event is dropped after a look at its header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interest {
    /// Folds want it lean. Only MESSAGE_CREATE can be folded.
    pub fold: bool,
    /// It begins a command. Only INTERACTION_CREATE can.
    pub command: bool,
    /// Listeners may want it whole: [`Sink::listeners`] says which.
    pub deliver: bool,
}

/// One event for a listener, or as a command.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Which event it is; a repeat after a crash has the same position.
    pub position: Position,
    /// Whether Discord sends it because the session is being resumed, so that it may be old.
    pub replayed: bool,
    /// The guild that it belongs to.
    pub guild: Option<GuildId>,
    /// The event, parsed once and shared.
    pub event: Arc<Event>,
    /// The event counts as handled when the futures of [`Sink::deliver`] have ended and every clone of this is dropped:
    /// whoever works on in the background keeps one. That of a command holds up the closing and no resume point.
    pub receipt: Receipt,
}

/// Takes the events.
pub trait Sink: Send + Sync + 'static {
    /// Asked for every event, with its name on the wire, so it must be quick.
    fn interest(&self, kind: &str) -> Interest;

    /// Called on the task that reads the shard, for each message in order: it may take microseconds and never waits.
    fn fold(&self, message: &LeanMessage<'_>);

    /// Called with the raw frame of each event, once, before it goes anywhere else: it looks and does not wait.
    fn pass(&self, kind: &str, raw: &str) {
        let _ = (kind, raw);
    }

    /// Begins a command, and does not wait for it. Each is begun once: after a crash none comes again.
    fn command(&self, delivery: Delivery) {
        drop(delivery);
    }

    /// The listeners that want this event of this guild, asked for every event that is to be delivered; `message` is
    /// there for every MESSAGE_CREATE. A panic counts as nobody.
    fn listeners(
        &self,
        kind: &str,
        guild: Option<GuildId>,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let _ = (kind, guild, message);
        vec![0]
    }

    /// Those who wait for this event and are not listeners; asked as [`Sink::listeners`] is.
    fn waiters(&self, kind: &str, message: Option<&LeanMessage<'_>>) -> Vec<WaiterId> {
        let _ = (kind, message);
        Vec::new()
    }

    /// Gives an event to those who wait for it. Called on the task that reads the shard: it never waits.
    fn offer(&self, waiters: &[WaiterId], delivery: &Delivery) {
        let _ = (waiters, delivery);
    }

    /// What a listener belongs to, for log lines.
    fn module(&self, listener: ListenerId) -> &'static str {
        let _ = listener;
        "the bot"
    }

    /// Lets one listener handle an event. Its next event of the same guild waits until the future ends or is dropped.
    ///
    /// A panic is caught and counted, and the event counts as handled.
    fn deliver(&self, listener: ListenerId, delivery: Delivery) -> BoxFuture<'static, ()>;
}
