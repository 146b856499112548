//! Which locks are held, by whom, and who waits in which order. A key that nobody uses is not in it.

use std::{
    collections::{BTreeMap, HashMap, VecDeque, hash_map::Entry as Place},
    time::Duration,
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::Clock;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::{Held, Key, LockError, Waiting, Waits, holder::Holder};

pub(super) struct Registry {
    pub(super) clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    locks: HashMap<Key, Lock>,
    waits: BTreeMap<&'static str, Waits>,
    last_ticket: u64,
}

struct Lock {
    holder: Asker,
    waiters: VecDeque<(Asker, oneshot::Sender<()>)>,
}

/// One who has asked: once in the queue of one key, or its holder.
struct Asker {
    ticket: u64,
    who: Holder,
    /// Since when it holds, or waits.
    since: DateTime<Utc>,
    asked: Duration,
}

/// Resolves when the lock is given; `None` when it was free.
pub(super) type Turn = Option<oneshot::Receiver<()>>;

impl Registry {
    pub(super) fn new(clock: Clock) -> Self {
        let state = Mutex::default();
        Self { clock, state }
    }

    /// Takes `key`, or a place in its queue, under the ticket that it returns.
    pub(super) fn ask(&self, key: Key, who: &Holder) -> Result<(u64, Turn), LockError> {
        let mut state = self.state.lock();
        state.last_ticket += 1;
        let ticket = state.last_ticket;
        let asker = self.asker(ticket, who);
        match state.locks.entry(key) {
            Place::Vacant(place) => {
                let waiters = VecDeque::new();
                let holder = asker;
                place.insert(Lock { holder, waiters });
                Ok((ticket, None))
            }
            Place::Occupied(place) if place.get().holder.who.is(who) => {
                Err(place.get().again(key, who))
            }
            Place::Occupied(mut place) => {
                let (turn, given) = oneshot::channel();
                place.get_mut().waiters.push_back((asker, turn));
                Ok((ticket, Some(given)))
            }
        }
    }

    fn asker(&self, ticket: u64, who: &Holder) -> Asker {
        Asker {
            ticket,
            who: who.clone(),
            since: self.clock.now(),
            asked: self.clock.monotonic(),
        }
    }

    /// Frees the key, or leaves its queue.
    pub(super) fn leave(&self, key: Key, ticket: u64) {
        let mut state = self.state.lock();
        let State { locks, waits, .. } = &mut *state;
        let Some(lock) = locks.get_mut(&key) else {
            return;
        };
        if lock.holder.ticket != ticket {
            let mut waiters = lock.waiters.iter();
            let at = waiters.position(|(it, _)| it.ticket == ticket);
            let given_up = at.and_then(|at| lock.waiters.remove(at));
            return given_up
                .iter()
                .for_each(|(asker, _)| count(waits, key, self.waited(asker)));
        }
        match lock.waiters.pop_front() {
            Some((next, turn)) => {
                count(waits, key, self.waited(&next));
                lock.holder = next;
                lock.holder.since = self.clock.now();
                // A waiter that is gone leaves by itself, as it holds the lock now.
                let _ = turn.send(());
            }
            None => drop(locks.remove(&key)),
        }
    }

    fn waited(&self, asker: &Asker) -> Duration {
        self.clock.monotonic().saturating_sub(asker.asked)
    }

    /// Why `who` did not get it in time; `None` when it was given to this ticket meanwhile.
    pub(super) fn blame(
        &self,
        key: Key,
        ticket: u64,
        who: &Holder,
        patience: Duration,
    ) -> Option<LockError> {
        let state = self.state.lock();
        let holder = state.locks.get(&key).map(|lock| &lock.holder);
        let holder = holder.filter(|holder| holder.ticket != ticket)?;
        Some(LockError::TimedOut {
            key,
            holder: holder.who.to_string(),
            since: holder.since,
            waiter: who.to_string(),
            patience,
        })
    }

    pub(super) fn held(&self) -> Vec<Held> {
        let state = self.state.lock();
        let mut held: Vec<_> = state.locks.iter().map(Lock::show).collect();
        held.sort_by_key(|held| held.key);
        held
    }

    pub(super) fn waits(&self) -> BTreeMap<&'static str, Waits> {
        self.state.lock().waits.clone()
    }
}

fn count(waits: &mut BTreeMap<&'static str, Waits>, key: Key, waited: Duration) {
    let waits = waits.entry(key.name()).or_default();
    waits.count += 1;
    waits.total += waited;
    waits.longest = waits.longest.max(waited);
}

impl Lock {
    fn again(&self, key: Key, who: &Holder) -> LockError {
        LockError::Again {
            key,
            holder: self.holder.who.to_string(),
            since: self.holder.since,
            waiter: who.to_string(),
        }
    }

    fn show((key, lock): (&Key, &Self)) -> Held {
        let waiting = lock.waiters.iter().map(|(asker, _)| Waiting {
            waiter: asker.who.to_string(),
            since: asker.since,
        });
        Held {
            key: *key,
            holder: lock.holder.who.to_string(),
            since: lock.holder.since,
            waiting: waiting.collect(),
        }
    }
}
