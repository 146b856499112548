//! Who calls user code: a few hands that take calls from one queue.
//!
//! A tokio task for each call would cost several times what the engine itself does for a run, most of
//! it for waking threads. So a hand polls each call once, and only a call that is not ready then gets a
//! task of its own. A call that blocks its thread holds up the rest of the queue until the dispatcher
//! finds, after [`QUANTUM`], that calls are waiting, and sends another hand.

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

/// How long calls may wait behind one that does not return.
pub(crate) const QUANTUM: Duration = Duration::from_millis(2);

/// The most hands at once: more calls that block would find no thread anyway.
const HANDS: usize = 64;

#[derive(Default)]
pub(crate) struct Crew(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    calls: VecDeque<BoxFuture<'static, ()>>,
    hands: usize,
}

impl Crew {
    /// Calls as soon as a hand is free. Aborting ends the call at its current await.
    pub(crate) fn call(&self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let (handle, registration) = AbortHandle::new_pair();
        let work = Abortable::new(work, registration).map(drop);
        let mut queue = self.0.lock();
        queue.calls.push_back(work.boxed());
        if queue.hands == 0 {
            self.send_hand(&mut queue);
        }
        handle
    }

    /// Whether calls are waiting for a hand.
    pub(crate) fn is_behind(&self) -> bool {
        !self.0.lock().calls.is_empty()
    }

    /// Sends another hand when calls are waiting: those at work may be held up.
    pub(crate) fn reinforce(&self) {
        let mut queue = self.0.lock();
        if !queue.calls.is_empty() && queue.hands < HANDS {
            self.send_hand(&mut queue);
        }
    }

    fn send_hand(&self, queue: &mut Queue) {
        queue.hands += 1;
        let hand = Hand {
            queue: self.0.clone(),
            is_counted: true,
        };
        tokio::spawn(hand.work());
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
