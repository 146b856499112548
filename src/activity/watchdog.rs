//! Names whose code holds a thread of the runtime, while it still does.
//!
//! Async code gives its thread back at each await. What does not holds up whatever else was to run there: computing,
//! files, a lock of the standard library, a sleep of the thread.
//! A thread looks at what is being polled a second after it began, and is parked while nothing is.

use std::{
    future::poll_fn,
    io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tracing::warn;

use super::Activity;
use crate::runtime::Origin;

/// Whoever holds a thread for so long is named.
const LIMIT: Duration = Duration::from_secs(1);

/// Cheap to clone; the thread ends with the last clone.
#[derive(Clone)]
pub(crate) struct Watchdog(Arc<Owner>);

struct Owner(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    bell: Condvar,
    stalls: AtomicU64,
}

#[derive(Default)]
struct State {
    polls: Vec<Poll>,
    last_number: u64,
    /// Nothing wakes the thread but a bell.
    is_parked: bool,
    is_over: bool,
}

struct Poll {
    number: u64,
    activity: Activity,
    since: Instant,
    is_told: bool,
}

/// A call that has a thread, until this is dropped.
pub(crate) struct Polling<'a> {
    shared: &'a Shared,
    number: u64,
}

impl Watchdog {
    pub(crate) fn start() -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let watched = Arc::clone(&shared);
        let builder = thread::Builder::new().name("cogsmith-watchdog".to_owned());
        let origin = Origin::here();
        builder.spawn(move || {
            origin.adopt();
            watched.watch();
        })?;
        Ok(Self(Arc::new(Owner(shared))))
    }

    /// Runs `future` as `activity`, and watches each of its polls.
    pub(crate) async fn hold<F: Future>(self, activity: Activity, future: F) -> F::Output {
        let mut future = pin!(activity.clone().hold(future));
        poll_fn(|context| {
            let _polling = self.polling(&activity);
            future.as_mut().poll(context)
        })
        .await
    }

    /// Says that `activity` has a thread now.
    pub(crate) fn polling(&self, activity: &Activity) -> Polling<'_> {
        self.0.0.begin(activity.clone())
    }

    /// How often a thread was held for a second.
    pub(crate) fn stalls(&self) -> u64 {
        self.0.0.stalls.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn begin(&self, activity: Activity) -> Polling<'_> {
        let mut state = self.state.lock();
        state.last_number += 1;
        let number = state.last_number;
        state.polls.push(Poll {
            number,
            activity,
            since: Instant::now(),
            is_told: false,
        });
        if state.is_parked {
            self.bell.notify_one();
        }
        Polling {
            shared: self,
            number,
        }
    }

    fn watch(&self) {
        let mut state = self.state.lock();
        while !state.is_over {
            let untold = state.polls.iter().filter(|poll| !poll.is_told);
            match untold.map(|poll| poll.since).min() {
                Some(since) => {
                    self.bell.wait_until(&mut state, since + LIMIT);
                    self.tell(&mut state);
                }
                None => {
                    state.is_parked = true;
                    self.bell.wait(&mut state);
                    state.is_parked = false;
                }
            }
        }
    }

    fn tell(&self, state: &mut MutexGuard<'_, State>) {
        let polls = state.polls.iter_mut();
        let stalled = polls.filter(|poll| !poll.is_told && poll.since.elapsed() >= LIMIT);
        let stalled: Vec<_> = stalled
            .map(|poll| {
                poll.is_told = true;
                poll.activity.clone()
            })
            .collect();
        MutexGuard::unlocked(state, || {
            for activity in stalled {
                self.stalls.fetch_add(1, Ordering::Relaxed);
                let module = activity.module();
                warn!(
                    module.name = module,
                    "{activity} has held its thread for {LIMIT:?} and holds it still, so that others wait: what \
                     blocks or computes belongs in host.blocking"
                );
            }
        });
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        let mut polls = state.polls.iter();
        if let Some(at) = polls.position(|poll| poll.number == self.number) {
            state.polls.swap_remove(at);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.state.lock().is_over = true;
        self.0.bell.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Activity {
        Activity::new("till", "/total")
    }

    fn until(is_so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "it does not come"
            );
            thread::yield_now();
        }
    }

    #[tokio::test]
    async fn whoever_holds_a_thread_for_a_second_is_counted_while_it_does_and_once() {
        let watchdog = Watchdog::start().unwrap();
        let (watched, begun) = (watchdog.clone(), Instant::now());
        let holds = async move { until(|| watched.stalls() == 1) };
        watchdog.clone().hold(ann(), holds).await;
        assert!(begun.elapsed() >= LIMIT);
        let shared = &watchdog.0.0;
        until(|| shared.state.lock().is_parked);
        assert_eq!(watchdog.stalls(), 1);
        assert!(shared.state.lock().polls.is_empty());
    }

    #[tokio::test]
    async fn whoever_waits_holds_no_thread() {
        let watchdog = Watchdog::start().unwrap();
        let waits = watchdog.clone().hold(ann(), std::future::pending::<()>());
        assert!(tokio::time::timeout(LIMIT * 2, waits).await.is_err());
        assert_eq!(watchdog.stalls(), 0);
    }

    #[test]
    fn it_is_parked_while_nothing_is_polled_and_ends_with_its_last_owner() {
        let watchdog = Watchdog::start().unwrap();
        let shared = Arc::clone(&watchdog.0.0);
        until(|| shared.state.lock().is_parked);
        drop(watchdog);
        until(|| Arc::strong_count(&shared) == 1);
    }
}
