//! Who is asleep on the clock, and who does not give its thread back.
//!
//! [`Engine::settle`](crate::Engine::settle) returns when nothing can happen before the clock moves.
//! For that it must tell a body that waits for the clock from one that waits for a database. So each
//! body runs with a presence of its own, and every sleep on a [`Clock`](crate::Clock) signs in there.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use tokio::sync::Notify;

tokio::task_local! {
    static CURRENT: Arc<Presence>;
}

/// One piece of user code that is in progress, and whether it sleeps.
#[derive(Debug)]
pub(crate) struct Presence {
    sleepers: AtomicUsize,
    /// Something was said to it that it has not been polled for yet.
    is_stirred: AtomicBool,
    /// Since when it has its thread, in milliseconds of the lobby, plus one; 0 while it has none.
    at_work_since: AtomicU64,
    lobby: Arc<Lobby>,
}

/// Where the engine is told that somebody fell asleep, while it wants to know.
#[derive(Debug)]
pub(crate) struct Lobby {
    built: Instant,
    pub(crate) is_watched: AtomicBool,
    pub(crate) bell: Notify,
}

impl Presence {
    pub(crate) fn new(lobby: &Arc<Lobby>) -> Arc<Self> {
        Arc::new(Self {
            sleepers: AtomicUsize::new(0),
            is_stirred: AtomicBool::new(false),
            at_work_since: AtomicU64::new(0),
            lobby: lobby.clone(),
        })
    }

    /// The presence of the code that is being polled, when the engine runs it.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `future` under this presence.
    pub(crate) async fn hold<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let scoped = CURRENT.scope(self.clone(), future);
        tokio::pin!(scoped);
        std::future::poll_fn(|context| {
            let _at_work = self.at_work();
            scoped.as_mut().poll(context)
        })
        .await
    }

    /// It has its thread for as long as the answer lives.
    pub(crate) fn at_work(&self) -> AtWork<'_> {
        self.at_work_since.store(self.lobby.millis() + 1, SeqCst);
        AtWork(self)
    }

    /// For how long it has had its thread without giving it back.
    pub(crate) fn blocked(&self) -> Option<Duration> {
        let since = self.at_work_since.load(SeqCst).checked_sub(1)?;
        Some(Duration::from_millis(
            self.lobby.millis().saturating_sub(since),
        ))
    }

    pub(crate) fn falls_asleep(&self) {
        self.sleepers.fetch_add(1, SeqCst);
        if self.lobby.is_watched.load(SeqCst) {
            self.lobby.bell.notify_one();
        }
    }

    pub(crate) fn wakes_up(&self) {
        self.sleepers.fetch_sub(1, SeqCst);
    }

    pub(crate) fn is_asleep(&self) -> bool {
        self.sleepers.load(SeqCst) > 0 && !self.is_stirred.load(SeqCst)
    }

    /// It is about to be woken, and not asleep until it has seen why.
    pub(crate) fn stir(&self) {
        self.is_stirred.store(true, SeqCst);
    }
}

impl Lobby {
    fn millis(&self) -> u64 {
        u64::try_from(self.built.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }
}

impl Default for Lobby {
    fn default() -> Self {
        Self {
            built: Instant::now(),
            is_watched: AtomicBool::default(),
            bell: Notify::default(),
        }
    }
}

/// Somebody who has a thread.
pub(crate) struct AtWork<'a>(&'a Presence);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.at_work_since.store(0, SeqCst);
        self.0.is_stirred.store(false, SeqCst);
    }
}

/// Signs the current presence in for as long as this lives.
#[derive(Debug)]
pub(crate) struct Asleep(Arc<Presence>);

impl Asleep {
    pub(crate) fn now() -> Option<Self> {
        let presence = Presence::current()?;
        presence.falls_asleep();
        Some(Self(presence))
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        self.0.wakes_up();
    }
}
