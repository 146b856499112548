//! Who is asleep on the clock.
//!
//! [`Engine::settle`](crate::Engine::settle) returns when nothing can happen before the clock moves.
//! For that it must tell a body that waits for the clock from one that waits for a database. So each
//! body runs with a presence of its own, and every sleep on a [`Clock`](crate::Clock) signs in there.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use tokio::sync::Notify;

tokio::task_local! {
    static CURRENT: Arc<Presence>;
}

/// One piece of user code that is in progress, and whether it sleeps.
#[derive(Debug)]
pub(crate) struct Presence {
    sleepers: AtomicUsize,
    lobby: Arc<Lobby>,
}

/// Where the engine is told that somebody fell asleep, while it wants to know.
#[derive(Debug, Default)]
pub(crate) struct Lobby {
    pub(crate) is_watched: AtomicBool,
    pub(crate) bell: Notify,
}

impl Presence {
    pub(crate) fn new(lobby: &Arc<Lobby>) -> Arc<Self> {
        Arc::new(Self {
            sleepers: AtomicUsize::new(0),
            lobby: lobby.clone(),
        })
    }

    /// The presence of the code that is being polled, when the engine runs it.
    pub(crate) fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Clone::clone).ok()
    }

    /// Runs `future` under this presence.
    pub(crate) async fn hold<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        CURRENT.scope(self, future).await
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
        self.sleepers.load(SeqCst) > 0
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
