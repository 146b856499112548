//! `/task run`: an extra run, and how it went.

use std::{collections::HashMap, pin::pin, sync::Arc};

use cogsmith::{
    prelude::*,
    tasks::{Cause, Engine, Error as TaskError, Event, EventKind, RunState},
};
use futures_util::{StreamExt, stream};
use serenity::builder::CreateButton;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, timeout_at},
};

use super::{
    shown,
    steer::AT_ONCE,
    tally,
    target::{Target, label, names},
};

/// How long the answer waits for the run to end, in real time, as the person does.
const PATIENCE: Duration = Duration::from_secs(2);

/// Runs a task, or each member of a family, once, now; its schedule stays.
#[command(slash_command, owners_only, ephemeral)]
pub(super) async fn run(
    ctx: Context<'_>,
    #[description = "Which task, or which family as a whole"]
    #[autocomplete = "names"]
    name: String,
) -> Result<()> {
    let target = Target::find(ctx, &name)?;
    let runs = run_each(ctx.host().engine(), &target.tasks);
    let outcomes = runs.await;
    tally::answer(ctx, &target, outcomes, None).await
}

/// The button under a task that is shown. It goes by the number that the task has in the database.
pub(super) const RUN: CustomId<i64> = CustomId::new("task-run:{id}");

pub(super) fn button(task: &TaskHandle) -> CreateButton {
    CreateButton::new(RUN.with(task.id().0)).label("Run now")
}

/// As `/task run`, of the task of the button.
pub(super) async fn pressed(press: Press<i64>) -> Result<()> {
    let host = press.host();
    if !host.is_owner(press.user.id) {
        return Err(UserError::new("Only the bot's owner may run a task.").into());
    }
    let mut tasks = host.tasks().into_iter();
    let task = tasks.find(|task| task.id().0 == press.arguments);
    let task = task.ok_or_else(|| UserError::new("This task is gone."))?;
    let task = task.by(format!("user {}", press.user.id));
    let run = run_each(host.engine(), std::slice::from_ref(&task)).await;
    let run = run.into_iter().next().unwrap_or(Err(TaskError::ShutDown));
    let done = run.map_err(|error| tally::told(&label(&task), error))?;
    let reply = Reply::from(done).embed(shown::task(&task.status()));
    press.update(reply.buttons([button(&task)])).await
}

async fn run_each(engine: &Engine, tasks: &[TaskHandle]) -> Vec<Result<String, TaskError>> {
    let mut events = engine.events();
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
        .map(|(task, order)| order.map(|_| seen.sentence(task)))
        .collect()
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

    fn sentence(&self, task: &TaskHandle) -> String {
        let progress = self.runs.get(&key(task)).copied().unwrap_or_default();
        match (progress, task.status().last_run_at) {
            (Progress::Ended(RunState::Ok), _) => "It has run: ok.".to_owned(),
            (Progress::Ended(state), _) => format!("It has run, and failed: {state}."),
            (Progress::Runs(_), Some(since)) => {
                format!("It runs since <t:{}:R>.", since.timestamp())
            }
            _ if self.has_gaps => "Its run has begun.".to_owned(),
            _ => "It runs when the run in progress has ended.".to_owned(),
        }
    }
}
