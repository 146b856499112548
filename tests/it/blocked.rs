//! What modules do with their threads does not hold up the host.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use cogsmith::{
    app::App,
    config::{BotConfig, Token},
    prelude::*,
    testing::Database,
};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use serenity::model::event::MessageCreateEvent;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::Builder,
    sync::oneshot,
};

use crate::log::Log;

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

/// A bot on threads of its own, as a process of its own would be.
struct Bot {
    http: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<(u64, Vec<String>)>,
}

impl Bot {
    async fn start(simulator: &Simulator, drain: Duration, modules: Modules) -> Self {
        let config = BotConfig {
            token: Token::new(simulator.token()),
            api_url: Some(simulator.api_url().to_owned()),
            owner_ids: BTreeSet::new(),
            owner_guild: None,
            modules: None,
            drain,
            blocking_threads: None,
        };
        let (ready, is_ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let mut builder = Builder::new_multi_thread();
            let log = Log::start();
            let runtime = builder.worker_threads(THREADS).enable_all().build();
            let running = run(config, modules, ready, stopped);
            let stalls = runtime.unwrap().block_on(running);
            (stalls, log.lines())
        });
        Self {
            http: is_ready.await.unwrap(),
            stop,
            thread,
        }
    }

    async fn livez(&self) -> String {
        let mut stream = TcpStream::connect(self.http).await.unwrap();
        let request = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Returns how often its threads were held, and what it has logged.
    async fn stop(self) -> (u64, Vec<String>) {
        self.stop.send(()).unwrap();
        let ended = tokio::task::spawn_blocking(|| self.thread.join());
        ended.await.unwrap().unwrap()
    }
}

async fn run(
    config: BotConfig,
    modules: Modules,
    ready: oneshot::Sender<SocketAddr>,
    stopped: oneshot::Receiver<()>,
) -> u64 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = Database::sqlite();
    let (db, never) = (database.open().await, std::future::pending());
    let starting = App::start(&config, db, modules, Clock::system(), listener, never);
    let app = Box::pin(starting).await.unwrap();
    app.open().await.unwrap();
    ready.send(address).unwrap();
    stopped.await.unwrap();
    let stalls = app.host().stalls();
    app.shut_down().await;
    stalls
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listeners_that_block_every_thread_delay_no_heartbeat_and_livez_answers() {
    let simulator = Simulator::builder()
        .heartbeat_interval(Duration::from_millis(400))
        .heartbeat_grace(Duration::from_millis(1_000));
    let simulator = simulator.start().await.unwrap();
    let modules = Modules::default().with::<Blocker>();
    let bot = Bot::start(&simulator, secs(10), modules).await;
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
    let bot = Bot::start(&simulator, secs(2), modules).await;
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
