//! Where events go: what the dispatcher implements, and what it receives.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serenity::model::event::Event;

use crate::events::{LeanMessage, Position, Receipt};

/// Who listens to a kind of event. With neither, an event is dropped after a look at its header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interest {
    /// Folds want it lean. Only MESSAGE_CREATE can be folded.
    pub fold: bool,
    /// Listeners want it whole.
    pub deliver: bool,
}

/// One event for listeners.
#[derive(Debug)]
pub struct Delivery {
    /// Which event it is; a repeat after a crash has the same position.
    pub position: Position,
    /// Whether Discord sends it because the session is being resumed, so that it may be old.
    pub replayed: bool,
    /// The event, parsed once and shared.
    pub event: Arc<Event>,
    /// The event counts as handled when the future of [`Sink::deliver`] has ended and every clone of this is dropped:
    /// whoever works on in the background keeps one.
    pub receipt: Receipt,
}

/// Takes the events.
pub trait Sink: Send + Sync + 'static {
    /// Asked for every event, with its name on the wire, so it must be quick.
    fn interest(&self, kind: &str) -> Interest;

    /// Called on the task that reads the shard, for each message in order: it may take microseconds and never waits.
    fn fold(&self, message: &LeanMessage<'_>);

    /// Handles an event. The next event of the same guild waits until the future ends or is dropped.
    ///
    /// A panic is caught and counted, and the event counts as handled.
    fn deliver(&self, delivery: Delivery) -> BoxFuture<'static, ()>;
}
