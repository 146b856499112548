//! Shards that stay silent though Discord can be reached.

use std::time::Duration;

use cogsmith::gateway::Error;
use cogsmith_simulator::FaultRule;
use cogsmith_tasks::{Clock, mins, secs};
use futures_util::FutureExt;
use tokio::net::TcpListener;

use super::{
    bench::{Bench, Process, Recorder, eventually, within},
    rogue::{IDENTIFY, Manners, RESUME, Rogue},
};
use crate::process::{Bot, Folder};

const DEAF: Manners = Manners {
    heartbeat: Duration::from_millis(60),
    acknowledges: false,
    chatters: true,
};

/// A bench whose clock stands until it is moved.
async fn bench() -> Bench {
    let mut bench = Bench::new().await;
    bench.clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
    bench
}

/// How often REST was asked where the gateway is.
fn looks(bench: &Bench) -> usize {
    let requests = bench.simulator.requests();
    let asked = requests.iter().filter(|it| it.path == "gateway/bot");
    asked.count()
}

/// Moves the clock by half a minute, so often, and waits each time until the watchdog has looked.
async fn look(bench: &Bench, times: usize) {
    for _ in 0..times {
        let before = looks(bench);
        eventually(|| bench.clock.next_wake().is_some()).await;
        bench.clock.advance(secs(30));
        eventually(|| looks(bench) > before).await;
    }
}

async fn begin(bench: &Bench) -> Process {
    let begun = bench.begin(bench.options(), Recorder::of(&[])).await;
    begun.expect("a gateway that connects")
}

/// An address where nobody listens.
async fn nowhere() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

#[tokio::test]
async fn a_gateway_that_stays_dead_while_rest_answers_ends_the_process_after_ten_minutes() {
    let bench = bench().await;
    bench.point_to(nowhere().await);
    let process = begin(&bench).await;
    look(&bench, 19).await;
    assert!(process.gateway.ended().now_or_never().is_none());
    look(&bench, 1).await;
    let end = within(process.gateway.ended()).await;
    assert!(matches!(end, Error::Dead { shard: 0 }), "{end}");
    assert_eq!(bench.clock.monotonic(), mins(10));
}

#[tokio::test]
async fn a_resume_that_is_never_answered_gives_way_to_a_new_session() {
    let bench = bench().await;
    let keep = "insert into gateway_session values (0, 1, 'kept', '', 5, 0)";
    bench.db.write(keep).execute().await.unwrap();
    let rogue = Rogue::start(Manners {
        heartbeat: secs(40),
        acknowledges: true,
        chatters: false,
    })
    .await;
    bench.point_to(rogue.address);
    let process = begin(&bench).await;
    eventually(|| rogue.heard(RESUME) == 1).await;
    look(&bench, 9).await;
    assert_eq!(rogue.heard(IDENTIFY), 0);
    look(&bench, 1).await;
    within(process.gateway.connected()).await;
    assert_eq!((rogue.heard(RESUME), rogue.heard(IDENTIFY)), (1, 1));
    assert!(process.gateway.ended().now_or_never().is_none());
}

#[tokio::test]
async fn without_a_network_the_session_is_kept_and_waited_for() {
    let bench = bench().await;
    let keep = "insert into gateway_session values (0, 1, 'kept', '', 5, 0)";
    bench.db.write(keep).execute().await.unwrap();
    bench.point_to(nowhere().await);
    let process = begin(&bench).await;
    let gone = FaultRule::new(502).path("gateway/bot");
    bench.simulator.fail_next(gone.times(u32::MAX));
    look(&bench, 60).await;
    assert!(process.gateway.ended().now_or_never().is_none());
    assert!(process.gateway.shards()[0].has_session);
}

#[tokio::test]
async fn events_without_acknowledgements_lead_to_a_new_session_and_then_to_the_end() {
    let bench = Bench::new().await;
    let rogue = Rogue::start(DEAF).await;
    bench.point_to(rogue.address);
    let process = begin(&bench).await;
    let end = within(process.gateway.ended()).await;
    assert!(matches!(end, Error::Dead { shard: 0 }), "{end}");
    assert_eq!((rogue.heard(RESUME), rogue.heard(IDENTIFY)), (0, 2));
}

#[tokio::test]
async fn a_process_whose_gateway_is_dead_ends_in_order_with_70() {
    let (bench, folder) = (Bench::new().await, Folder::new());
    let rogue = Rogue::start(DEAF).await;
    bench.point_to(rogue.address);
    let bot = Bot::spawn(&bench.simulator, &folder.database());
    let (status, log) = bot.end().await;
    assert_eq!(status.code(), Some(70), "{log}");
    assert!(log.contains("cogsmith::app: stopped"), "{log}");
    let last = log.lines().last().unwrap();
    assert!(last.contains("stayed silent in a new session too"), "{log}");
}
