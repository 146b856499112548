//! How an engine may differ from the defaults.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::Engine;
use crate::{
    clock::Clock,
    directory::Directory,
    dispatcher::Dispatcher,
    event::Events,
    mail::Mailbox,
    pool::Pool,
    pulse::{NoPulse, Pulse, WallPulse},
    store::Store,
    timeline::Timeline,
};

/// Sets up an [`Engine`].
#[must_use = "a builder does nothing until build is called"]
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    clock: Clock,
    options: Options,
    runtime: Handle,
    pulse: Option<Arc<dyn Pulse>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) concurrency: usize,
    /// The runtime of bodies and hooks.
    pub(crate) bodies: Handle,
    /// The threads for whatever blocks.
    pub(crate) pool: Pool,
    pub(crate) owner: String,
    pub(crate) stands_by: bool,
    pub(crate) watches_threads: bool,
}

impl Engine {
    /// An engine with the defaults: 64 bodies at once, the pulse of the wall clock.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self::builder(store, clock).build()
    }

    /// Sets up an engine that differs from the defaults. Bodies and hooks will run on the runtime that this is
    /// called on.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn builder(store: Arc<dyn Store>, clock: Clock) -> EngineBuilder {
        let runtime = Handle::current();
        let options = Options {
            concurrency: 64,
            bodies: runtime.clone(),
            pool: Pool::new(Pool::usual_threads()),
            owner: format!("process {}", std::process::id()),
            stands_by: false,
            watches_threads: true,
        };
        EngineBuilder {
            store,
            clock,
            options,
            runtime,
            pulse: None,
        }
    }
}

impl EngineBuilder {
    /// Bodies in progress at once; others wait for room. At least 1, default 64.
    pub fn concurrency(mut self, bodies: usize) -> Self {
        self.options.concurrency = bodies.max(1);
        self
    }

    /// How many bodies that block, and calls of [`Engine::blocking`], run at once, each on a thread of its own;
    /// others wait. At least 1, default as many as there are cores, but 4 at the least.
    pub fn blocking_threads(mut self, threads: usize) -> Self {
        self.options.pool = Pool::new(threads);
        self
    }

    /// Whether async bodies that hold their thread are told as [`EventKind::Stalled`](crate::EventKind::Stalled).
    /// Default: yes. No is for a host that watches whatever runs on its threads itself.
    pub fn watch_threads(mut self, watches: bool) -> Self {
        self.options.watches_threads = watches;
        self
    }

    /// Where the engine itself runs: its timers, its writes, its pulse. Bodies that block every thread of their
    /// own runtime do not hold it up there. Default: where bodies run.
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.runtime = runtime;
        self
    }

    /// How the engine calls itself in the store. Default: the id of the process.
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.options.owner = owner.into();
        self
    }

    /// Waits for a store that another engine has, asking every second, rather than refusing with
    /// [`Error::Occupied`](crate::Error::Occupied): registrations and the start then return when the other engine has closed
    /// or its lease is over. A shutdown ends the wait, and they are refused. Default: refuse.
    pub fn stand_by(mut self) -> Self {
        self.options.stands_by = true;
        self
    }

    /// What wakes the engine by the wall clock. Default: [`WallPulse`] for a system clock, nothing
    /// for a manual one, which is its own pulse.
    pub fn pulse(mut self, pulse: impl Pulse) -> Self {
        self.pulse = Some(Arc::new(pulse));
        self
    }

    /// Makes the engine, which begins at once.
    #[must_use]
    pub fn build(self) -> Engine {
        let _runtime = self.runtime.enter();
        let (mailbox, inbox) = Mailbox::new(self.store);
        let events = Events::new();
        let directory = Arc::new(Directory::default());
        let pool = self.options.pool.clone();
        let pulse = self.pulse.unwrap_or_else(|| default_pulse(&self.clock));
        let timeline = Timeline::new(self.clock.clone());
        let dispatcher = Dispatcher::new(
            self.options,
            timeline,
            mailbox.clone(),
            inbox,
            events.clone(),
            directory.clone(),
            pulse,
        );
        tokio::spawn(dispatcher.work());
        Engine {
            mailbox,
            clock: self.clock,
            events,
            directory,
            pool,
        }
    }
}

fn default_pulse(clock: &Clock) -> Arc<dyn Pulse> {
    if clock.is_manual() {
        Arc::new(NoPulse)
    } else {
        Arc::new(WallPulse)
    }
}
