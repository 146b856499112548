//! From `change_interval` to its answer, which comes when the change is in the database.

use std::time::Duration;

use cogsmith_tasks::{Engine, TaskSpec, every, hours, secs};

use crate::{loops::Loops, measure::Lateness};

pub(crate) const HEAD: &str = "\ndatabase    beside loops  p50 ms  p99 ms  max ms";

const CHANGES: u32 = 500;

pub(crate) async fn play(engine: &Engine, database: &str, loops: u32) -> anyhow::Result<()> {
    let _loops = Loops::begin(engine, loops, "spread").await?;
    let spec = TaskSpec::new("changed", every(hours(1)), |_| async { Ok(()) });
    let task = engine.register(spec).await?;
    let (clock, latency) = (engine.clock(), Lateness::new());
    for n in 0..CHANGES {
        let begun = clock.monotonic();
        task.change_interval(every(hours(1) + secs(n.into())))
            .await?;
        latency.note(clock.monotonic() - begun);
        clock.sleep(Duration::from_millis(10)).await;
    }
    println!(
        "{database:9} {loops:14} {:7.2} {:7.2} {:7.2}",
        latency.at(0.5),
        latency.at(0.99),
        latency.at(1.0),
    );
    Ok(())
}
