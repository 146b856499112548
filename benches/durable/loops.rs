//! Loops of one second: lateness from slot to body, CPU per fire, memory.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{Engine, Run, TaskHandle, TaskSpec, every, secs};

use crate::measure::{Lateness, cpu, resident};

pub(crate) const HEAD: &str =
    "database    loops  slots     fires  p50 ms  p99 ms  max ms  us/fire    MiB  lost";

/// Loops that are being measured.
pub(crate) struct Loops<'a> {
    engine: &'a Engine,
    lateness: Arc<Lateness>,
}

pub(crate) async fn play(
    engine: &Engine,
    database: &str,
    count: u32,
    slots: &str,
    length: Duration,
) -> anyhow::Result<()> {
    let loops = Loops::begin(engine, count, slots).await?;
    loops.lateness.clear();
    let (lost, before) = (loops.lost(), cpu()?);
    engine.clock().sleep(length).await;
    let spent = cpu()? - before;
    let (lateness, fires) = (&loops.lateness, loops.lateness.fires());
    println!(
        "{database:9} {count:7}  {slots:8} {fires:6} {:7.2} {:7.2} {:7.2} {:8.2} {:6.1} {:5}",
        lateness.at(0.5),
        lateness.at(0.99),
        lateness.at(1.0),
        spent.as_secs_f64() * 1e6 / f64::from(fires),
        resident()?,
        loops.lost() - lost,
    );
    Ok(())
}

impl<'a> Loops<'a> {
    /// Begins `count` loops and lets them settle.
    pub(crate) async fn begin(engine: &'a Engine, count: u32, slots: &str) -> anyhow::Result<Self> {
        let lateness = Arc::new(Lateness::new());
        let loops = Self { engine, lateness };
        match slots {
            "spread" => loops.begin_spread(count).await?,
            _ => loops.begin_together(count).await?,
        }
        engine.clock().sleep(Duration::from_millis(2_500)).await;
        Ok(loops)
    }

    /// Registering takes longer than a second when there are many, and spreads them too.
    async fn begin_spread(&self, count: u32) -> anyhow::Result<()> {
        self.engine.start().await?;
        let begin = self.engine.clock().monotonic();
        for n in 0..count {
            let phase = secs(1).mul_f64(f64::from(n) / f64::from(count));
            self.engine
                .clock()
                .sleep_until_monotonic(begin + phase)
                .await;
            self.register(n).await?;
        }
        Ok(())
    }

    async fn begin_together(&self, count: u32) -> anyhow::Result<()> {
        for n in 0..count {
            self.register(n).await?;
        }
        Ok(self.engine.start().await?)
    }

    /// A loop whose body does nothing but note how late it is.
    async fn register(&self, n: u32) -> anyhow::Result<()> {
        let (clock, lateness) = (self.engine.clock().clone(), self.lateness.clone());
        let body = move |run: Run| {
            lateness.note((clock.now() - run.slot).to_std().unwrap_or_default());
            std::future::ready(Ok(()))
        };
        let spec = TaskSpec::new(format!("loop.{n}"), every(secs(1)), body);
        self.engine.register(spec).await?;
        Ok(())
    }

    /// Slots without a run so far.
    fn lost(&self) -> u64 {
        let tasks = self.engine.tasks();
        let status = tasks.iter().map(TaskHandle::status);
        status.map(|status| status.missed + status.skipped).sum()
    }
}
