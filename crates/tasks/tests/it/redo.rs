//! Runs that a crash cut off, and that are run again when that is asked for.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use cogsmith_tasks::{
    Cause, Gate, History, OnCrash, Overlap, Run, RunState, State, TaskSpec, every, hours, mins,
    once, secs,
};

use crate::stage::{Stage, dawn};

fn redo(spec: TaskSpec) -> TaskSpec {
    spec.on_crash(OnCrash::Redo)
}

/// A task whose first run a crash cuts off after 2 s, in a process that has not started yet.
async fn cut_off(spec: impl Fn(&Stage) -> TaskSpec) -> Stage {
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.states().await, [RunState::Running]);
    stage.crash().await;
    stage
}

#[tokio::test]
async fn a29_a_run_that_is_cut_off_is_run_again_as_the_next_attempt_when_asked() {
    let spec = |stage: &Stage| redo(stage.lasting(every(secs(10)), secs(5)));
    let stage = cut_off(spec).await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000, 10_000]);
    let runs = stage.runs().await;
    assert_eq!(
        (runs[1].slot_at, runs[1].attempt, runs[1].cause),
        (dawn(), 2, Cause::Retry)
    );
    assert_eq!(runs[0].state, RunState::Abandoned);
    let status = task.status();
    assert_eq!(
        (status.abandoned, status.loop_index, status.fails),
        (1, 1, 0)
    );
}

#[tokio::test]
async fn a29_a_crash_before_a_run_is_repeated_does_not_lose_it() {
    let spec = |stage: &Stage| redo(stage.lasting(every(secs(10)), secs(5)));
    let mut stage = cut_off(spec).await;
    for _ in 0..3 {
        stage.register(spec(&stage)).await;
        stage.crash().await;
    }
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(
        stage.states().await,
        [RunState::Abandoned, RunState::Running]
    );
    assert_eq!(task.status().abandoned, 1, "counted once");
}

#[tokio::test]
async fn a29_a_slot_that_crashes_each_time_is_given_up_after_its_attempts() {
    let spec = |stage: &Stage| redo(stage.lasting(every(hours(1)), secs(5))).retry(2);
    let mut stage = cut_off(spec).await;
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(2)).await;
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(mins(5)).await;
    assert_eq!(stage.states().await, [RunState::Abandoned; 2]);
    assert_eq!((task.status().abandoned, task.status().fails), (2, 1));
}

#[tokio::test]
async fn a29_a_one_shot_that_is_cut_off_is_run_again_when_asked() {
    let spec = |stage: &Stage| redo(stage.lasting(once(dawn()), secs(5)));
    let stage = cut_off(spec).await;
    let task = stage.register(spec(&stage)).await;
    assert_eq!(task.status().state, State::Active);
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(6)).await;
    assert_eq!(stage.states().await, [RunState::Abandoned, RunState::Ok]);
    assert_eq!(task.status().state, State::Finished);
}

#[tokio::test]
async fn slots_missed_behind_a_run_that_is_repeated_go_by_the_misfire_policy() {
    let spec = |stage: &Stage| redo(stage.lasting(every(secs(10)), secs(5)));
    let stage = cut_off(spec).await;
    stage.clock.advance(secs(60));
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(6)).await;
    let runs = stage.runs().await;
    let told: Vec<_> = runs.iter().map(|run| (run.cause, run.missed)).collect();
    assert_eq!(
        told,
        [(Cause::Schedule, 0), (Cause::Retry, 0), (Cause::CatchUp, 5)]
    );
    assert_eq!(task.status().skipped, 0);
}

#[tokio::test]
async fn a_stop_gives_up_a_run_that_was_to_be_repeated() {
    let spec = |stage: &Stage| redo(stage.lasting(every(secs(10)), secs(5)));
    let stage = cut_off(spec).await;
    let task = stage.register(spec(&stage)).await;
    task.stop().await.unwrap();
    stage.engine.start().await.unwrap();
    task.start().await.unwrap();
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
    assert_eq!(task.status().abandoned, 1);
}

#[tokio::test]
async fn a_run_can_be_repeated_only_if_every_run_is_recorded() {
    let stage = Stage::closed();
    let spec = redo(stage.quick(every(secs(1)))).history(History::Failures);
    let error = stage.engine.register(spec).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "on_crash redo of task t, expected a history of all runs, which tells what a crash cut off"
    );
}

#[tokio::test]
async fn each_of_several_runs_that_are_cut_off_has_all_its_attempts() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| {
        let clock = stage.clock.clone();
        let spec = TaskSpec::new("t", every(secs(60)), move |run: Run| {
            let is_first = run.attempt == 1;
            let nap = clock.sleep(if is_first { secs(90) } else { secs(1) });
            async move {
                if run.attempt == 2 {
                    return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
                }
                nap.await;
                Ok(())
            }
        });
        redo(spec).overlap(Overlap::Allow(2))
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(70)).await;
    stage.crash().await;
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(mins(5)).await;
    let runs = stage.runs().await;
    for slot in [dawn(), dawn() + secs(60)] {
        let attempts = runs.iter().filter(|run| run.slot_at == slot);
        let attempts: Vec<_> = attempts.map(|run| (run.attempt, run.state)).collect();
        assert_eq!(
            attempts,
            [
                (1, RunState::Abandoned),
                (2, RunState::Error),
                (3, RunState::Ok)
            ]
        );
    }
}

#[tokio::test]
async fn the_schedule_waits_for_every_run_that_is_cut_off() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| {
        let spec = stage.lasting(every(secs(60)), secs(90));
        redo(spec).overlap(Overlap::Allow(2))
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(70)).await;
    stage.crash().await;
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(mins(6)).await;
    let runs = stage.runs().await.into_iter().skip(2);
    let slots: Vec<_> = runs
        .map(|run| (run.slot_at - dawn()).num_seconds())
        .collect();
    assert_eq!(slots[..2], [0, 60]);
    assert!(slots.len() > 4, "and then goes on: {slots:?}");
}

#[tokio::test]
async fn a_run_that_is_cut_off_is_run_again_though_its_task_was_reloaded_meanwhile() {
    let gate = Gate::closed("gateway");
    gate.open();
    let spec = |stage: &Stage| redo(stage.lasting(every(hours(1)), secs(5))).needs(&gate);
    let stage = cut_off(spec).await;
    gate.close();
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.unregister("t").await;
    let task = stage.register(spec(&stage)).await;
    gate.open();
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000]);
    assert_eq!(stage.states().await, [RunState::Abandoned, RunState::Ok]);
    assert_eq!(task.status().abandoned, 1);
}

#[tokio::test]
async fn a_slot_that_is_given_up_lets_the_run_before_it_be_repeated_first() {
    let mut stage = Stage::open().await;
    let turns = Arc::new(AtomicUsize::new(0));
    let spec = |stage: &Stage| {
        let (clock, turns) = (stage.clock.clone(), turns.clone());
        let body = move |_| {
            let (nap, turn) = (clock.sleep(mins(1)), turns.fetch_add(1, SeqCst));
            async move {
                if turn == 1 {
                    return Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
                }
                nap.await;
                Ok(())
            }
        };
        let spec = redo(TaskSpec::new("t", every(secs(10)), body)).overlap(Overlap::Allow(2));
        spec.retry(2).max_fails(1)
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(15)).await;
    let cut_off = stage.runs().await;
    let attempts: Vec<_> = cut_off.iter().map(|run| (run.attempt, run.state)).collect();
    assert_eq!(
        attempts,
        [
            (1, RunState::Running),
            (1, RunState::Error),
            (2, RunState::Running)
        ]
    );
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(task.status().state, State::Active);
    stage.engine.advance(mins(2)).await;
    let runs = stage.runs().await;
    assert_eq!((runs[3].attempt, runs[3].state), (2, RunState::Ok));
    assert_eq!(runs.len(), 4);
    assert_eq!(task.status().state, State::Failed);
    stage.crash().await;
    assert_eq!(
        stage.register(spec(&stage)).await.status().state,
        State::Failed
    );
}
