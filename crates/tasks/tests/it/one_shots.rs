//! Tasks that run once, and tasks that are run by hand.

use chrono::TimeDelta;
use cogsmith_tasks::{
    Cause, EventKind, History, Misfire, Overlap, Run, RunState, State, TaskSpec, Transient, every,
    hours, manual, mins, once, secs,
};

use crate::stage::{Stage, dawn, down, slots};

#[tokio::test]
async fn a40_a_one_shot_in_ninety_days_outlives_a_restart_and_fires_once() {
    let due = dawn() + TimeDelta::days(90);
    let spec = |stage: &Stage| stage.diary.hooks(stage.quick(once(due)));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(24 * 89), spec).await;
    assert_eq!(task.next_iteration(), Some(due));
    stage.engine.advance(hours(48)).await;
    assert_eq!(
        stage.diary.times("run"),
        [(due - dawn()).num_milliseconds()]
    );
    assert_eq!(
        (task.status().state, task.next_iteration()),
        (State::Finished, None)
    );
    assert_eq!(stage.diary.words().last().unwrap(), "after finished");
    let task = down(&mut stage, hours(1), spec).await;
    assert_eq!(
        (task.status().state, slots(&stage).await.len()),
        (State::Finished, 1)
    );
}

#[tokio::test]
async fn a40_a_one_shot_that_is_cancelled_does_not_fire() {
    let stage = Stage::open().await;
    stage
        .register(stage.quick(once(dawn() + hours(1))).scope("reminder:7"))
        .await;
    let task = stage.engine.task_in("t", "reminder:7").unwrap();
    assert_eq!(task.cancel().await.unwrap().state, State::Stopped);
    stage.engine.advance(hours(2)).await;
    assert!(stage.diary.times("run").is_empty());
}

#[tokio::test]
async fn a_one_shot_that_was_missed_is_run_however_late() {
    let spec = |stage: &Stage| stage.quick(once(dawn() + hours(1)));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(24 * 30), spec).await;
    assert_eq!(
        (task.current_loop(), task.status().state),
        (1, State::Finished)
    );
    assert_eq!(stage.runs().await[0].cause, Cause::CatchUp);
}

#[tokio::test]
async fn a_one_shot_whose_instant_is_past_when_it_is_registered_is_run_now() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(once(dawn() - hours(48)))).await;
    stage.engine.settle().await;
    assert_eq!(
        (task.current_loop(), task.status().state),
        (1, State::Finished)
    );
}

#[tokio::test]
async fn a_one_shot_that_must_not_be_late_is_finished_without_a_run() {
    for history in [History::All, History::None] {
        let stage = Stage::open().await;
        let spec = stage.quick(once(dawn() - hours(1))).misfire(Misfire::Skip);
        let task = stage
            .register(stage.diary.hooks(spec.history(history)))
            .await;
        stage.engine.settle().await;
        assert_eq!(
            (task.status().missed, task.status().state),
            (1, State::Finished)
        );
        assert_eq!(stage.diary.words(), ["before", "after finished"]);
    }
}

#[tokio::test]
async fn a_one_shot_is_retried_and_fails_when_no_attempt_succeeds() {
    let stage = Stage::open().await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(hours(24))
            .into()
    };
    let task = stage
        .register(stage.diary.hooks(stage.failing(once(dawn()), 9, limited)))
        .await;
    let mut events = stage.engine.events();
    stage.engine.advance(hours(49)).await;
    assert_eq!(stage.diary.times("run"), [0, 86_400_000, 172_800_000]);
    assert!(task.failed());
    assert_eq!(stage.diary.times("error 429").len(), 3);
    assert_eq!(stage.diary.words().last().unwrap(), "after failed");
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let failed = told.filter(|event| matches!(event.kind, EventKind::Failed { .. }));
    assert_eq!(failed.count(), 1);
}

#[tokio::test]
async fn a_one_shot_runs_once_more_when_it_is_started_again() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(once(dawn() + secs(1)))).await;
    stage.engine.advance(mins(2)).await;
    task.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [1_000, 120_000]);
    assert_eq!(task.status().state, State::Finished);
}

#[tokio::test]
async fn a_one_shot_that_a_crash_cuts_off_is_not_run_again() {
    let spec = |stage: &Stage| stage.lasting(once(dawn()), mins(5));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, mins(1), spec).await;
    assert_eq!(stage.states().await, [RunState::Abandoned]);
    assert_eq!(
        (task.status().abandoned, task.status().state),
        (1, State::Failed)
    );
}

#[tokio::test]
async fn a_change_while_the_last_run_of_a_one_shot_is_live_goes_on() {
    let stage = Stage::open().await;
    let task = stage.register(stage.lasting(once(dawn()), secs(10))).await;
    stage.engine.advance(secs(5)).await;
    task.change_interval(every(mins(1))).await.unwrap();
    stage.engine.advance(secs(60)).await;
    assert_eq!(stage.diary.times("run"), [0, 60_000]);
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn a_manual_task_lives_and_runs_only_by_hand() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.diary.hooks(stage.quick(manual()));
    stage.register(spec(&stage)).await;
    stage.engine.advance(hours(1)).await;
    let task = down(&mut stage, hours(1), spec).await;
    assert_eq!(
        (task.status().state, task.next_iteration()),
        (State::Active, None)
    );
    assert!(stage.diary.times("run").is_empty());
    task.trigger_now().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [7_200_000]);
    assert!(task.is_running());
    task.stop().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.words().last().unwrap(), "after stopped");
}

#[tokio::test]
async fn a_run_by_hand_that_lasts_longer_does_not_keep_a_one_shot_active() {
    for misfire in [Misfire::Once, Misfire::Skip] {
        let stage = Stage::open().await;
        let clock = stage.clock.clone();
        let spec = TaskSpec::new("t", once(dawn() + secs(3)), move |run: Run| {
            let is_by_hand = run.cause == Cause::Manual;
            let nap = clock.sleep(if is_by_hand { secs(20) } else { secs(5) });
            async move {
                nap.await;
                Ok(())
            }
        });
        let spec = spec.overlap(Overlap::Allow(2)).misfire(misfire);
        let task = stage.register(spec.grace(secs(0))).await;
        stage.engine.advance(secs(2)).await;
        task.trigger_now().await.unwrap();
        stage.clock.advance(secs(2));
        stage.engine.advance(secs(30)).await;
        assert_eq!(task.status().state, State::Finished, "{misfire:?}");
    }
}
