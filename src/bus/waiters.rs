//! Who waits for an event of a kind: offered each one at once, on the task that reads it, until it has enough.

use std::{
    collections::{BTreeMap, HashMap},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
};

use parking_lot::Mutex;
use tracing::error;

use super::{Source, Wanted, listener::Only, panic_text};
use crate::{activity::Activity, events::LeanMessage};

/// Takes an event, or not; `false` when it wants no more.
type Offer = dyn Fn(&Source) -> bool + Send + Sync;

pub(super) struct Waiter {
    pub(super) wanted: Wanted,
    pub(super) only: Option<Box<Only>>,
    pub(super) offer: Box<Offer>,
    /// What is waited for, and who does, for log lines.
    pub(super) event: &'static str,
    pub(super) activity: Option<Activity>,
}

/// Which wait or stream, among all that ever were in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaiterId {
    wanted: Wanted,
    number: u64,
}

/// Everybody who waits, by what is wanted. Cheap to ask while there is nobody.
#[derive(Default)]
pub(super) struct Waiters {
    waiting: Mutex<HashMap<Wanted, BTreeMap<u64, Arc<Waiter>>>>,
    count: AtomicUsize,
    next: AtomicU64,
    panics: AtomicU64,
}

impl Waiters {
    pub(super) fn add(&self, waiter: Waiter) -> WaiterId {
        let (wanted, number) = (waiter.wanted, self.next.fetch_add(1, Relaxed));
        let mut waiting = self.waiting.lock();
        waiting
            .entry(wanted)
            .or_default()
            .insert(number, Arc::new(waiter));
        self.count.fetch_add(1, Relaxed);
        WaiterId { wanted, number }
    }

    pub(super) fn remove(&self, id: WaiterId) {
        let mut waiting = self.waiting.lock();
        let Some(alike) = waiting.get_mut(&id.wanted) else {
            return;
        };
        let removed = alike.remove(&id.number);
        if alike.is_empty() {
            waiting.remove(&id.wanted);
        }
        if removed.is_some() {
            self.count.fetch_sub(1, Relaxed);
        }
        // Dropped when the lock is free: what it holds may end another wait.
        drop(waiting);
        drop(removed);
    }

    pub(super) fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    /// How many predicates have panicked.
    pub(super) fn panics(&self) -> u64 {
        self.panics.load(Relaxed)
    }

    /// Whether somebody may wait for Discord's events of this kind.
    pub(super) fn want_kind(&self, kind: &str) -> bool {
        self.len() > 0 && {
            let waiting = self.waiting.lock();
            waiting.keys().any(|wanted| wanted.wants_kind(kind))
        }
    }

    /// Those for whom an event of Discord's may be, as far as the little tells that is known of a message.
    pub(super) fn to(&self, kind: &str, message: Option<&LeanMessage<'_>>) -> Vec<WaiterId> {
        let found = self.find(|wanted| wanted.wants_kind(kind)).into_iter();
        let wanting = found.filter(|(id, waiter)| self.may_want(*id, waiter, message));
        wanting.map(|(id, _)| id).collect()
    }

    /// Offers an event to those who still wait.
    pub(super) fn offer(&self, ids: &[WaiterId], source: &Source) {
        for id in ids {
            self.offer_one(*id, source);
        }
    }

    /// Tells whether it was what was waited for.
    fn offer_one(&self, id: WaiterId, source: &Source) -> bool {
        let waiting = self.waiting.lock();
        let alike = waiting.get(&id.wanted);
        let waiter = alike.and_then(|alike| alike.get(&id.number)).cloned();
        drop(waiting);
        let is_met = waiter.is_some_and(|waiter| !self.ask(id, &waiter, || (waiter.offer)(source)));
        if is_met {
            self.remove(id);
        }
        is_met
    }

    /// Offers what a module dispatches to everybody who wants it. Who looks at messages before they are parsed wants
    /// those of Discord's alone.
    pub(super) fn offer_own(&self, wants: impl Fn(&Wanted) -> bool, source: &Source) {
        let found = self.find(wants).into_iter();
        let found = found.filter(|(_, waiter)| waiter.only.is_none());
        for (id, _) in found {
            self.offer_one(id, source);
        }
    }

    /// Offers a value to those who want it, one after the other, until somebody takes it; tells whether anybody did.
    pub(super) fn hand_over(&self, wanted: Wanted, source: &Source) -> bool {
        let mut found = self.find(|it| *it == wanted).into_iter();
        found.any(|(id, _)| self.offer_one(id, source))
    }

    fn find(&self, wants: impl Fn(&Wanted) -> bool) -> Vec<(WaiterId, Arc<Waiter>)> {
        if self.len() == 0 {
            return Vec::new();
        }
        let waiting = self.waiting.lock();
        let mut found = Vec::new();
        for (wanted, alike) in waiting.iter().filter(|(wanted, _)| wants(wanted)) {
            found.extend(alike.iter().map(|(number, waiter)| {
                let (wanted, number) = (*wanted, *number);
                (WaiterId { wanted, number }, Arc::clone(waiter))
            }));
        }
        found
    }

    fn may_want(&self, id: WaiterId, waiter: &Waiter, message: Option<&LeanMessage<'_>>) -> bool {
        let only = waiter.only.as_ref().zip(message);
        only.is_none_or(|(only, message)| self.ask(id, waiter, || only(message)))
    }

    /// Called without the lock, so that a predicate may itself begin or end a wait. A panic ends the wait.
    fn ask(&self, id: WaiterId, waiter: &Waiter, question: impl FnOnce() -> bool) -> bool {
        let asked = std::panic::catch_unwind(AssertUnwindSafe(question));
        asked.unwrap_or_else(|panic| {
            self.remove(id);
            self.panics.fetch_add(1, Relaxed);
            let whose = waiter
                .activity
                .as_ref()
                .map_or_else(|| "no module".to_owned(), ToString::to_string);
            let (event, text) = (waiter.event, panic_text(&*panic));
            error!("{whose}: what chooses the {event} that is waited for panicked: {text}");
            false
        })
    }

    /// Ends every wait.
    pub(super) fn clear(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock());
        self.count.store(0, Relaxed);
        drop(waiting);
    }
}
