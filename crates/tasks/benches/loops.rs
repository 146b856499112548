//! Loops of one second on the clock of the machine: lateness, CPU per fire, memory.
//!
//! `cargo bench -p cogsmith-tasks -- 1000 10` runs 1,000 loops for 10 s without history, and
//! `-- 1000 10 durable` with every run in a memory store.

#![expect(clippy::print_stdout, reason = "a bench exists to print its numbers")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use cogsmith_tasks::{Clock, Engine, History, MemoryStore, TaskSpec, every, secs};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let words: Vec<_> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let number = |place: usize, default| words.get(place).map_or(Ok(default), |word| word.parse());
    let (tasks, seconds) = (number(0, 1_000)?, number(1, 5)?);
    let is_durable = words.get(2).is_some_and(|word| word == "durable");
    let history = if is_durable {
        History::All
    } else {
        History::None
    };

    let clock = Clock::system();
    let engine = Engine::new(Arc::new(MemoryStore::new()), clock.clone());
    let lateness = Arc::new(Mutex::new(Vec::new()));
    for n in 0..tasks {
        let (clock, lateness) = (clock.clone(), lateness.clone());
        let body = move |run: cogsmith_tasks::Run| {
            let late = (clock.now() - run.slot).as_seconds_f64() * 1_000.0;
            lateness.lock().expect("no body panics").push(late);
            async { Ok(()) }
        };
        let spec = TaskSpec::new(format!("t{n}"), every(secs(1)), body).history(history);
        engine.register(spec).await?;
    }
    engine.start().await?;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    lateness.lock().expect("no body panics").clear();
    let before = cpu()?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let spent = cpu()? - before;
    let mut late = std::mem::take(&mut *lateness.lock().expect("no body panics"));
    late.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    println!(
        "{tasks} loops of 1 s, {} fires in {seconds} s, durable: {is_durable}",
        late.len()
    );
    println!(
        "lateness p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!(
        "CPU {:.2} us per fire, resident {} KiB",
        spent * 1e6 / late.len() as f64,
        resident()?
    );
    let missed: u64 = engine
        .tasks()
        .iter()
        .map(|task| task.status().missed + task.status().skipped)
        .sum();
    println!("missed or skipped {missed}");
    Ok(())
}

/// Seconds of CPU that this process has used.
fn cpu() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = fields[11].parse::<f64>()? + fields[12].parse::<f64>()?;
    Ok(ticks / 100.0)
}

fn resident() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap_or_default();
    Ok(line.split_whitespace().nth(1).unwrap_or("0").parse()?)
}
