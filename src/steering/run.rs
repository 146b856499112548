//! An extra run, and how it went.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use cogsmith_tasks::{Cause, Event, EventKind, RunState, TaskHandle};
use futures_util::{StreamExt, stream};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout_at},
};

use super::{Answer, Medium, Steering, outcome::Outcome, steer::AT_ONCE};
use crate::error::Result;

/// How long the answer waits for the run to end, in real time, as the person does.
const PATIENCE: Duration = Duration::from_secs(2);

impl Steering<'_> {
    pub(super) async fn run(&self, name: &str) -> Result<Answer> {
        let target = self.find(name)?;
        let outcomes = self.run_each(&target.tasks).await;
        let is_begun = outcomes.iter().any(Result::is_ok);
        let mut answer = self.told(&target, outcomes)?;
        if is_begun {
            let change = self.by.did("task run", target.in_words());
            answer.text += self.record(change).await;
        }
        Ok(answer)
    }

    async fn run_each(&self, tasks: &[TaskHandle]) -> Vec<Outcome> {
        let mut events = self.engine.events();
        let mut seen = Seen::of(tasks);
        let orders = tasks.iter().cloned();
        let orders = orders.map(|task| async move { task.trigger_now().await });
        let mut orders = pin!(stream::iter(orders).buffered(AT_ONCE).collect::<Vec<_>>());
        let orders = loop {
            tokio::select! {
                orders = &mut orders => break orders,
                event = events.recv() => seen.note(event),
            }
        };
        let end = Instant::now() + PATIENCE;
        let begun = orders.iter().filter(|order| order.is_ok()).count();
        while seen.ended < begun
            && let Ok(event) = timeout_at(end, events.recv()).await
        {
            seen.note(event);
        }
        let outcomes = tasks.iter().zip(orders);
        outcomes
            .map(|(task, order)| order.map(|_| seen.sentence(task, self.medium)))
            .collect()
    }
}

type Key = (Arc<str>, Arc<str>);

fn key(task: &TaskHandle) -> Key {
    (task.name(), task.scope())
}

/// How far a run by hand got.
#[derive(Clone, Copy, Default)]
enum Progress {
    #[default]
    Waits,
    Runs(u64),
    Ended(RunState),
}

/// What became of runs by hand, as the engine told it.
#[derive(Default)]
struct Seen {
    runs: HashMap<Key, Progress>,
    ended: usize,
    /// Whether so much happened that some of it was not seen.
    has_gaps: bool,
}

impl Seen {
    fn of(tasks: &[TaskHandle]) -> Self {
        let runs = tasks.iter().map(|task| (key(task), Progress::Waits));
        Self {
            runs: runs.collect(),
            ..Self::default()
        }
    }

    fn note(&mut self, event: Result<Event, RecvError>) {
        let Ok(event) = event else {
            self.has_gaps = true;
            return;
        };
        let Some(progress) = self.runs.get_mut(&(event.task, event.scope)) else {
            return;
        };
        match (event.kind, *progress) {
            (
                EventKind::Claimed {
                    run,
                    cause: Cause::Manual,
                    ..
                },
                Progress::Waits,
            ) => {
                *progress = Progress::Runs(run);
            }
            (EventKind::Finished { run, state, .. }, Progress::Runs(begun)) if run == begun => {
                *progress = Progress::Ended(state);
                self.ended += 1;
            }
            _ => {}
        }
    }

    fn sentence(&self, task: &TaskHandle, medium: Medium) -> String {
        let progress = self.runs.get(&key(task)).copied().unwrap_or_default();
        match (progress, task.status().last_run_at) {
            (Progress::Ended(RunState::Ok), _) => "It has run: ok.".to_owned(),
            (Progress::Ended(state), _) => format!("It has run, and failed: {state}."),
            (Progress::Runs(_), Some(since)) => {
                format!("It runs since {}.", medium.instant(since))
            }
            _ if self.has_gaps => "Its run has begun.".to_owned(),
            _ => "It runs when the run in progress has ended.".to_owned(),
        }
    }
}
