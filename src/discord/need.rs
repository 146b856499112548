//! When serenity's shard runner has something to do; it looks every 500 ms, so otherwise it rests.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serenity::{gateway::ShardRunner, prelude::TypeMap};
use tokio::{
    sync::{Notify, RwLock},
    time::interval,
};
use tracing::error;

/// The runner goes on so long after the last reason: what a command asked of it at its end is done too.
const LINGER: Duration = Duration::from_secs(2);

/// Clones of a context's data while only this process's own parts have it: the context, the runner, and this.
const OWN_CLONES: usize = 3;

/// Whether anybody may be collecting: a handler runs, or somebody keeps a clone of the context.
pub(super) struct Need {
    data: Arc<RwLock<TypeMap>>,
    handlers: Arc<()>,
    is_greeted: AtomicBool,
    was_woken: AtomicBool,
    wake: Notify,
}

impl Need {
    pub(super) fn new(data: Arc<RwLock<TypeMap>>) -> Self {
        let wake = Notify::new();
        wake.notify_one();
        Self {
            data,
            handlers: Arc::default(),
            is_greeted: AtomicBool::new(false),
            was_woken: AtomicBool::new(true),
            wake,
        }
    }

    pub(super) fn greeted(&self) {
        self.is_greeted.store(true, Ordering::Release);
    }

    pub(super) fn collecting(&self) -> Arc<()> {
        let collecting = Arc::clone(&self.handlers);
        self.wake();
        collecting
    }

    pub(super) fn is_somebody(&self) -> bool {
        Arc::strong_count(&self.handlers) > 1 || Arc::strong_count(&self.data) > OWN_CLONES
    }

    pub(super) fn wake(&self) {
        self.was_woken.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Resolves when nobody needs the runner.
    async fn over(&self) {
        let mut look = interval(LINGER);
        look.tick().await;
        loop {
            look.tick().await;
            let was_woken = self.was_woken.swap(false, Ordering::AcqRel);
            if self.is_greeted.load(Ordering::Acquire) && !was_woken && !self.is_somebody() {
                return;
            }
        }
    }
}

/// Runs the runner while it is needed.
pub(super) async fn attend(mut runner: ShardRunner, need: Arc<Need>) {
    let mut running = pin!(runner.run());
    loop {
        need.wake.notified().await;
        tokio::select! {
            ended = &mut running => {
                return error!("serenity's shard runner ended, and collectors get nothing any more: {ended:?}");
            }
            () = need.over() => {}
        }
    }
}
