//! Many durable loops on the clock of the machine, some of which fail, overlap, or are given commands.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use cogsmith::store::Db;
use cogsmith_tasks::{Clock, Engine, Run, TaskHandle, TaskSpec, Transient, every};
use rand::RngExt;

/// The name of loops that nobody gives a command.
const LOOP: &str = "loop";

/// The name of those that somebody steers without cease.
const STEERED: &str = "steered";

/// Runs until the engine ends, which it does not do by itself.
pub(crate) async fn run(db: Db, loops: u32) -> anyhow::Result<()> {
    let engine = Engine::new(Arc::new(db), Clock::system());
    let mut steered = Vec::new();
    for n in 0..loops {
        let task = engine.register(spec(n, loops, engine.clock())).await?;
        println!("registered {n}");
        if &*task.name() == STEERED {
            steered.push(task);
        }
    }
    engine.start().await?;
    println!("started");
    let steering = tokio::spawn(steer(steered, engine.clock().clone()));
    let why = engine.ended().await;
    steering.abort();
    Err(why.into())
}

/// Loop `n`, each 100 ms to 1 s, with bodies of up to 160 ms.
fn spec(n: u32, loops: u32, clock: &Clock) -> TaskSpec {
    let interval = Duration::from_millis(100 + u64::from(900 * n / loops));
    let lasting = Duration::from_millis(u64::from(n % 5) * 40);
    let clock = clock.clone();
    let name = if n % 5 == 4 { STEERED } else { LOOP };
    let body = move |run| body(n, run, clock.sleep(lasting));
    TaskSpec::new(name, every(interval), body).scope(n.to_string())
}

async fn body(n: u32, run: Run, sleep: cogsmith_tasks::Sleep) -> anyhow::Result<()> {
    let (slot, attempt) = (run.slot.timestamp_millis(), run.attempt);
    println!("run {n} {slot} {attempt}");
    sleep.await;
    match n % 7 {
        3 if slot % 3 == 0 => Err(anyhow!("no")),
        5 if attempt == 1 => Err(Transient::new(anyhow!("not now")).into()),
        _ => Ok(()),
    }
}

/// Stops, starts, restarts and changes one loop after the other.
async fn steer(tasks: Vec<TaskHandle>, clock: Clock) -> anyhow::Result<()> {
    loop {
        for task in &tasks {
            let interval = Duration::from_millis(rand::rng().random_range(100..=1_000));
            task.stop().await?;
            task.start().await?;
            task.change_interval(every(interval)).await?;
            clock.sleep(Duration::from_millis(20)).await;
            task.restart().await?;
        }
        clock.sleep(Duration::from_millis(20)).await;
    }
}
