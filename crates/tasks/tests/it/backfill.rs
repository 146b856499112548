//! Past slots that somebody asks for.

use cogsmith_tasks::{
    Cause, Error, EventKind, Misfire, Overlap, RunState, State, at, every, hours, mins, secs,
};

use crate::stage::{Stage, dawn, ms};

#[tokio::test]
async fn a_backfill_runs_past_slots_one_after_the_other() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(hours(1)), secs(2));
    let task = stage.register(spec).await;
    stage.engine.advance(secs(2)).await;
    let from = dawn() - hours(3) - mins(30);
    let status = task.backfill(from, dawn(), 3).await.unwrap();
    assert_eq!(
        (status.backfill_left, status.next_run_at),
        (2, Some(dawn() + hours(1)))
    );
    stage.engine.advance(secs(20)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000, 4_000, 6_000]);
    let slots: Vec<_> = stage
        .runs()
        .await
        .iter()
        .skip(1)
        .map(|run| run.slot_at)
        .collect();
    assert_eq!(
        slots,
        [dawn() - hours(3), dawn() - hours(2), dawn() - hours(1)]
    );
    let status = task.status();
    assert_eq!((status.backfill_left, status.loop_index), (0, 1));
}

#[tokio::test]
async fn a_backfill_of_a_calendar_goes_by_its_zone() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(at(["09:00 in America/New_York"])))
        .await;
    stage.engine.advance(hours(24 * 9)).await;
    let scheduled = stage.runs().await.len();
    let (from, to) = (dawn() + hours(24 * 6), dawn() + hours(24 * 8 - 1));
    task.backfill(from, to, 10).await.unwrap();
    stage.engine.settle().await;
    let runs = stage.runs().await.split_off(scheduled);
    let slots: Vec<_> = runs.iter().map(|run| run.slot_at.to_rfc3339()).collect();
    assert_eq!(
        slots,
        ["2026-03-07T14:00:00+00:00", "2026-03-08T13:00:00+00:00"]
    );
}

#[tokio::test]
async fn the_schedule_goes_before_a_backfill_and_is_not_skipped_for_it() {
    for misfire in [Misfire::Once, Misfire::Skip, Misfire::All(3)] {
        the_schedule_goes_before_a_backfill(misfire).await;
    }
}

async fn the_schedule_goes_before_a_backfill(misfire: Misfire) {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(10)), secs(4))
        .overlap(Overlap::Skip);
    let task = stage.register(spec.misfire(misfire)).await;
    stage.engine.advance(secs(9)).await;
    task.backfill(dawn() - hours(1), dawn() - mins(1), 4)
        .await
        .unwrap();
    stage.engine.advance(secs(30)).await;
    let causes: Vec<_> = stage.runs().await.iter().map(|run| run.cause).collect();
    assert_eq!(
        causes[..5],
        [
            Cause::Schedule,
            Cause::Backfill,
            Cause::CatchUp,
            Cause::Backfill,
            Cause::Schedule
        ]
    );
    assert_eq!((task.status().skipped, task.status().missed), (0, 0));
}

#[tokio::test]
async fn a_backfill_goes_on_after_a_crash() {
    let mut stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(hours(1)), secs(2)))
        .await;
    stage.engine.advance(secs(2)).await;
    task.backfill(dawn() - hours(5), dawn(), 4).await.unwrap();
    stage.engine.advance(secs(3)).await;
    stage.crash().await;
    let task = stage
        .register(stage.lasting(every(hours(1)), secs(2)))
        .await;
    assert_eq!(task.status().backfill_left, 2);
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(9)).await;
    let backfilled: Vec<_> = stage
        .runs()
        .await
        .iter()
        .filter(|run| run.cause == Cause::Backfill)
        .map(|run| ((dawn() - run.slot_at).num_hours(), run.state))
        .collect();
    assert_eq!(
        backfilled,
        [
            (5, RunState::Ok),
            (4, RunState::Abandoned),
            (3, RunState::Ok),
            (2, RunState::Ok)
        ]
    );
}

#[tokio::test]
async fn a_backfill_of_a_stopped_task_does_not_wake_it_and_a_stop_ends_it() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(hours(1)), secs(2)))
        .await;
    stage.engine.advance(secs(2)).await;
    task.stop().await.unwrap();
    task.backfill(dawn() - hours(9), dawn(), 9).await.unwrap();
    stage.engine.advance(secs(3)).await;
    let status = task.stop().await.unwrap();
    assert_eq!((status.state, status.backfill_left), (State::Stopped, 0));
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000, 4_000]);
}

#[tokio::test]
async fn a_backfilled_run_that_fails_is_told_and_not_retried() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(hours(1)), 1, || {
        std::io::Error::from(std::io::ErrorKind::TimedOut).into()
    });
    let spec = stage.diary.hooks(spec).auto_start(false);
    let task = stage.register(spec).await;
    task.backfill(dawn() - hours(2), dawn(), 3).await.unwrap();
    stage.engine.advance(mins(10)).await;
    assert_eq!(
        stage.states().await,
        [RunState::Error, RunState::Ok, RunState::Ok]
    );
    assert_eq!(stage.diary.times("error timed out"), [0]);
    assert_eq!(task.status().fails, 0);
}

#[tokio::test]
async fn a_backfill_of_slots_that_there_are_not_changes_nothing() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(at(["12:00"]))).await;
    stage.engine.advance(ms(1)).await;
    let mut events = stage.engine.events();
    for (from, to, max) in [
        (dawn() + hours(1), dawn() + hours(2), 5),
        (dawn(), dawn() - hours(30), 5),
        (dawn() - hours(30), dawn(), 0),
        (dawn() - hours(30), dawn(), 10_001),
        (dawn() - hours(2), dawn(), 5),
    ] {
        let error = task.backfill(from, to, max).await.unwrap_err();
        assert!(matches!(error, Error::BadBackfill { .. }), "{error}");
    }
    assert!(events.try_recv().is_err());
    assert_eq!(task.status().backfill_left, 0);
    let told = task
        .backfill(dawn(), dawn() - hours(30), 5)
        .await
        .unwrap_err();
    assert_eq!(
        told.to_string(),
        "backfill of task t from 2026-03-01 06:00:00 UTC to 2026-02-28 00:00:00 UTC, at most 5 slots: \
         expected a span of the past, its beginning first"
    );
}

#[tokio::test]
async fn missed_slots_are_told_apart_from_backfilled_ones() {
    let mut stage = Stage::open().await;
    stage
        .register(stage.quick(every(hours(1))).misfire(Misfire::Skip))
        .await;
    stage.engine.advance(secs(1)).await;
    stage.crash().await;
    stage.clock.advance(hours(3) + mins(30));
    let task = stage
        .register(stage.quick(every(hours(1))).misfire(Misfire::Skip))
        .await;
    let mut events = stage.engine.events();
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    task.backfill(dawn() + hours(1), dawn() + hours(3), 9)
        .await
        .unwrap();
    stage.engine.settle().await;
    let claimed = std::iter::from_fn(|| events.try_recv().ok());
    let causes: Vec<_> = claimed
        .filter_map(|event| match event.kind {
            EventKind::Claimed { cause, .. } => Some(cause),
            _ => None,
        })
        .collect();
    assert_eq!(causes, [Cause::Backfill; 3]);
    assert_eq!(task.status().missed, 3);
}
