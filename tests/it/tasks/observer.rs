//! The process that follows a killed one: an engine with the same task, on a clock that is moved.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cogsmith::store::Db;
use cogsmith_tasks::{Clock, Engine, RunRecord, Status, TaskHandle, TaskSpec, secs};
use parking_lot::Mutex;

use super::script::{Script, TASK};

/// Lines as the killed process says them.
type Diary = Arc<Mutex<Vec<String>>>;

pub(super) struct Observer {
    engine: Engine,
    task: TaskHandle,
    diary: Diary,
}

impl Observer {
    /// An engine that starts at `start`, and has done what is due then.
    pub(super) async fn start(db: &Db, script: &Script, start: DateTime<Utc>) -> Self {
        let engine = Engine::new(Arc::new(db.clone()), Clock::manual(start));
        let diary = Diary::default();
        let task = engine.register(spec(script, &diary)).await.unwrap();
        engine.start().await.unwrap();
        engine.settle().await;
        Self {
            engine,
            task,
            diary,
        }
    }

    pub(super) fn status(&self) -> Status {
        self.task.status()
    }

    pub(super) async fn watch_until(&self, end: DateTime<Utc>) {
        let duration = end - self.engine.clock().now();
        self.engine.advance(duration.to_std().unwrap()).await;
    }

    /// All runs, oldest first.
    pub(super) async fn runs(&self) -> Vec<RunRecord> {
        let mut runs = self.task.history(1_000).await.unwrap();
        runs.reverse();
        runs
    }

    /// Ends in good order; gives all that was noted.
    pub(super) async fn end(self) -> Vec<String> {
        self.engine.shut_down(secs(1)).await;
        self.diary.lock().clone()
    }
}

fn spec(script: &Script, diary: &Diary) -> TaskSpec {
    let [in_body, before, after, in_error] = std::array::from_fn(|_| diary.clone());
    let trigger = script.default_trigger.parse().unwrap();
    let spec = TaskSpec::new(TASK, trigger, move |run| {
        let slot = run.slot.timestamp_millis();
        note(&in_body, format!("run {slot} {}", run.attempt))
    });
    spec.scope(script.scope.as_str())
        .on_crash(script.on_crash())
        .before(move |_| note(&before, "before".into()))
        .after(move |_| note(&after, "after".into()))
        .on_error(move |_| note(&in_error, "error".into()))
}

fn note(diary: &Diary, line: String) -> impl Future<Output = anyhow::Result<()>> + use<> {
    diary.lock().push(line);
    std::future::ready(Ok(()))
}
