//! How much one simulator carries: `cargo bench -p cogsmith-simulator`.
//!
//! Two measurements, each printed as one line with its goal: a world of a million members, and
//! messages to one client. Simulator, people and client share the process and its cores.

#![expect(clippy::print_stdout, reason = "the lines are what a benchmark is for")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on may panic"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cogsmith_simulator::{Person, Simulator};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The allocator of the binary that serves the simulator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const GUILDS: u64 = 500;
const SMALL_GUILD: u64 = 1_000;
const LARGE_GUILD: u64 = 1_000_000 - (GUILDS - 1) * SMALL_GUILD;
const MEMORY_GOAL_MIB: u64 = 2048;

const MESSAGES: u64 = 500_000;
const RATE_GOAL: f64 = 100_000.0;
/// How far people may be ahead of the client: less than a session keeps.
const AHEAD_MAX: u64 = 20_000;
/// A working lunch: what people mostly say is short.
const REMARK: &str = "I would not have thought of that; see the docs, second chapter";

const INTENTS: u64 = 1 | 1 << 1 | 1 << 9 | 1 << 15;

fn main() {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        messages_to_one_client().await;
        a_million_members().await;
    });
}

async fn a_million_members() {
    let before = memory_mib("VmRSS");
    let started = Instant::now();
    let sim = Simulator::builder().start().await.unwrap();
    let large = sim.guild("large");
    large.fill(LARGE_GUILD);
    for number in 1..GUILDS {
        sim.guild(&format!("guild {number}")).fill(SMALL_GUILD);
    }
    let filled = started.elapsed();
    let world = memory_mib("VmRSS") - before;

    let started = Instant::now();
    let mut bot = identified(&sim).await;
    until(&mut bot, |frame| frame.contains("GUILD_CREATE"), GUILDS).await;
    let greeted = started.elapsed();

    let started = Instant::now();
    let all = json!({ "guild_id": large.id(), "query": "", "limit": 0 });
    send(&mut bot, &json!({ "op": 8, "d": all })).await;
    let chunks = LARGE_GUILD.div_ceil(1000);
    until(
        &mut bot,
        |frame| frame.contains("GUILD_MEMBERS_CHUNK"),
        chunks,
    )
    .await;
    let listed = started.elapsed();
    println!(
        "1,000,000 members in {GUILDS} guilds: {world} MiB (goal: under {MEMORY_GOAL_MIB}), \
         {} MiB at most; filled in {filled:.1?}, greeted in {greeted:.1?}, \
         {LARGE_GUILD} members listed in {listed:.1?}",
        memory_mib("VmHWM"),
    );
}

async fn messages_to_one_client() {
    let sim = Simulator::builder().start().await.unwrap();
    let ann = sim.guild("Rustaceans").member("ann");
    let mut bot = identified(&sim).await;
    let heard = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let talking = tokio::spawn(talk(ann, Arc::clone(&heard)));
    let count = |frame: &str| {
        let is_message = frame.contains("MESSAGE_CREATE");
        heard.fetch_add(u64::from(is_message), Ordering::Relaxed);
        is_message
    };
    until(&mut bot, count, MESSAGES).await;
    talking.await.unwrap();
    let rate = MESSAGES as f64 / started.elapsed().as_secs_f64();
    println!("MESSAGE_CREATE to one client: {rate:.0} a second (goal: {RATE_GOAL})");
}

async fn talk(ann: Person, heard: Arc<AtomicU64>) {
    for said in 0..MESSAGES {
        ann.says(REMARK).await;
        while said - heard.load(Ordering::Relaxed).min(said) > AHEAD_MAX {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        if said % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
}

async fn identified(sim: &Simulator) -> Socket {
    let url = format!("{}/?v=10&encoding=json", sim.gateway_url());
    let (mut bot, _) = connect_async(url).await.unwrap();
    let properties = json!({ "os": "linux", "browser": "bench", "device": "bench" });
    let identify = json!({ "token": sim.token(), "intents": INTENTS, "properties": properties });
    send(&mut bot, &json!({ "op": 2, "d": identify })).await;
    until(&mut bot, |frame| frame.contains("READY"), 1).await;
    bot
}

async fn send(bot: &mut Socket, frame: &Value) {
    let frame = Message::text(frame.to_string());
    bot.send(frame).await.unwrap();
}

/// Reads until `count` frames were of the kind.
async fn until(bot: &mut Socket, is_one: impl Fn(&str) -> bool, count: u64) {
    let mut seen = 0;
    while seen < count {
        let Message::Text(frame) = bot.next().await.unwrap().unwrap() else {
            continue;
        };
        let start = &frame.as_str()[..frame.len().min(80)];
        seen += u64::from(is_one(start));
    }
}

/// A line of the system's account of this process, in MiB.
fn memory_mib(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with(line)).unwrap();
    let kib = line.split_whitespace().nth(1).unwrap();
    kib.parse::<u64>().unwrap() / 1024
}
