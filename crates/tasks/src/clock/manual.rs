//! The hands of a manual clock and those who wait for them.

use std::{
    collections::BTreeMap,
    sync::Arc,
    task::{Poll, Waker},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    instant::{delta, kept, plus},
    presence::Presence,
};

#[derive(Debug)]
pub(super) struct Hands {
    state: Mutex<State>,
    step: Notify,
}

#[derive(Debug)]
struct State {
    monotonic: Duration,
    wall: DateTime<Utc>,
    suspended: Duration,
    next_ticket: u64,
    by_length: BTreeMap<(Duration, u64), Sleeper>,
    by_wall: BTreeMap<(DateTime<Utc>, u64), Sleeper>,
}

#[derive(Debug, Default)]
struct Sleeper {
    waker: Option<Waker>,
    presence: Option<Arc<Presence>>,
}

/// Where a sleeper stands in line.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Length(Duration, u64),
    Wall(DateTime<Utc>, u64),
}

impl Hands {
    pub(super) fn new(start: DateTime<Utc>) -> Self {
        Self {
            state: Mutex::new(State {
                monotonic: Duration::ZERO,
                wall: kept(start),
                suspended: Duration::ZERO,
                next_ticket: 0,
                by_length: BTreeMap::new(),
                by_wall: BTreeMap::new(),
            }),
            step: Notify::new(),
        }
    }

    pub(super) fn wall(&self) -> DateTime<Utc> {
        self.state.lock().wall
    }

    pub(super) fn monotonic(&self) -> Duration {
        self.state.lock().monotonic
    }

    pub(super) fn advance(&self, by: Duration) {
        let mut state = self.state.lock();
        state.monotonic = state.monotonic.saturating_add(by);
        state.move_wall(delta(by));
        let due = state.take_due();
        drop(state);
        due.into_iter().for_each(Waker::wake);
    }

    pub(super) fn suspended(&self) -> Duration {
        self.state.lock().suspended
    }

    pub(super) fn suspend(&self, duration: Duration) {
        let mut state = self.state.lock();
        state.suspended = state.suspended.saturating_add(duration);
        drop(state);
        self.step_wall(delta(duration));
    }

    pub(super) fn step_wall(&self, by: TimeDelta) {
        let mut state = self.state.lock();
        state.move_wall(by);
        let due = state.take_due();
        drop(state);
        due.into_iter().for_each(Waker::wake);
        self.step.notify_one();
    }

    pub(super) async fn stepped(&self) {
        self.step.notified().await;
    }

    pub(super) fn next_wake(&self) -> Option<Duration> {
        let state = self.state.lock();
        let length = state
            .by_length
            .keys()
            .next()
            .map(|(at, _)| at.saturating_sub(state.monotonic));
        let wall = state.by_wall.keys().next();
        let wall = wall.map(|(at, _)| (*at - state.wall).to_std().unwrap_or_default());
        length.into_iter().chain(wall).min()
    }

    /// Takes a place in line, unless the time has come already.
    pub(super) fn join_length(&self, at: Duration) -> Option<Place> {
        let mut state = self.state.lock();
        if at <= state.monotonic {
            return None;
        }
        let ticket = state.ticket();
        state.by_length.insert((at, ticket), Sleeper::default());
        Some(Place::Length(at, ticket))
    }

    /// Takes a place in line, unless the time has come already.
    pub(super) fn join_wall(&self, at: DateTime<Utc>) -> Option<Place> {
        let at = kept(at);
        let mut state = self.state.lock();
        if at <= state.wall {
            return None;
        }
        let ticket = state.ticket();
        state.by_wall.insert((at, ticket), Sleeper::default());
        Some(Place::Wall(at, ticket))
    }

    /// Ready once the sleeper has been woken; until then remembers whom to wake.
    pub(super) fn poll(&self, place: Place, waker: &Waker) -> Poll<()> {
        let mut state = self.state.lock();
        let Some(sleeper) = state.sleeper(place) else {
            return Poll::Ready(());
        };
        if sleeper.presence.is_none() {
            sleeper.presence = Presence::current();
            if let Some(presence) = &sleeper.presence {
                presence.falls_asleep();
            }
        }
        let replaced = sleeper.waker.replace(waker.clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    pub(super) fn leave(&self, place: Place) {
        let left = match place {
            Place::Length(at, ticket) => self.state.lock().by_length.remove(&(at, ticket)),
            Place::Wall(at, ticket) => self.state.lock().by_wall.remove(&(at, ticket)),
        };
        if let Some(presence) = left.and_then(|sleeper| sleeper.presence) {
            presence.wakes_up();
        }
    }
}

impl State {
    fn move_wall(&mut self, by: TimeDelta) {
        self.wall = kept(plus(self.wall, by));
    }

    fn ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    fn sleeper(&mut self, place: Place) -> Option<&mut Sleeper> {
        match place {
            Place::Length(at, ticket) => self.by_length.get_mut(&(at, ticket)),
            Place::Wall(at, ticket) => self.by_wall.get_mut(&(at, ticket)),
        }
    }

    /// Takes those who are due out of the line. They count as awake before the lock is released, so
    /// whoever reads the hands afterwards finds nobody asleep whose time has come.
    fn take_due(&mut self) -> Vec<Waker> {
        let waiting = self.by_length.split_off(&(self.monotonic, u64::MAX));
        let by_length = std::mem::replace(&mut self.by_length, waiting);
        let waiting = self.by_wall.split_off(&(self.wall, u64::MAX));
        let by_wall = std::mem::replace(&mut self.by_wall, waiting);
        let due = by_length.into_values().chain(by_wall.into_values());
        due.filter_map(Sleeper::wakes_up).collect()
    }
}

impl Sleeper {
    fn wakes_up(self) -> Option<Waker> {
        if let Some(presence) = self.presence {
            presence.wakes_up();
        }
        self.waker
    }
}
