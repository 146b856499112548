//! Many tasks that are due at once: how fast claims and ends are written.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use cogsmith_tasks::{Engine, Run, TaskSpec, once};
use tokio::sync::mpsc;

pub(crate) const HEAD: &str = "\ndatabase    tasks  claims ms  claims/s  all ms  runs/s";

/// Long enough to register everything before it is due.
const AHEAD: TimeDelta = TimeDelta::milliseconds(1_500);

pub(crate) async fn play(engine: &Engine, database: &str, count: u32) -> anyhow::Result<()> {
    let (begun, mut begins) = mpsc::unbounded_channel();
    let (clock, begun) = (engine.clock().clone(), Arc::new(begun));
    let ahead = AHEAD + TimeDelta::milliseconds(i64::from(count));
    let instant = clock.now() + ahead;
    for n in 0..count {
        let (clock, begun) = (clock.clone(), begun.clone());
        let body = move |_: Run| {
            let sent = begun.send(clock.monotonic());
            async move { Ok(sent?) }
        };
        let spec = TaskSpec::new(format!("burst.{n}"), once(instant), body);
        engine.register(spec).await?;
    }
    engine.start().await?;
    clock.sleep_until(instant).await;
    let due = clock.monotonic();
    let mut last = due;
    for _ in 0..count {
        // A body begins when its claim is in the database, so the last one tells when all are.
        last = begins.recv().await.unwrap_or(last);
    }
    engine.settle().await;
    let (claims, all) = (last.saturating_sub(due), clock.monotonic() - due);
    println!(
        "{database:9} {count:7} {:10.1} {:9.0} {:7.1} {:7.0}",
        millis(claims),
        f64::from(count) / claims.as_secs_f64(),
        millis(all),
        f64::from(count) / all.as_secs_f64(),
    );
    Ok(())
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
