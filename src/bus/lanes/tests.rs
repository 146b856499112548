//! Order, bounds, and what idle lanes cost.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;

use super::*;
use crate::events::Progress;

/// Writes down the sequence numbers it handles, each after a permit.
struct Counting {
    handled: Mutex<Vec<u64>>,
    permits: Arc<Semaphore>,
    has_begun: AtomicBool,
}

/// The lane that [`Bench::put`] puts an event in.
fn guild(sequence: u64) -> Lane {
    let place = Place::Guild(GuildId::new(1 + sequence % GUILDS));
    Lane { listener: 0, place }
}

const GUILDS: u64 = 20;

struct Bench {
    lanes: Lanes,
    progress: Arc<Progress>,
    book: Arc<Counting>,
}

impl Counting {
    async fn handle(&self, sequence: u64) {
        self.has_begun.store(true, Ordering::Relaxed);
        let permit = self.permits.acquire().await.expect("it stays open");
        permit.forget();
        self.handled.lock().push(sequence);
    }
}

impl Bench {
    fn new(lane: usize, total: usize, permits: usize) -> Self {
        let permits = Arc::new(Semaphore::new(permits));
        let book = Arc::new(Counting {
            handled: Mutex::default(),
            permits,
            has_begun: AtomicBool::new(false),
        });
        let limits = Limits {
            lane,
            total,
            slow_after: Duration::from_secs(60),
        };
        let lanes = Lanes::new(limits);
        Self {
            lanes,
            progress: Progress::new(),
            book,
        }
    }

    fn put(&self, lane: Lane, sequence: u64) {
        let (book, receipt) = (
            Arc::clone(&self.book),
            self.progress.shard(0).take(sequence),
        );
        let work = move || {
            async move {
                book.handle(sequence).await;
                drop(receipt);
            }
            .boxed()
        };
        let job = Job {
            kind: "MESSAGE_DELETE".into(),
            module: "counting",
            work: Box::new(work),
            since: Instant::now(),
        };
        self.lanes.put(lane, job);
    }

    fn has_room(&self, lane: Lane) -> bool {
        self.lanes.have_room(&[lane.listener], lane.place)
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
    assert!(bench.has_room(first));
    bench.put(first, 2);
    assert!(!bench.has_room(first) && bench.has_room(second));
    bench.put(second, 3);
    assert!(!bench.has_room(second) && !bench.has_room(third));

    let mut room = std::pin::pin!(bench.lanes.room());
    room.as_mut().enable();
    bench.book.permits.add_permits(1);
    room.await;
    assert!(bench.has_room(third));
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
        let place = Place::Channel(ChannelId::new(sequence));
        bench.put(Lane { listener: 0, place }, sequence);
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
async fn an_event_is_in_hand_until_its_future_ends() {
    let bench = Bench::new(10, 10, 0);
    bench.put(guild(1), 1);
    while !bench.book.has_begun.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    assert_eq!(bench.progress.in_hand(), 1);
    bench.book.permits.add_permits(1);
    bench.progress.quiet().await;
    assert_eq!(*bench.book.handled.lock(), [1]);
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
