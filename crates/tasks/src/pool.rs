//! The threads for work that blocks: bodies of tasks and single calls wait for them in one queue.

use std::{num::NonZero, sync::Arc, thread};

use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinHandle, spawn_blocking},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use crate::{error::Error, outcome::panic_text};

/// Of a machine with fewer cores: such work often waits for a disk.
const FEW: usize = 4;

/// Clones share their threads.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    threads: Arc<Semaphore>,
    /// Cancelled for every call that is there, and then replaced for those to come.
    cancel: Arc<Mutex<CancellationToken>>,
}

/// The right to one thread, given back when what runs there has ended.
pub(crate) struct Thread {
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads.clamp(1, Semaphore::MAX_PERMITS))),
            cancel: Arc::default(),
        }
    }

    /// As many threads as there are cores, but 4 at the least.
    pub(crate) fn usual_threads() -> usize {
        thread::available_parallelism().map_or(FEW, |cores| NonZero::get(cores).max(FEW))
    }

    /// Waits for a thread, behind everybody who has asked before.
    pub(crate) async fn thread(&self) -> Thread {
        let permit = Arc::clone(&self.threads).acquire_owned().await;
        Thread {
            _permit: permit.expect("a semaphore that is never closed"),
        }
    }

    /// Calls `work` on a thread, with the token that tells it to end.
    pub(crate) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let token = self.cancel.lock().child_token();
        let _unwanted = token.clone().drop_guard();
        let thread = tokio::select! {
            biased;
            () = token.cancelled() => return Err(Error::BlockingCancelled),
            thread = self.thread() => thread,
        };
        let running = thread.run(move || work(token));
        AbortOnDropHandle::new(running).await.map_err(failed)
    }

    /// Tells every call that is there to end; those that wait for a thread never begin.
    pub(crate) fn cancel(&self) {
        std::mem::take(&mut *self.cancel.lock()).cancel();
    }
}

impl Thread {
    pub(crate) fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        spawn_blocking(move || {
            let _thread = self;
            work()
        })
    }
}

fn failed(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(payload) => Error::BlockingPanicked {
            text: panic_text(&*payload).into(),
        },
        Err(_) => Error::BlockingCancelled,
    }
}
