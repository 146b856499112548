//! One process of a case: an engine, the task that is steered, and its neighbour.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Clock, Engine, Error, MemoryStore, OnCrash, Run, TaskHandle, TaskSpec, every, secs,
};

use super::{
    notes::Notes,
    steps::{Command, End, Plan},
    world::EXPECTED,
};
use crate::stage::ms;

/// What a crash takes away.
pub(crate) struct Process {
    pub(crate) engine: Engine,
    pub(crate) task: TaskHandle,
    pub(crate) notes: Notes,
}

impl Process {
    pub(crate) async fn boot(
        plan: &Arc<Plan>,
        store: &MemoryStore,
        clock: &Clock,
        turns: &Arc<(AtomicUsize, AtomicUsize)>,
    ) -> Self {
        let engine = Engine::new(Arc::new(store.clone()), clock.clone());
        let notes = Notes::default();
        let task = engine
            .register(spec(plan, clock, turns, &notes))
            .await
            .unwrap();
        let other = TaskSpec::new("other", every(secs(1)), |_| async { Ok(()) });
        engine.register(other).await.unwrap();
        engine.start().await.unwrap();
        engine.settle().await;
        Self {
            engine,
            task,
            notes,
        }
    }
}

fn spec(
    plan: &Arc<Plan>,
    clock: &Clock,
    turns: &Arc<(AtomicUsize, AtomicUsize)>,
    notes: &Notes,
) -> TaskSpec {
    let body = {
        let (plan, clock, turns, notes) =
            (plan.clone(), clock.clone(), turns.clone(), notes.clone());
        move |run: Run| {
            let end = plan.ends[turns.0.fetch_add(1, SeqCst) % plan.ends.len()];
            let (clock, length, notes) = (clock.clone(), ms(plan.body), notes.clone());
            async move {
                let _inside = notes.enter(&run, clock.now());
                clock.sleep(length).await;
                match end {
                    End::Ok => Ok(()),
                    End::Error => Err(anyhow::anyhow!("no")),
                    End::Panic => std::panic::resume_unwind(Box::new("no")),
                }
            }
        }
    };
    let (befores, hooks, before, after) = (
        plan.befores.clone(),
        turns.clone(),
        notes.clone(),
        notes.clone(),
    );
    let mut spec = TaskSpec::new("t", every(ms(plan.interval)), body)
        .expect_within(EXPECTED.to_std().unwrap())
        .misfire(plan.misfire)
        .first(plan.first)
        .before(move |_| {
            let succeeds = befores[hooks.1.fetch_add(1, SeqCst) % befores.len()];
            before.before(succeeds);
            async move { succeeds.then_some(()).ok_or_else(|| anyhow::anyhow!("no")) }
        })
        .after(move |_| {
            after.after();
            async { Ok(()) }
        });
    if plan.redo {
        spec = spec.on_crash(OnCrash::Redo);
    }
    if let Some(count) = plan.count {
        spec = spec.count(count);
    }
    if let Some(fails) = plan.max_fails {
        spec = spec.max_fails(fails);
    }
    spec
}

pub(crate) async fn give(
    task: &TaskHandle,
    command: Command,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    match command {
        Command::Start => task.start().await,
        Command::EnsureStarted => task.ensure_started().await,
        Command::Stop => task.stop().await,
        Command::Cancel => task.cancel().await,
        Command::Restart => task.restart().await,
        Command::Change(interval) => task.change_interval(every(ms(interval))).await,
        Command::Reset => task.reset_interval().await,
        Command::Trigger => task.trigger_now().await,
        Command::Backfill(slots) => {
            let interval = task.trigger().interval().unwrap();
            let from = now - interval * u32::from(slots);
            task.backfill(from, now, slots.into()).await
        }
    }
    .map(drop)
}
