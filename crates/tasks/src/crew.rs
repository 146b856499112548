//! Who calls user code: a few hands that take calls from one queue.
//!
//! A tokio task for each call would cost several times what the engine itself does for a run, most of
//! it for waking threads. So a hand polls each call once, and only a call that is not ready then gets a
//! task of its own. A call that blocks its thread holds up the rest of the queue until the dispatcher
//! finds, after [`QUANTUM`], that calls are waiting, and sends another hand. Hands work on the runtime of the
//! user code, which need not be the dispatcher's.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::{AbortHandle, Abortable, BoxFuture},
};
use parking_lot::Mutex;
use tokio::runtime::Handle;

/// How long calls may wait behind one that does not return.
pub(crate) const QUANTUM: Duration = Duration::from_millis(2);

/// The most hands at once: more calls that block would find no thread anyway.
const HANDS: usize = 64;

pub(crate) struct Crew {
    queue: Arc<Mutex<Queue>>,
    runtime: Handle,
}

#[derive(Default)]
struct Queue {
    calls: VecDeque<BoxFuture<'static, ()>>,
    hands: usize,
}

impl Crew {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            queue: Arc::default(),
            runtime,
        }
    }

    /// Calls as soon as a hand is free. Aborting ends the call at its current await.
    pub(crate) fn call(&self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let (handle, registration) = AbortHandle::new_pair();
        let work = Abortable::new(work, registration).map(drop);
        self.queue.lock().calls.push_back(work.boxed());
        self.send_hand(|queue| queue.hands == 0);
        handle
    }

    /// Whether calls are waiting for a hand.
    pub(crate) fn is_behind(&self) -> bool {
        !self.queue.lock().calls.is_empty()
    }

    /// Sends another hand when calls are waiting: those at work may be held up.
    pub(crate) fn reinforce(&self) {
        self.send_hand(|queue| !queue.calls.is_empty() && queue.hands < HANDS);
    }

    /// Spawns with the queue unlocked: a runtime that is closing drops the new task at once, and its
    /// destructor takes the lock.
    fn send_hand(&self, is_needed: impl FnOnce(&Queue) -> bool) {
        let mut queue = self.queue.lock();
        if !is_needed(&queue) {
            return;
        }
        queue.hands += 1;
        drop(queue);
        let hand = Hand {
            queue: self.queue.clone(),
            is_counted: true,
        };
        self.runtime.spawn(hand.work());
    }
}

/// One who works, counted until it finds nothing to do.
struct Hand {
    queue: Arc<Mutex<Queue>>,
    is_counted: bool,
}

impl Hand {
    async fn work(mut self) {
        let mut begun = Instant::now();
        while let Some(mut call) = self.next() {
            if call
                .poll_unpin(&mut Context::from_waker(Waker::noop()))
                .is_pending()
            {
                tokio::spawn(call);
            }
            if begun.elapsed() > QUANTUM {
                tokio::task::yield_now().await;
                begun = Instant::now();
            }
        }
    }

    /// Signs off under the same lock that finds the queue empty, so that no call is left behind.
    fn next(&mut self) -> Option<BoxFuture<'static, ()>> {
        let mut queue = self.queue.lock();
        let call = queue.calls.pop_front();
        if call.is_none() {
            queue.hands -= 1;
            self.is_counted = false;
        }
        call
    }
}

impl Drop for Hand {
    /// A hand that a panic ended.
    fn drop(&mut self) {
        if self.is_counted {
            self.queue.lock().hands -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use tokio::runtime::Builder;

    use super::*;

    /// Spawns on a runtime that has ended, which drops each task before `spawn` returns.
    #[test]
    fn a_runtime_that_has_ended_does_not_lock_the_queue_up() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let handle = runtime.handle().clone();
        drop(runtime);
        let (sender, done) = mpsc::channel();
        thread::spawn(move || {
            let crew = Crew::new(handle);
            crew.call(async {});
            crew.reinforce();
            sender.send((crew.is_behind(), crew.queue.lock().hands))
        });
        let found = done.recv_timeout(Duration::from_mins(1));
        assert_eq!(found, Ok((true, 0)), "(is_behind, hands)");
    }
}
