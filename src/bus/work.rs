//! What runs for an event, and whether it only waits for another one: so that whoever asks whether the bot is quiet
//! is not told to wait for a person.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use parking_lot::Mutex;
use tokio::sync::Notify;

tokio::task_local! {
    static WORK: Arc<Work>;
}

/// What work is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// A command: a receipt is held, and no lane.
    Command,
    /// A listener of one of Discord's events: a receipt is held, and a lane.
    Delivery,
    /// A listener of a module's own event: a lane is held.
    Own,
}

/// How much work waits for an event.
#[derive(Default)]
pub(super) struct Parked {
    counts: [AtomicUsize; 3],
    pub(super) changed: Notify,
}

impl Parked {
    pub(super) fn count(&self, of: For) -> usize {
        self.counts[of as usize].load(SeqCst)
    }
}

/// One command or one call of a listener.
struct Work {
    of: For,
    parked: Arc<Parked>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The waits that have been asked and have not ended.
    waits: usize,
    is_woken: bool,
    is_parked: bool,
    waker: Option<Waker>,
}

/// Runs `work`; from when it waits for an event until something wakes it, it counts as parked.
pub(super) async fn run<T>(parked: &Arc<Parked>, of: For, work: impl Future<Output = T>) -> T {
    let it = Arc::new(Work {
        of,
        parked: Arc::clone(parked),
        state: Mutex::default(),
    });
    let running = Running(Arc::clone(&it));
    let mut work = pin!(WORK.scope(it, work));
    poll_fn(|context| running.poll(work.as_mut(), context)).await
}

struct Running(Arc<Work>);

impl Running {
    fn poll<F: Future>(&self, work: Pin<&mut F>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.0.begin(context.waker());
        let waker = Waker::from(Arc::clone(&self.0));
        let polled = work.poll(&mut Context::from_waker(&waker));
        if polled.is_pending() {
            self.0.park();
        }
        polled
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.unpark(&mut self.0.state.lock());
    }
}

impl Work {
    fn begin(&self, waker: &Waker) {
        let mut state = self.state.lock();
        state.is_woken = false;
        self.unpark(&mut state);
        match &mut state.waker {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
    }

    fn park(&self) {
        let mut state = self.state.lock();
        if state.waits > 0 && !state.is_woken && !state.is_parked {
            state.is_parked = true;
            self.parked.counts[self.of as usize].fetch_add(1, SeqCst);
            self.parked.changed.notify_waiters();
        }
    }

    fn unpark(&self, state: &mut State) {
        if std::mem::take(&mut state.is_parked) {
            self.parked.counts[self.of as usize].fetch_sub(1, SeqCst);
        }
    }
}

impl Wake for Work {
    fn wake(self: Arc<Self>) {
        let mut state = self.state.lock();
        state.is_woken = true;
        self.unpark(&mut state);
        let waker = state.waker.clone();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A wait, as the work sees it that polls it.
#[derive(Default)]
pub(super) struct Asked(Option<Arc<Work>>);

impl Asked {
    /// Notes what a poll of the wait said.
    pub(super) fn note(&mut self, is_pending: bool) {
        let work = is_pending.then(|| WORK.try_with(Arc::clone).ok()).flatten();
        if let Some(work) = &work {
            work.state.lock().waits += 1;
        }
        let before = std::mem::replace(&mut self.0, work);
        drop(Self(before));
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work.state.lock().waits -= 1;
        }
    }
}
