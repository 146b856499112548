//! A stage for one play: an engine on a memory store, a manual clock, and a diary of what happened.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Clock, Engine, Failure, MemoryStore, Run, RunRecord, RunState, TaskHandle, TaskSpec, Trigger,
};
use parking_lot::Mutex;

/// Where every play begins.
pub(crate) fn dawn() -> DateTime<Utc> {
    "2026-03-01T06:00:00Z".parse().unwrap()
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) struct Stage {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Clock,
    pub(crate) engine: Engine,
    pub(crate) diary: Diary,
}

/// What happened, each entry with the milliseconds since dawn.
#[derive(Clone)]
pub(crate) struct Diary {
    clock: Clock,
    entries: Arc<Mutex<Vec<(i64, String)>>>,
}

impl Stage {
    /// An engine that has started.
    pub(crate) async fn open() -> Self {
        let stage = Self::closed();
        stage.engine.start().await.unwrap();
        stage
    }

    /// An engine that has not started.
    pub(crate) fn closed() -> Self {
        let clock = Clock::manual(dawn());
        let store = MemoryStore::new();
        let engine = Engine::new(Arc::new(store.clone()), clock.clone());
        let diary = Diary {
            clock: clock.clone(),
            entries: Arc::default(),
        };
        Self {
            store,
            clock,
            engine,
            diary,
        }
    }

    /// Ends the engine as a crash would and makes another on the same store; it has not started.
    pub(crate) async fn crash(&mut self) {
        self.engine.kill().await;
        self.engine = Engine::new(Arc::new(self.store.clone()), self.clock.clone());
    }

    /// A task named `t` whose body notes `run` and takes no time.
    pub(crate) fn quick(&self, trigger: Trigger) -> TaskSpec {
        self.lasting(trigger, Duration::ZERO)
    }

    /// A task named `t` whose body notes `run`, takes `duration`, and then notes `end`.
    pub(crate) fn lasting(&self, trigger: Trigger, duration: Duration) -> TaskSpec {
        let (diary, clock) = (self.diary.clone(), self.clock.clone());
        TaskSpec::new("t", trigger, move |_| {
            let (diary, clock) = (diary.clone(), clock.clone());
            async move {
                diary.note("run");
                if !duration.is_zero() {
                    clock.sleep(duration).await;
                    diary.note("end");
                }
                Ok(())
            }
        })
    }

    /// A task named `t` that fails with `error` in its first `times` runs and attempts.
    pub(crate) fn failing(
        &self,
        trigger: Trigger,
        times: usize,
        error: impl Fn() -> anyhow::Error + Send + Sync + 'static,
    ) -> TaskSpec {
        let diary = self.diary.clone();
        let left = Arc::new(Mutex::new(times));
        TaskSpec::new("t", trigger, move |_| {
            diary.note("run");
            let mut left = left.lock();
            let result = if *left > 0 { Err(error()) } else { Ok(()) };
            *left = left.saturating_sub(1);
            async move { result }
        })
    }

    pub(crate) async fn register(&self, spec: TaskSpec) -> TaskHandle {
        self.engine.register(spec).await.unwrap()
    }

    /// The states of all runs of `t`, oldest first.
    pub(crate) async fn states(&self) -> Vec<RunState> {
        let runs = self.runs().await;
        runs.iter().map(|run| run.state).collect()
    }

    /// All runs of `t`, oldest first.
    pub(crate) async fn runs(&self) -> Vec<RunRecord> {
        let mut runs = self.engine.history("t", 1_000).await.unwrap();
        runs.reverse();
        runs
    }
}

impl Diary {
    pub(crate) fn note(&self, what: impl Into<String>) {
        let at = (self.clock.now() - dawn()).num_milliseconds();
        self.entries.lock().push((at, what.into()));
    }

    /// Everything so far.
    pub(crate) fn read(&self) -> Vec<(i64, String)> {
        self.entries.lock().clone()
    }

    /// When `what` was noted.
    pub(crate) fn times(&self, what: &str) -> Vec<i64> {
        let entries = self.entries.lock();
        entries
            .iter()
            .filter(|(_, noted)| noted == what)
            .map(|(at, _)| *at)
            .collect()
    }

    /// What was noted, without the times.
    pub(crate) fn words(&self) -> Vec<String> {
        self.entries
            .lock()
            .iter()
            .map(|(_, noted)| noted.clone())
            .collect()
    }

    /// All three hooks, which note their names, the `after` hook with its reason.
    pub(crate) fn hooks(&self, spec: TaskSpec) -> TaskSpec {
        let (before, after, error) = (self.clone(), self.clone(), self.clone());
        spec.before(move |_| before.done("before".into()))
            .after(move |run: Run| after.done(format!("after {}", run.ended.unwrap())))
            .on_error(move |failure: Failure| error.done(format!("error {:#}", failure.error)))
    }

    fn done(&self, what: String) -> impl Future<Output = anyhow::Result<()>> + use<> {
        let diary = self.clone();
        async move {
            diary.note(what);
            Ok(())
        }
    }
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The slots of all runs of `t`, oldest first.
pub(crate) async fn slots(stage: &Stage) -> Vec<DateTime<Utc>> {
    stage.runs().await.iter().map(|run| run.slot_at).collect()
}

/// An engine that has started at `start`.
pub(crate) async fn open_at(start: &str) -> Stage {
    let stage = Stage::closed();
    stage.clock.step_wall(instant(start) - dawn());
    stage.engine.start().await.unwrap();
    stage
}

/// Kills the process, lets `down` pass, and brings the task back.
pub(crate) async fn down(
    stage: &mut Stage,
    down: Duration,
    spec: impl Fn(&Stage) -> TaskSpec,
) -> TaskHandle {
    stage.engine.settle().await;
    stage.engine.kill().await;
    stage.clock.advance(down);
    stage.crash().await;
    let task = stage.register(spec(stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    task
}
