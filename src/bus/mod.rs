//! Events between whoever tells of something and whoever listens: Discord's and modules' own, the same way.
//!
//! [`Events`] knows every listener, gives each what it wants through [`lanes`](Lanes), and lets anybody wait for one
//! event, or have a stream of them. Nothing here is durable: that is [`Progress`](crate::events::Progress)'s business.

mod call;
pub mod category;
mod counter;
mod dispatch;
mod event;
mod gateway;
pub(crate) mod lanes;
mod listener;
mod quiet;
mod stream;
mod subscription;
mod untyped;
mod wait;
mod waiters;
mod work;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use cogsmith_tasks::Clock;
use parking_lot::RwLock;
use serenity::model::{gateway::GatewayIntents, id::GuildId};
use tokio_util::sync::CancellationToken;

pub use counter::Counter;
pub use dispatch::Dispatched;
pub use event::Event;
pub(crate) use event::{Source, What};
pub(crate) use gateway::kind;
pub use lanes::{LaneCounters, Lanes, Limits};
pub(crate) use listener::{Listener, Only, Wanted};
pub use listener::{ListenerId, Listening, NotAnEvent};
pub use stream::EventStream;
pub use subscription::Subscription;
pub use untyped::{
    PaidSubscription, SubscriptionCreateEvent, SubscriptionDeleteEvent, SubscriptionUpdateEvent,
    VoiceChannelEffectSendEvent,
};
pub use wait::{Wait, WaitError};
pub use waiters::WaiterId;
pub(crate) use work::For;

use crate::{activity::Watchdog, events::LeanMessage, switches::Switches};

type Table = BTreeMap<ListenerId, Arc<Listener>>;

/// Every listener, and everybody who waits. Cheap to clone; see `host.events()`.
#[derive(Clone)]
pub struct Events(Arc<Inner>);

struct Inner {
    clock: Clock,
    lanes: Lanes,
    /// Replaced at each change, so that a look at it holds nobody up.
    table: RwLock<Arc<Table>>,
    next: AtomicUsize,
    waiters: waiters::Waiters,
    declared: RwLock<GatewayIntents>,
    switches: Switches,
    watchdog: Watchdog,
    parked: Arc<work::Parked>,
    failures: AtomicU64,
    closed: CancellationToken,
}

impl Events {
    /// Nobody listens yet.
    pub(crate) fn new(
        clock: Clock,
        switches: Switches,
        watchdog: Watchdog,
        limits: Limits,
    ) -> Self {
        Self(Arc::new(Inner {
            clock,
            lanes: Lanes::new(limits),
            table: RwLock::default(),
            next: AtomicUsize::new(0),
            waiters: waiters::Waiters::default(),
            declared: RwLock::new(GatewayIntents::GUILDS),
            switches,
            watchdog,
            parked: Arc::default(),
            failures: AtomicU64::new(0),
            closed: CancellationToken::new(),
        }))
    }

    /// The lanes that every event passes.
    pub(crate) fn lanes(&self) -> &Lanes {
        &self.0.lanes
    }

    /// Everybody who listens to a type, in the order in which they began.
    #[must_use]
    pub fn listeners<E: 'static>(&self) -> Vec<Listening> {
        let Ok((wanted, _)) = Wanted::of::<E>() else {
            return Vec::new();
        };
        let table = self.table();
        let listening = table
            .iter()
            .filter(|(_, listener)| listener.wanted == wanted);
        listening
            .map(|(id, listener)| self.listening(*id, listener))
            .collect()
    }

    fn listening(&self, id: ListenerId, listener: &Listener) -> Listening {
        Listening {
            module: listener.module,
            name: listener.name.clone(),
            handled: listener.handled.load(Relaxed),
            failed: listener.failed.load(Relaxed),
            waiting: self.0.lanes.waiting(id),
        }
    }

    /// How many waits and streams there are.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiters.len()
    }

    /// How many listeners have failed or panicked since the start, and how many predicates have panicked.
    pub(crate) fn failures(&self) -> u64 {
        self.0.failures.load(Relaxed) + self.0.waiters.panics()
    }

    /// Adds a listener; what Discord sends for it must have been declared.
    pub(crate) fn add(&self, listener: Listener) -> ListenerId {
        let id = self.0.next.fetch_add(1, Relaxed);
        self.change(|table| drop(table.insert(id, Arc::new(listener))));
        id
    }

    pub(crate) fn remove(&self, id: ListenerId) {
        self.change(|table| drop(table.remove(&id)));
    }

    /// Takes every listener and subscription of a module out.
    pub(crate) fn remove_module(&self, module: &str) {
        self.change(|table| table.retain(|_, listener| listener.module != module));
    }

    fn change(&self, change: impl FnOnce(&mut Table)) {
        let mut table = self.0.table.write();
        let mut changed = Table::clone(&table);
        change(&mut changed);
        *table = Arc::new(changed);
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.0.table.read())
    }

    fn find(&self, id: ListenerId) -> Option<Arc<Listener>> {
        self.0.table.read().get(&id).cloned()
    }

    /// The module of a listener.
    pub(crate) fn module_of(&self, id: ListenerId) -> &'static str {
        self.find(id)
            .map_or("no module", |listener| listener.module)
    }

    /// Says that Discord sends what these intents stand for.
    pub(crate) fn declare(&self, intents: GatewayIntents) {
        *self.0.declared.write() |= intents;
    }

    /// Says that Discord sends nothing of what these intents stand for.
    pub(crate) fn withhold(&self, intents: GatewayIntents) {
        self.0.declared.write().remove(intents);
    }

    /// What Discord must be asked to send.
    pub(crate) fn intents(&self) -> GatewayIntents {
        *self.0.declared.read()
    }

    /// What is wanted of `E`, when it can come. Of several intents, such as those for guilds and for direct
    /// messages, one is enough.
    fn declared<E: 'static>(&self) -> Result<Wanted, WaitError> {
        let (wanted, intents) = Wanted::of::<E>()?;
        if intents.is_empty() || self.intents().intersects(intents) {
            return Ok(wanted);
        }
        let event = std::any::type_name::<E>();
        Err(WaitError::NotDeclared { event, intents })
    }

    /// Whether anybody may want an event of Discord's of this kind.
    pub(crate) fn want(&self, kind: &str) -> bool {
        let listens = |listener: &Arc<Listener>| listener.wanted.wants_kind(kind);
        self.0.table.read().values().any(listens) || self.0.waiters.want_kind(kind)
    }

    /// The listeners that want this event of Discord's, of modules that are on in this guild.
    pub(crate) fn listeners_to(
        &self,
        kind: &str,
        guild: Option<GuildId>,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<ListenerId> {
        let table = self.table();
        let wants = |listener: &Listener| {
            let only = listener.only.as_ref().zip(message);
            listener.wanted.wants_kind(kind)
                && self.0.switches.is_on(listener.module, guild)
                && only.is_none_or(|(only, message)| only(message))
        };
        let wanting = table.iter().filter(|(_, listener)| wants(listener));
        wanting.map(|(id, _)| *id).collect()
    }

    /// Those who wait for such an event of Discord's.
    pub(crate) fn waiters_for(
        &self,
        kind: &str,
        message: Option<&LeanMessage<'_>>,
    ) -> Vec<WaiterId> {
        self.0.waiters.to(kind, message)
    }

    /// Offers an event of Discord's to these, at once.
    pub(crate) fn offer(&self, waiters: &[WaiterId], source: &Source) {
        self.0.waiters.offer(waiters, source);
    }

    /// Ends every wait and stream: the bot shuts down. Listeners go on.
    pub(crate) fn close(&self) {
        self.0.closed.cancel();
        self.0.waiters.clear();
    }
}

/// The kinds of Discord's events that serenity has types for.
#[cfg(test)]
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    gateway::KINDS.iter().map(|kind| kind.name)
}

/// What a panic said.
pub(crate) fn panic_text(payload: &(dyn std::any::Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
