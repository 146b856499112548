//! Loops of one second on the clock of the machine: lateness, CPU per fire, memory.
//!
//! `cargo bench -p cogsmith-tasks` plays every case, each in a process of its own;
//! `cargo bench -p cogsmith-tasks -- 10000 spread` plays one: how many loops, and whether their slots
//! are spread over the second, as those of loops that were started one by one are (`spread`), or are
//! all due together (`together`). A third word is the seconds to measure, 10 by default; a fourth,
//! `recorded`, keeps every run in a memory store.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use cogsmith_tasks::{Clock, Engine, History, MemoryStore, Run, TaskSpec, every, secs};

/// Lateness is counted in steps of 10 us, up to 1 s.
const STEP: u128 = 10;
const STEPS: usize = 100_000;

fn main() -> anyhow::Result<()> {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if words.is_empty() {
        return play_all();
    }
    let loops = words[0].parse()?;
    let is_spread = words.get(1).is_none_or(|word| word == "spread");
    let seconds = words.get(2).map_or(Ok(10), |word| word.parse())?;
    let is_recorded = words.get(3).is_some_and(|word| word == "recorded");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(play(loops, is_spread, seconds, is_recorded))
}

fn play_all() -> anyhow::Result<()> {
    println!("   loops  slots     fires  p50 ms  p99 ms  max ms  us/fire    MiB  lost");
    for loops in ["1", "1000", "10000", "100000"] {
        for slots in ["spread", "together"] {
            Command::new(std::env::current_exe()?)
                .args([loops, slots])
                .status()?;
        }
    }
    Ok(())
}

async fn play(
    loops: usize,
    is_spread: bool,
    seconds: u64,
    is_recorded: bool,
) -> anyhow::Result<()> {
    let clock = Clock::system();
    let engine = Engine::new(Arc::new(MemoryStore::new()), clock.clone());
    let lateness = Arc::new(Lateness::new());
    let history = if is_recorded {
        History::All
    } else {
        History::None
    };
    if is_spread {
        engine.start().await?;
    }
    let begun = clock.monotonic();
    for n in 0..loops {
        if is_spread {
            let due = secs(1).mul_f64(n as f64 / loops as f64);
            clock.sleep_until_monotonic(begun + due).await;
        }
        let spec = TaskSpec::new(format!("t{n}"), every(secs(1)), body(&clock, &lateness));
        engine.register(spec.history(history)).await?;
    }
    engine.start().await?;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    lateness.clear();
    let before = cpu()?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let spent = cpu()? - before;
    let lost: u64 = engine
        .tasks()
        .iter()
        .map(|task| task.status().missed + task.status().skipped)
        .sum();
    println!(
        "{loops:8} {:9} {:8} {:7.2} {:7.2} {:7.2} {:8.2} {:6.1} {lost:5}",
        if is_spread { "spread" } else { "together" },
        lateness.fires(),
        lateness.at(0.5),
        lateness.at(0.99),
        lateness.at(1.0),
        spent.as_secs_f64() * 1e6 / f64::from(lateness.fires()),
        resident()?,
    );
    Ok(())
}

/// A body that does nothing but note how late it is.
fn body(
    clock: &Clock,
    lateness: &Arc<Lateness>,
) -> impl Fn(Run) -> std::future::Ready<anyhow::Result<()>> + Send + Sync + 'static {
    let (clock, lateness) = (clock.clone(), lateness.clone());
    move |run| {
        lateness.note((clock.now() - run.slot).to_std().unwrap_or_default());
        std::future::ready(Ok(()))
    }
}

/// How many fires were how late, in steps of 10 us.
struct Lateness(Vec<AtomicU32>);

impl Lateness {
    fn new() -> Self {
        Self((0..STEPS).map(|_| AtomicU32::new(0)).collect())
    }

    fn note(&self, late: Duration) {
        let step = usize::try_from(late.as_micros() / STEP).unwrap_or(STEPS);
        self.0[step.min(STEPS - 1)].fetch_add(1, Relaxed);
    }

    fn clear(&self) {
        self.0.iter().for_each(|count| count.store(0, Relaxed));
    }

    fn fires(&self) -> u32 {
        self.0.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The lateness in milliseconds that this share of all fires did not exceed.
    fn at(&self, share: f64) -> f64 {
        let wanted = f64::from(self.fires()) * share;
        let mut seen = 0.0;
        let reached = self.0.iter().position(|count| {
            seen += f64::from(count.load(Relaxed));
            seen >= wanted
        });
        (reached.unwrap_or(STEPS) as u128 * STEP) as f64 / 1_000.0
    }
}

/// The CPU time that this process has used.
fn cpu() -> anyhow::Result<Duration> {
    let mut nanos = 0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanos += spent.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

/// Resident memory in MiB.
fn resident() -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    Ok(kib.unwrap_or("0").parse::<f64>()? / 1_024.0)
}
