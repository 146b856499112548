//! A lane for each listener and guild: events of one lane are handled in order, lanes in parallel.
//!
//! A lane exists only while it has something in hand.
//! Workers take the first event of whichever lane has waited longest, and stay for the next one,
//! so there is no task per event and none per idle guild: there are as many as lanes were busy at once,
//! of which a few are kept waiting.
//! Bounds are asked for before an event is put in ([`Lanes::have_room`]); whoever finds none waits for [`Lanes::room`].

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::{Mutex, MutexGuard};
use serenity::model::id::{ChannelId, GuildId};
use tokio::{
    runtime::Handle,
    sync::{Notify, futures::Notified, oneshot},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{Counter, ListenerId};
use crate::events::LeanMessage;

/// Within a lane order holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Lane {
    pub(crate) listener: ListenerId,
    pub(crate) place: Place,
}

/// Where an event belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    Guild(GuildId),
    /// Direct messages.
    Channel(ChannelId),
    /// What belongs to no place.
    Common,
}

impl Place {
    pub(crate) fn of(message: &LeanMessage<'_>) -> Self {
        message
            .guild_id
            .map_or(Self::Channel(message.channel_id), Self::Guild)
    }

    pub(crate) fn guild(self) -> Option<GuildId> {
        match self {
            Self::Guild(guild) => Some(guild),
            _ => None,
        }
    }

    /// For log lines; 0 without a guild.
    fn number(self) -> u64 {
        match self {
            Self::Guild(guild) => guild.get(),
            _ => 0,
        }
    }
}

/// An event waiting in a lane.
pub(crate) struct Job {
    /// What the event is called in log lines.
    pub(crate) kind: Arc<str>,
    /// Whose listener handles it.
    pub(crate) module: &'static str,
    /// Makes the future that handles it.
    pub(crate) work: Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>,
    pub(crate) since: Instant,
}

/// How much may be in hand, and what is slow.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Events in hand in one lane before the reading of a shard is held back.
    pub lane: usize,
    /// Events in hand in all lanes before the reading of every shard is held back.
    pub total: usize,
    /// A delivery that takes or waits longer is warned about.
    pub slow_after: Duration,
}

impl Default for Limits {
    /// 1,000 events a listener and guild, 10,000 in all, 5 s until a warning.
    fn default() -> Self {
        Self {
            lane: 1_000,
            total: 10_000,
            slow_after: Duration::from_secs(5),
        }
    }
}

/// What the lanes have counted since the start.
#[derive(Debug, Default)]
pub struct LaneCounters {
    /// Times that a lane fell behind: an event waited in it for longer than the limit.
    pub behind: Counter,
    /// Deliveries that took longer than the limit.
    pub slow: Counter,
    /// Deliveries that panicked.
    pub panics: Counter,
}

/// All lanes. Cheap to clone.
#[derive(Clone)]
pub struct Lanes(Arc<Inner>);

struct Inner {
    counters: Arc<LaneCounters>,
    limits: Limits,
    state: Mutex<State>,
    room: Notify,
    runtime: Handle,
    stop: CancellationToken,
}

#[derive(Default)]
struct State {
    /// Each has an event waiting or running.
    lanes: HashMap<Lane, Held>,
    /// Those with an event waiting and none running, longest waiting first.
    ready: VecDeque<Lane>,
    /// Workers that wait for a lane to become ready.
    resting: Vec<oneshot::Sender<()>>,
    /// Events waiting and running in all lanes.
    total: usize,
}

#[derive(Default)]
struct Held {
    waiting: VecDeque<Job>,
    running: bool,
    /// Whether it was said that this lane is behind; said again when it has been empty.
    is_behind: bool,
}

impl Held {
    fn len(&self) -> usize {
        self.waiting.len() + usize::from(self.running)
    }
}

enum Next {
    Run(Lane, Job),
    Rest(oneshot::Receiver<()>),
    Leave,
}

/// More workers than this do not wait for work but end.
const RESTING: usize = 16;

impl Lanes {
    /// None, until an event comes. Listeners are called on the runtime that this is called on.
    ///
    /// # Panics
    /// Outside of a runtime.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (state, room, stop) = (Mutex::default(), Notify::new(), CancellationToken::new());
        Self(Arc::new(Inner {
            counters: Arc::default(),
            limits,
            state,
            room,
            runtime: Handle::current(),
            stop,
        }))
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counters(&self) -> &Arc<LaneCounters> {
        &self.0.counters
    }

    /// How many events are in hand.
    pub(super) fn total(&self) -> usize {
        self.0.state.lock().total
    }

    /// How many events wait for a listener, in all its lanes.
    pub(super) fn waiting(&self, listener: ListenerId) -> usize {
        let state = self.0.state.lock();
        let lanes = state
            .lanes
            .iter()
            .filter(|(lane, _)| lane.listener == listener);
        lanes.map(|(_, held)| held.waiting.len()).sum()
    }

    /// Whether the bounds allow one more event in each of these lanes of one place.
    pub(crate) fn have_room(&self, listeners: &[ListenerId], place: Place) -> bool {
        let state = self.0.state.lock();
        let is_free = |listener: &ListenerId| {
            let lane = Lane {
                listener: *listener,
                place,
            };
            state.lanes.get(&lane).map_or(0, Held::len) < self.0.limits.lane.max(1)
        };
        state.total < self.0.limits.total.max(1) && listeners.iter().all(is_free)
    }

    /// Resolves when an event has been handled, if enabled before that.
    pub(crate) fn room(&self) -> Notified<'_> {
        self.0.room.notified()
    }

    /// Puts an event at the end of its lane.
    pub(crate) fn put(&self, lane: Lane, job: Job) {
        let mut state = self.0.state.lock();
        state.total += 1;
        match state.lanes.entry(lane) {
            Entry::Occupied(mut held) => held.get_mut().waiting.push_back(job),
            Entry::Vacant(entry) => {
                entry.insert(Held {
                    waiting: [job].into(),
                    ..Held::default()
                });
                state.ready.push_back(lane);
                self.wake(state);
            }
        }
    }

    /// Drops everything in hand, where it stands.
    pub(crate) fn abandon(&self) {
        self.0.stop.cancel();
        let dropped = std::mem::take(&mut *self.0.state.lock());
        drop(dropped);
    }

    /// Spawns with the state unlocked: a runtime that is closing drops the new task at once.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        while let Some(worker) = state.resting.pop() {
            if worker.send(()).is_ok() {
                return;
            }
        }
        drop(state);
        let (lanes, stop) = (self.clone(), self.0.stop.clone());
        let work = async move { stop.run_until_cancelled(lanes.work()).await };
        self.0.runtime.spawn(work);
    }

    async fn work(&self) {
        loop {
            match self.next() {
                Next::Run(lane, job) => {
                    self.look_behind(lane, &job);
                    self.run(lane, job).await;
                    self.finish(lane);
                }
                Next::Rest(woken) => {
                    if woken.await.is_err() {
                        return;
                    }
                }
                Next::Leave => return,
            }
        }
    }

    fn next(&self) -> Next {
        let mut state = self.0.state.lock();
        if let Some(lane) = state.ready.pop_front() {
            let held = state.lanes.get_mut(&lane).expect("a ready lane exists");
            held.running = true;
            let job = held
                .waiting
                .pop_front()
                .expect("a ready lane has an event waiting");
            return Next::Run(lane, job);
        }
        if state.resting.len() >= RESTING {
            return Next::Leave;
        }
        let (wake, woken) = oneshot::channel();
        state.resting.push(wake);
        Next::Rest(woken)
    }

    fn finish(&self, lane: Lane) {
        let mut state = self.0.state.lock();
        state.total = state.total.saturating_sub(1);
        if let Entry::Occupied(mut held) = state.lanes.entry(lane) {
            if held.get().waiting.is_empty() {
                held.remove();
            } else {
                held.get_mut().running = false;
                state.ready.push_back(lane);
            }
        }
        drop(state);
        self.0.room.notify_waiters();
    }

    /// Says once that a lane is behind, until it has been empty.
    fn look_behind(&self, lane: Lane, job: &Job) {
        let waited = job.since.elapsed();
        if waited < self.0.limits.slow_after {
            return;
        }
        let mut state = self.0.state.lock();
        let Some(held) = state.lanes.get_mut(&lane) else {
            return;
        };
        let (was_behind, waiting) = (held.is_behind, held.waiting.len());
        held.is_behind = true;
        drop(state);
        if !was_behind {
            let (module, kind) = (job.module, &job.kind);
            self.0.counters.behind.add_one();
            warn!(module.name = module, guild.id = lane.place.number(), event = %kind, waiting,
                "a listener of {module} is behind in guild {}: a {kind} waited {waited:?}, {waiting} more wait",
                lane.place.number());
        }
    }

    async fn run(&self, lane: Lane, job: Job) {
        let Job {
            kind, module, work, ..
        } = job;
        let guild = lane.place.number();
        let handling = AssertUnwindSafe(async move { work().await }).catch_unwind();
        let mut handling = std::pin::pin!(handling);
        let done = match tokio::time::timeout(self.0.limits.slow_after, &mut handling).await {
            Ok(done) => done,
            Err(_) => {
                self.0.counters.slow.add_one();
                warn!(module.name = module, guild.id = guild, event = %kind,
                    "a listener of {module} takes longer than {:?} for a {kind}; its other events of guild {guild} wait",
                    self.0.limits.slow_after);
                handling.await
            }
        };
        if done.is_err() {
            self.0.counters.panics.add_one();
            error!(module.name = module, guild.id = guild, event = %kind, "handling {kind} panicked");
        }
    }
}

#[cfg(test)]
mod tests;
