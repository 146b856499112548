//! What modules do with their threads does not hold up the host.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
    time::Instant,
};

use cogsmith::prelude::*;
use cogsmith_simulator::Simulator;
use serenity::model::event::MessageCreateEvent;

use crate::threads::Bot;

const THREADS: usize = 2;
/// What a guild hears of each who joins it and says something. Each blocks its thread.
const EVENTS: usize = 2 * THREADS;
/// Longer than Discord lets a bot think, and than the simulator here waits for a heartbeat.
const BLOCKED_FOR: Duration = Duration::from_secs(3);

static BLOCKED: AtomicUsize = AtomicUsize::new(0);
static ENDED: AtomicUsize = AtomicUsize::new(0);

static COMPUTES: AtomicBool = AtomicBool::new(false);
static WAS_TOLD: AtomicBool = AtomicBool::new(false);

/// Listens with its whole thread.
struct Blocker;

impl Module for Blocker {
    const NAME: &'static str = "blocker";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.on(Self::block);
    }
}

impl Blocker {
    async fn block(&self, _event: Event<MessageCreateEvent>) -> Result<()> {
        BLOCKED.fetch_add(1, SeqCst);
        thread::sleep(BLOCKED_FOR);
        BLOCKED.fetch_sub(1, SeqCst);
        ENDED.fetch_add(1, SeqCst);
        Ok(())
    }
}

/// Computes until it is told to end.
struct Worker;

impl Module for Worker {
    const NAME: &'static str = "worker";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([compute()]);
    }
}

/// Never ends by itself.
#[command(slash_command)]
async fn compute(ctx: Context<'_>) -> Result<()> {
    let host = ctx.host();
    let working = host.blocking_with_token(|token| {
        COMPUTES.store(true, SeqCst);
        while !token.is_cancelled() {
            thread::yield_now();
        }
        WAS_TOLD.store(true, SeqCst);
    });
    working.await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_that_block_every_thread_delay_no_heartbeat_and_livez_answers() {
    let simulator = Simulator::builder()
        .heartbeat_interval(Duration::from_millis(400))
        .heartbeat_grace(Duration::from_millis(1_000));
    let simulator = simulator.start().await.unwrap();
    let modules = Modules::default().with::<Blocker>();
    let bot = Bot::start(&simulator, THREADS, secs(10), modules).await;
    for guild in 0..THREADS {
        let guild = simulator.guild(&format!("Guild {guild}"));
        guild.member("ann").says("everybody is at work").await;
    }
    while BLOCKED.load(SeqCst) < THREADS {
        tokio::task::yield_now().await;
    }

    let begun = Instant::now();
    let answer = bot.livez().await;
    assert!(begun.elapsed() < secs(1), "{:?}", begun.elapsed());
    assert!(answer.ends_with("ok\n"), "{answer}");
    assert_eq!(
        BLOCKED.load(SeqCst),
        THREADS,
        "every thread is blocked still"
    );

    while ENDED.load(SeqCst) < EVENTS {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let connections = (simulator.identifies(), simulator.resumes());
    assert_eq!(
        connections,
        (1, 0),
        "a late heartbeat would have cost a connection"
    );
    let (stalls, lines) = bot.stop().await;
    assert_eq!(stalls, EVENTS as u64);
    let named = "blocker: Blocker::block has held its thread for 1s and holds it still";
    let named = lines.iter().filter(|line| line.starts_with(named));
    assert_eq!(named.count(), EVENTS, "{lines:?}");
}

#[tokio::test]
async fn a_shutdown_tells_blocking_work_to_end_when_its_time_is_over() {
    let simulator = Simulator::builder().start().await.unwrap();
    let modules = Modules::default().with::<Worker>();
    let bot = Bot::start(&simulator, THREADS, secs(2), modules).await;
    let ann = simulator.guild("Rustaceans").member("ann");
    let used = tokio::spawn(async move { ann.slash("/compute").await });
    while !COMPUTES.load(SeqCst) {
        tokio::task::yield_now().await;
    }
    let begun = Instant::now();
    let (_, lines) = bot.stop().await;
    assert!(begun.elapsed() < secs(20), "{lines:?}");
    assert!(WAS_TOLD.load(SeqCst), "{lines:?}");
    used.abort();
}
