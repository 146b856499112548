//! A lane for each guild: events of one lane are handled in order, lanes in parallel.
//!
//! A lane exists only while it has something in hand.
//! Workers take the first event of whichever lane has waited longest, and stay for the next one,
//! so there is no task per event and none per idle guild: there are as many as lanes were busy at once,
//! of which a few are kept waiting.
//! Bounds are asked for before an event is put in ([`Lanes::has_room`]); whoever finds none waits for [`Lanes::room`].

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::FutureExt;
use parking_lot::Mutex;
use serenity::model::id::{ChannelId, GuildId};
use tokio::sync::{Notify, futures::Notified, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{Counters, Delivery, Sink};

/// Within a lane order holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Guild(GuildId),
    /// Direct messages.
    Channel(ChannelId),
    /// What belongs to no place.
    Common,
}

impl Lane {
    /// For log lines; 0 without a guild.
    fn guild(self) -> u64 {
        match self {
            Self::Guild(guild) => guild.get(),
            _ => 0,
        }
    }
}

/// An event waiting in a lane.
pub(super) struct Job {
    pub(super) kind: Box<str>,
    pub(super) delivery: Delivery,
}

pub(super) struct Limits {
    /// Events in hand in one lane.
    pub(super) lane: usize,
    /// Events in hand in all lanes.
    pub(super) total: usize,
    /// A delivery that takes longer is warned about.
    pub(super) slow_after: Duration,
}

/// All lanes of all shards. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lanes(Arc<Inner>);

struct Inner {
    sink: Arc<dyn Sink>,
    counters: Arc<Counters>,
    limits: Limits,
    state: Mutex<State>,
    room: Notify,
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
    pub(super) fn new(sink: Arc<dyn Sink>, counters: Arc<Counters>, limits: Limits) -> Self {
        let (state, room, stop) = (Mutex::default(), Notify::new(), CancellationToken::new());
        Self(Arc::new(Inner {
            sink,
            counters,
            limits,
            state,
            room,
            stop,
        }))
    }

    /// Whether both bounds allow one more event.
    pub(super) fn has_room(&self, lane: Lane) -> bool {
        let state = self.0.state.lock();
        let in_lane = state.lanes.get(&lane).map_or(0, Held::len);
        in_lane < self.0.limits.lane && state.total < self.0.limits.total
    }

    /// Resolves when an event has been handled, if enabled before that.
    pub(super) fn room(&self) -> Notified<'_> {
        self.0.room.notified()
    }

    /// Puts an event at the end of its lane.
    pub(super) fn put(&self, lane: Lane, job: Job) {
        let mut state = self.0.state.lock();
        state.total += 1;
        match state.lanes.entry(lane) {
            Entry::Occupied(mut held) => held.get_mut().waiting.push_back(job),
            Entry::Vacant(entry) => {
                entry.insert(Held {
                    waiting: [job].into(),
                    running: false,
                });
                state.ready.push_back(lane);
                self.wake(&mut state);
            }
        }
    }

    /// Drops everything in hand, where it stands.
    pub(super) fn abandon(&self) {
        self.0.stop.cancel();
        let dropped = std::mem::take(&mut *self.0.state.lock());
        drop(dropped);
    }

    fn wake(&self, state: &mut State) {
        while let Some(worker) = state.resting.pop() {
            if worker.send(()).is_ok() {
                return;
            }
        }
        let (lanes, stop) = (self.clone(), self.0.stop.clone());
        tokio::spawn(async move { stop.run_until_cancelled(lanes.work()).await });
    }

    async fn work(&self) {
        loop {
            match self.next() {
                Next::Run(lane, job) => {
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

    async fn run(&self, lane: Lane, job: Job) {
        let Job { kind, delivery } = job;
        let shard = delivery.position.shard;
        let sink = Arc::clone(&self.0.sink);
        let handling = AssertUnwindSafe(async move { sink.deliver(delivery).await }).catch_unwind();
        let mut handling = std::pin::pin!(handling);
        let done = match tokio::time::timeout(self.0.limits.slow_after, &mut handling).await {
            Ok(done) => done,
            Err(_) => {
                self.0.counters.slow_deliveries.add_one();
                warn!(shard.id = shard, guild.id = lane.guild(), event = %kind,
                    "handling {kind} takes longer than {:?}; its guild waits", self.0.limits.slow_after);
                handling.await
            }
        };
        if done.is_err() {
            self.0.counters.delivery_panics.add_one();
            error!(shard.id = shard, guild.id = lane.guild(), event = %kind, "handling {kind} panicked");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::{
        events::{LeanMessage, Position, Progress},
        gateway::{Interest, typed},
    };

    /// Writes down the sequence numbers it handles, each after a permit.
    struct Counting {
        handled: Mutex<Vec<u64>>,
        permits: Arc<Semaphore>,
    }

    /// The lane that [`Bench::put`] puts an event in.
    fn guild(sequence: u64) -> Lane {
        Lane::Guild(GuildId::new(1 + sequence % GUILDS))
    }

    const GUILDS: u64 = 20;

    struct Bench {
        lanes: Lanes,
        progress: Arc<Progress>,
        book: Arc<Counting>,
    }

    impl Sink for Arc<Counting> {
        fn interest(&self, _kind: &str) -> Interest {
            Interest::default()
        }

        fn fold(&self, _message: &LeanMessage<'_>) {}

        fn deliver(&self, delivery: Delivery) -> BoxFuture<'static, ()> {
            let book = Arc::clone(self);
            async move {
                book.permits
                    .acquire()
                    .await
                    .expect("it stays open")
                    .forget();
                book.handled.lock().push(delivery.position.sequence);
            }
            .boxed()
        }
    }

    impl Bench {
        fn new(lane: usize, total: usize, permits: usize) -> Self {
            let permits = Arc::new(Semaphore::new(permits));
            let book = Arc::new(Counting {
                handled: Mutex::default(),
                permits,
            });
            let limits = Limits {
                lane,
                total,
                slow_after: Duration::from_secs(60),
            };
            let lanes = Lanes::new(Arc::new(Arc::clone(&book)), Arc::default(), limits);
            Self {
                lanes,
                progress: Progress::new(),
                book,
            }
        }

        fn put(&self, lane: Lane, sequence: u64) {
            let raw = r#"{"t":"MESSAGE_DELETE","s":1,"op":0,"d":{"id":"1","channel_id":"2"}}"#;
            let event = Arc::new(typed::event("MESSAGE_DELETE", raw).unwrap());
            let position = Position {
                shard: 0,
                session: "s".into(),
                sequence,
            };
            let receipt = self.progress.shard(0).take(sequence);
            let delivery = Delivery {
                position,
                replayed: false,
                event,
                receipt,
            };
            self.lanes.put(
                lane,
                Job {
                    kind: "MESSAGE_DELETE".into(),
                    delivery,
                },
            );
        }

        fn resting(&self) -> usize {
            self.lanes.0.state.lock().resting.len()
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn order_holds_within_a_lane_whatever_others_do() {
        let bench = Bench::new(usize::MAX, usize::MAX, 0);
        let count = GUILDS * 100;
        for sequence in 1..=count {
            bench.put(guild(sequence), sequence);
            bench.book.permits.add_permits(1);
        }
        bench.progress.quiet().await;
        let handled = bench.book.handled.lock().clone();
        assert_eq!(handled.len() as u64, count);
        for lane in (1..=GUILDS).map(guild) {
            let of_lane = handled.iter().filter(|sequence| guild(**sequence) == lane);
            assert!(of_lane.is_sorted(), "{lane:?}");
        }
    }

    #[tokio::test]
    async fn a_lane_and_all_lanes_have_bounds() {
        let bench = Bench::new(2, 3, 0);
        let [first, second, third] = [1, 2, 3].map(guild);
        bench.put(first, 1);
        assert!(bench.lanes.has_room(first));
        bench.put(first, 2);
        assert!(!bench.lanes.has_room(first) && bench.lanes.has_room(second));
        bench.put(second, 3);
        assert!(!bench.lanes.has_room(second) && !bench.lanes.has_room(third));

        let mut room = std::pin::pin!(bench.lanes.room());
        room.as_mut().enable();
        bench.book.permits.add_permits(1);
        room.await;
        assert!(bench.lanes.has_room(third));
    }

    #[tokio::test]
    async fn idle_lanes_leave_nothing_and_their_workers_serve_again() {
        let bench = Bench::new(10, 1_000, 1_000);
        for sequence in 1..=100 {
            let mut room = std::pin::pin!(bench.lanes.room());
            room.as_mut().enable();
            bench.put(guild(sequence), sequence);
            room.await;
            tokio::task::yield_now().await;
        }
        assert_eq!(bench.resting(), 1);
        let state = bench.lanes.0.state.lock();
        assert_eq!(
            (state.lanes.len(), state.ready.len(), state.total),
            (0, 0, 0)
        );
    }

    #[tokio::test]
    async fn only_a_few_workers_are_kept_waiting() {
        let bench = Bench::new(10, 1_000, 0);
        for sequence in 1..=100 {
            bench.put(Lane::Channel(ChannelId::new(sequence)), sequence);
        }
        bench.book.permits.add_permits(100);
        bench.progress.quiet().await;
        while bench.lanes.0.state.lock().total > 0 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        assert!(
            (1..=RESTING).contains(&bench.resting()),
            "{}",
            bench.resting()
        );
    }

    #[tokio::test]
    async fn what_is_abandoned_is_dropped_unhandled() {
        let bench = Bench::new(10, 10, 0);
        bench.put(guild(1), 1);
        bench.put(guild(1), 2);
        bench.progress.freeze();
        bench.lanes.abandon();
        bench.progress.quiet().await;
        assert_eq!(bench.progress.handled(0), 0);
    }
}
