//! What modules dispatch: a value of any type, to every listener of its type. One of Discord's goes to whoever would have
//! it from Discord.

use std::{
    any::{TypeId, type_name},
    pin::Pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
    time::Instant,
};

use futures_util::FutureExt;
use serenity::model::id::GuildId;
use tokio::sync::mpsc;
use tracing::{error, warn};

use super::{
    Events, Listener, Source, Wanted, What, category, gateway,
    lanes::{Job, Lane, Place},
};

tokio::task_local! {
    /// The lanes that wait for the work that runs, innermost last.
    static WAITING: Vec<Lane>;
}

/// An event on its way to its listeners: see [`Events::dispatch`]. Resolves when all have ended; dropping it changes
/// nothing.
pub struct Dispatched {
    open: mpsc::Receiver<()>,
    kind: &'static str,
    /// Listeners that wait for whoever dispatched it, and so are not waited for.
    circular: Vec<Arc<Listener>>,
}

impl Future for Dispatched {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        for listener in std::mem::take(&mut self.circular) {
            let (module, name, kind) = (listener.module, &listener.name, self.kind);
            warn!(
                module.name = module,
                "{name} of {module} waits for a {kind} that itself is to handle next: it is not waited for, since \
                 that would never end"
            );
        }
        // Nothing is ever sent: the channel closes with the last listener.
        self.open.poll_recv(context).map(drop)
    }
}

impl Events {
    /// Gives `event` to every listener of its type, at once; what is returned resolves when all have ended, and need
    /// not be awaited. A listener that fails or panics stops no other.
    ///
    /// Each listener has the events of a type one after the other, in the order in which they were dispatched.
    /// They live in memory: a crash ends what was not handled. As many as there are may be in hand; from 10,000 on,
    /// Discord's and modules' own together, no more is read from Discord until some are handled.
    ///
    /// One of Discord's, of serenity's type or a category, goes to the listeners that would have it from Discord, those
    /// of its categories too; what [`only`](crate::module::ListenerSetup::only) asks is asked of Discord's alone. It
    /// has no position. A type of serenity's that is no event is heard by nobody, which the log tells as an error.
    ///
    /// A listener that dispatches to itself and waits would wait for ever: it is not waited for, and the log says so.
    pub fn dispatch<E: Send + Sync + 'static>(&self, event: E) -> Dispatched {
        self.dispatch_at(Place::Common, event)
    }

    /// As [`Events::dispatch`], for an event of a guild: listeners have those of one guild in order, and guilds go
    /// side by side. Modules that are off in the guild do not hear it.
    pub fn dispatch_in<E: Send + Sync + 'static>(&self, guild: GuildId, event: E) -> Dispatched {
        self.dispatch_at(Place::Guild(guild), event)
    }

    fn dispatch_at<E: Send + Sync + 'static>(&self, place: Place, event: E) -> Dispatched {
        let kind = short(type_name::<E>());
        let own = Wanted::of::<E>().map(|(own, _)| own);
        let own = own.map_err(|error| {
            self.0.failures.fetch_add(1, Relaxed);
            error!("a dispatched {kind} is heard by nobody: {error}");
        });
        let own = own.ok();
        let what = match own {
            Some(Wanted::Own(_)) => What::Value(Arc::new(event)),
            _ => what(event),
        };
        let wants = |wanted: &Wanted| match &what {
            What::Gateway(event) => wanted.wants_kind(gateway::kind(event)),
            What::Value(_) => own == Some(*wanted),
        };
        let source = Source {
            guild: place.guild().or_else(|| what.guild()),
            what: what.clone(),
            position: None,
        };
        self.0.waiters.offer_own(wants, &source);
        let (held, open) = mpsc::channel(1);
        let waiting = WAITING.try_with(Clone::clone).unwrap_or_default();
        let mut circular = Vec::new();
        let (table, name) = (self.table(), Arc::<str>::from(kind));
        for (id, listener) in table.iter().filter(|(_, it)| wants(&it.wanted)) {
            let lane = Lane {
                listener: *id,
                place,
            };
            let is_circular = waiting.contains(&lane);
            if is_circular {
                circular.push(Arc::clone(listener));
            }
            let held = (!is_circular).then(|| held.clone());
            let waiting = [waiting.as_slice(), &[lane]].concat();
            self.put(lane, listener, &name, source.clone(), waiting, held);
        }
        Dispatched {
            open,
            kind,
            circular,
        }
    }

    /// Gives `value` to one who waits for it, and to no listener; tells whether there was somebody.
    pub(crate) fn hand_over<E: Send + Sync + 'static>(&self, value: E) -> bool {
        let source = Source {
            what: What::Value(Arc::new(value)),
            position: None,
            guild: None,
        };
        let own = Wanted::Own(TypeId::of::<E>());
        self.0.waiters.hand_over(own, &source)
    }

    fn put(
        &self,
        lane: Lane,
        listener: &Arc<Listener>,
        kind: &Arc<str>,
        source: Source,
        waiting: Vec<Lane>,
        held: Option<mpsc::Sender<()>>,
    ) {
        let (events, called, name) = (self.clone(), Arc::clone(listener), Arc::clone(kind));
        let work = move || {
            let work = async move {
                events.call(&called, &source, &name).await;
                drop(held);
            };
            WAITING.scope(waiting, work).boxed()
        };
        let job = Job {
            kind: Arc::clone(kind),
            module: listener.module,
            work: Box::new(work),
            since: Instant::now(),
        };
        self.0.lanes.put(lane, job);
    }
}

/// One of Discord's events as Discord's, any other value as it is.
fn what<E: Send + Sync + 'static>(event: E) -> What {
    if let Some(event) = category::event(&event) {
        return What::Gateway(event);
    }
    match gateway::wrap(event) {
        Ok(event) => What::Gateway(Arc::new(event)),
        Err(event) => What::Value(Arc::new(event)),
    }
}

/// `Closed` of `birthdays::week::Closed`.
fn short(name: &'static str) -> &'static str {
    let path = name.split('<').next().unwrap_or(name);
    name.split_at(path.rfind("::").map_or(0, |at| at + 2)).1
}
