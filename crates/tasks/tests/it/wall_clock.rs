//! Calendars on a wall clock that somebody sets, or that stood in a machine that slept.

use std::time::Duration;

use chrono::TimeDelta;
use cogsmith_tasks::{Cause, RunState, Transient, at, every, hours, mins, secs};

use crate::stage::{Stage, down, instant, open_at, slots};
#[tokio::test]
async fn a36_a_calendar_follows_a_wall_clock_that_is_set() {
    let stage = open_at("2026-06-01T08:30:00Z").await;
    let task = stage.register(stage.quick(at(["09:00", "21:00"]))).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::minutes(20));
    stage.engine.advance(mins(9)).await;
    assert!(stage.diary.times("run").is_empty());
    stage.engine.advance(mins(1)).await;
    assert_eq!(stage.diary.times("run").len(), 1, "at nine by the new wall");
    stage.clock.step_wall(TimeDelta::hours(-1));
    stage.engine.advance(hours(2)).await;
    assert_eq!(stage.diary.times("run").len(), 1, "nine has been run today");
    assert_eq!(task.next_iteration(), Some(instant("2026-06-01T21:00:00Z")));
}

#[tokio::test]
async fn a36_a_slot_that_a_step_jumps_over_is_run_late() {
    let stage = open_at("2026-06-01T08:30:00Z").await;
    stage.register(stage.quick(at(["09:00"]))).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::hours(1));
    stage.engine.settle().await;
    assert_eq!(slots(&stage).await, [instant("2026-06-01T09:00:00Z")]);
    assert_eq!(stage.runs().await[0].cause, Cause::CatchUp);
}

#[tokio::test]
async fn a36_a_clock_that_was_a_year_ahead_does_not_silence_a_calendar() {
    let stage = open_at("2027-06-01T08:30:00Z").await;
    let task = stage.register(stage.quick(at(["09:00"]))).await;
    stage.engine.advance(hours(1)).await;
    stage.clock.step_wall(TimeDelta::days(-365));
    stage.engine.settle().await;
    assert_eq!(task.next_iteration(), Some(instant("2026-06-02T09:00:00Z")));
}

#[tokio::test]
async fn a36_a_suspended_machine_makes_up_for_what_it_slept_through_by_one_run() {
    let stage = Stage::open().await;
    let interval = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(3)).await;
    stage.clock.suspend(hours(1));
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 3_603_000, 3_610_000]);
    let run = &stage.runs().await[1];
    assert_eq!((run.cause, run.missed), (Cause::CatchUp, 359));
    assert_eq!(interval.status().missed, 359);
}

#[tokio::test]
async fn a36_a_pause_before_a_retry_keeps_its_length_when_the_wall_is_set() {
    let stage = open_at("2026-06-01T12:00:00Z").await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(secs(90))
            .into()
    };
    stage
        .register(stage.failing(at(["12:00"]), 1, limited))
        .await;
    stage.engine.advance(secs(30)).await;
    stage.clock.step_wall(TimeDelta::minutes(-30));
    stage.engine.advance(secs(59)).await;
    assert_eq!(stage.states().await, [RunState::Error]);
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
}

#[tokio::test]
async fn a37_a_clock_that_is_a_day_behind_at_the_start_does_not_silence_a_calendar() {
    let spec = |stage: &Stage| stage.quick(at(["09:00"]));
    let mut stage = open_at("2026-06-01T09:00:00Z").await;
    stage.register(spec(&stage)).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::hours(-25));
    let task = down(&mut stage, Duration::ZERO, spec).await;
    assert_eq!(task.next_iteration(), Some(instant("2026-05-31T09:00:00Z")));
}
