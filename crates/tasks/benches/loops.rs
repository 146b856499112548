//! Loops of one second on the clock of the machine: lateness, CPU per fire, memory.
//!
//! `cargo bench -p cogsmith-tasks` plays every case, each in a process of its own;
//! `cargo bench -p cogsmith-tasks -- 10000 spread` plays one: how many loops, and whether their slots
//! are spread over the second, as those of loops that were started one by one are (`spread`), or are
//! all due together (`together`); `bare` is no engine at all, but a tokio task with an interval for
//! each loop, to compare machines and moments. A third word is the seconds to measure, 10 by default;
//! a fourth, `recorded`, keeps every run in a memory store.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

mod measure;

use std::{process::Command, sync::Arc, time::Duration};

use cogsmith_tasks::{Clock, Engine, History, MemoryStore, Run, TaskHandle, TaskSpec, every, secs};
use measure::{Lateness, cpu, resident};

fn main() -> anyhow::Result<()> {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    if words.is_empty() {
        return play_all();
    }
    let loops = words[0].parse()?;
    let seconds = words.get(2).map_or(Ok(10), |word| word.parse())?;
    let is_recorded = words.get(3) == Some(&"recorded");
    let slots = words.get(1).copied().unwrap_or("spread");
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut play = Play::new(loops, is_recorded);
        match slots {
            "bare" => play.begin_bare(),
            "spread" => play.begin_spread().await?,
            _ => play.begin_together().await?,
        }
        play.measure(slots, secs(seconds)).await
    })
}

fn play_all() -> anyhow::Result<()> {
    println!("   loops  slots     fires  p50 ms  p99 ms  max ms  us/fire    MiB  lost");
    for loops in ["1", "1000", "10000", "100000"] {
        for slots in ["bare", "spread", "together"] {
            Command::new(std::env::current_exe()?)
                .args([loops, slots])
                .status()?;
        }
    }
    Ok(())
}

struct Play {
    loops: u32,
    history: History,
    clock: Clock,
    engine: Engine,
    lateness: Arc<Lateness>,
}

impl Play {
    fn new(loops: u32, is_recorded: bool) -> Self {
        let clock = Clock::system();
        Self {
            loops,
            history: if is_recorded {
                History::All
            } else {
                History::None
            },
            engine: Engine::new(Arc::new(MemoryStore::new()), clock.clone()),
            clock,
            lateness: Arc::new(Lateness::new()),
        }
    }

    /// When loop `n` begins, if they are spread.
    fn phase(&self, n: u32) -> Duration {
        secs(1).mul_f64(f64::from(n) / f64::from(self.loops))
    }

    fn begin_bare(&mut self) {
        let begin = tokio::time::Instant::now() + secs(1);
        for n in 0..self.loops {
            let lateness = self.lateness.clone();
            let mut slots = tokio::time::interval_at(begin + self.phase(n), secs(1));
            tokio::spawn(async move {
                loop {
                    let slot = slots.tick().await;
                    lateness.note(slot.elapsed());
                }
            });
        }
    }

    async fn begin_spread(&mut self) -> anyhow::Result<()> {
        self.engine.start().await?;
        let begin = self.clock.monotonic();
        for n in 0..self.loops {
            self.clock
                .sleep_until_monotonic(begin + self.phase(n))
                .await;
            self.register(n).await?;
        }
        Ok(())
    }

    async fn begin_together(&mut self) -> anyhow::Result<()> {
        for n in 0..self.loops {
            self.register(n).await?;
        }
        Ok(self.engine.start().await?)
    }

    /// A loop whose body does nothing but note how late it is.
    async fn register(&self, n: u32) -> anyhow::Result<()> {
        let (clock, lateness) = (self.clock.clone(), self.lateness.clone());
        let body = move |run: Run| {
            lateness.note((clock.now() - run.slot).to_std().unwrap_or_default());
            std::future::ready(Ok(()))
        };
        let spec = TaskSpec::new(format!("t{n}"), every(secs(1)), body).history(self.history);
        self.engine.register(spec).await?;
        Ok(())
    }

    async fn measure(self, slots: &str, length: Duration) -> anyhow::Result<()> {
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        self.lateness.clear();
        let before = cpu()?;
        tokio::time::sleep(length).await;
        let spent = cpu()? - before;
        let fires = self.lateness.fires();
        let tasks = self.engine.tasks();
        let status = tasks.iter().map(TaskHandle::status);
        let lost: u64 = status.map(|status| status.missed + status.skipped).sum();
        println!(
            "{:8} {slots:9} {fires:8} {:7.2} {:7.2} {:7.2} {:8.2} {:6.1} {lost:5}",
            self.loops,
            self.lateness.at(0.5),
            self.lateness.at(0.99),
            self.lateness.at(1.0),
            spent.as_secs_f64() * 1e6 / f64::from(fires),
            resident()?,
        );
        Ok(())
    }
}
