//! Tasks that are steered while their code is not there.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{
    Engine, Error, First, NoPulse, OnCrash, RunState, State, TaskHandle, TaskSpec, every, hours,
    manual, mins, once, secs,
};

use crate::stage::{Stage, dawn};

/// An engine on the same store that has no code.
async fn without_code(stage: &Stage) -> (Engine, TaskHandle) {
    let store = Arc::new(stage.store.clone());
    let engine = Engine::builder(store, stage.clock.clone())
        .pulse(NoPulse)
        .build();
    engine.adopt().await.unwrap();
    let task = engine.task("t").unwrap();
    (engine, task)
}

/// Kills the process, steers the task without its code, lets `down` pass, and brings the code back.
async fn steered(
    stage: &mut Stage,
    down: Duration,
    spec: impl Fn(&Stage) -> TaskSpec,
    steer: impl AsyncFn(&TaskHandle),
) -> TaskHandle {
    stage.engine.settle().await;
    stage.engine.kill().await;
    let (resting, task) = without_code(stage).await;
    steer(&task).await;
    resting.shut_down(secs(1)).await;
    stage.clock.advance(down);
    stage.crash().await;
    let task = stage.register(spec(stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    task
}

fn hourly(stage: &Stage) -> TaskSpec {
    stage.quick(every(hours(1)))
}

#[tokio::test]
async fn what_is_stopped_without_its_code_stays_stopped_and_starts_again() {
    let mut stage = Stage::open().await;
    stage.register(hourly(&stage)).await;
    let stop = async |task: &TaskHandle| {
        let status = task.by("uid 7").stop().await.unwrap();
        assert_eq!(status.changed_from, Some(State::Active));
    };
    let task = steered(&mut stage, mins(90), hourly, stop).await;
    assert_eq!(task.status().state, State::Stopped);
    assert_eq!(task.status().updated_by.as_deref(), Some("uid 7"));
    assert_eq!(stage.diary.times("run").len(), 1, "before the crash");

    let start = async |task: &TaskHandle| drop(task.ensure_started().await.unwrap());
    let task = steered(&mut stage, mins(10), hourly, start).await;
    let next = task.status().next_run_at.unwrap();
    assert_eq!(next - dawn(), chrono::TimeDelta::hours(2), "on its rhythm");
}

#[tokio::test]
async fn the_first_slot_of_a_life_that_began_without_its_code_follows_the_policy() {
    for (first, expected) in [
        (First::Now, 120),
        (First::AfterInterval, 180),
        (First::Rhythm, 120),
    ] {
        let mut stage = Stage::open().await;
        let spec = |stage: &Stage| hourly(stage).first(first).auto_start(false);
        stage.register(spec(&stage)).await;
        let start = async |task: &TaskHandle| {
            let status = task.restart().await.unwrap();
            assert_eq!((status.state, status.next_run_at), (State::Active, None));
        };
        let task = steered(&mut stage, hours(2), spec, start).await;
        let status = task.status();
        let first = status.last_run_at.or(status.next_run_at).unwrap();
        assert_eq!((first - dawn()).num_minutes(), expected);
    }
}

#[tokio::test]
async fn an_interval_that_is_set_without_the_code_holds_and_is_reset() {
    let mut stage = Stage::open().await;
    stage.register(hourly(&stage)).await;
    let change = async |task: &TaskHandle| {
        let status = task.change_interval(every(mins(20))).await.unwrap();
        assert_eq!(status.default_trigger, every(hours(1)));
        assert!(status.next_run_at.is_some());
    };
    let task = steered(&mut stage, mins(5), hourly, change).await;
    assert_eq!(task.trigger(), every(mins(20)));
    stage.engine.advance(mins(40)).await;
    let minutes: Vec<_> = stage
        .diary
        .times("run")
        .iter()
        .map(|at| at / 60_000)
        .collect();
    assert_eq!(minutes, [0, 20, 40]);
    let reset = async |task: &TaskHandle| drop(task.reset_interval().await.unwrap());
    let task = steered(&mut stage, mins(1), hourly, reset).await;
    assert_eq!(task.trigger(), every(hours(1)));
}

#[tokio::test]
async fn a_reminder_that_is_stopped_and_started_without_its_code_comes() {
    let mut stage = Stage::open().await;
    let at = dawn() + chrono::TimeDelta::hours(1);
    let spec = |stage: &Stage| stage.quick(once(at));
    stage.register(spec(&stage)).await;
    let again = async |task: &TaskHandle| {
        task.stop().await.unwrap();
        task.start().await.unwrap();
    };
    let task = steered(&mut stage, mins(5), spec, again).await;
    assert_eq!(task.status().state, State::Active);
    stage.engine.advance(hours(1)).await;
    assert_eq!(stage.diary.times("run"), [3_600_000]);
}

#[tokio::test]
async fn what_needs_the_code_is_refused_and_nothing_runs() {
    let stage = Stage::open().await;
    stage.register(hourly(&stage)).await;
    stage.engine.settle().await;
    stage.engine.kill().await;
    let (engine, task) = without_code(&stage).await;
    for refused in [task.cancel().await, task.trigger_now().await] {
        assert!(matches!(refused, Err(Error::NoCode { task }) if &*task == "t"));
    }
    engine.start().await.unwrap();
    engine.advance(hours(5)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert_eq!(task.history(9).await.unwrap().len(), 1);
    let again = engine.adopt().await;
    assert!(again.is_ok() && engine.tasks().len() == 1);
}

#[tokio::test]
async fn what_a_crash_cut_off_is_left_to_whoever_has_the_code() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| {
        let spec = stage.lasting(every(hours(1)), mins(5));
        spec.on_crash(OnCrash::Redo).retry(3)
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(mins(1)).await;
    let look = async |task: &TaskHandle| {
        assert_eq!(task.status().abandoned, 0, "not accounted for");
        assert_eq!(task.history(9).await.unwrap()[0].state, RunState::Abandoned);
    };
    steered(&mut stage, mins(1), spec, look).await;
    stage.engine.advance(mins(6)).await;
    assert_eq!(stage.states().await, [RunState::Abandoned, RunState::Ok]);
}

#[tokio::test]
async fn a_manual_task_that_is_restarted_without_its_code_waits() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(manual());
    stage.register(spec(&stage)).await;
    let start = async |task: &TaskHandle| drop(task.restart().await.unwrap());
    let task = steered(&mut stage, mins(1), spec, start).await;
    let state = (task.status().state, task.next_iteration());
    assert_eq!(state, (State::Active, None));
}
