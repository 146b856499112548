//! Misfire, overlap, retry, timeout, and when a task gives up.

use std::io;

use chrono::TimeDelta;
use cogsmith_tasks::{
    Cause, EventKind, History, Misfire, RunState, State, TaskSpec, Transient, every, hours, mins,
    secs,
};

use crate::stage::{Stage, dawn, ms};

fn reset() -> anyhow::Error {
    io::Error::from(io::ErrorKind::ConnectionReset).into()
}

#[tokio::test]
async fn a19_slots_that_come_during_a_run_are_skipped_and_counted() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(ms(500)), ms(2_200)))
        .await;
    stage.engine.advance(ms(2_600)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_500]);
    assert_eq!(task.status().skipped, 4);
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a24_a_transient_failure_is_retried_within_its_slot() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.failing(every(mins(10)), 2, reset))
        .await;
    stage.engine.advance(mins(1)).await;
    let runs = stage.runs().await;
    let attempts: Vec<_> = runs
        .iter()
        .map(|run| (run.slot_at, run.attempt, run.state))
        .collect();
    let expected = [
        (dawn(), 1, RunState::Error),
        (dawn(), 2, RunState::Error),
        (dawn(), 3, RunState::Ok),
    ];
    assert_eq!(attempts, expected);
    assert_eq!(runs[1].cause, Cause::Retry);
    assert!(runs[1].started_at - runs[0].started_at <= TimeDelta::seconds(1));
    assert!(runs[2].started_at - runs[1].started_at <= TimeDelta::seconds(2));
    assert_eq!((task.current_loop(), task.status().fails), (1, 0));
}

#[tokio::test]
async fn an_error_that_will_not_pass_is_not_retried() {
    let stage = Stage::open().await;
    stage
        .register(stage.failing(every(mins(10)), 9, || anyhow::anyhow!("no such guild")))
        .await;
    stage.engine.advance(mins(9)).await;
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a_caller_can_name_further_errors_that_pass() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(mins(10)), 1, || anyhow::anyhow!("503"));
    stage
        .register(spec.retry_if(|error| error.to_string() == "503"))
        .await;
    stage.engine.advance(mins(9)).await;
    assert_eq!(stage.diary.times("run").len(), 2);
}

#[tokio::test]
async fn a_retry_waits_as_long_as_the_error_asks() {
    let stage = Stage::open().await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(secs(90))
            .into()
    };
    stage
        .register(stage.failing(every(mins(10)), 1, limited))
        .await;
    stage.engine.advance(mins(9)).await;
    assert_eq!(stage.diary.times("run"), [0, 90_000]);
}

#[tokio::test]
async fn a25_a_retry_that_would_pass_the_next_slot_is_not_made() {
    let stage = Stage::open().await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(secs(10))
            .into()
    };
    let task = stage
        .register(stage.failing(every(secs(10)), 1, limited))
        .await;
    stage.engine.advance(secs(11)).await;
    let runs = stage.runs().await;
    let slots: Vec<_> = runs.iter().map(|run| (run.slot_at, run.attempt)).collect();
    assert_eq!(slots, [(dawn(), 1), (dawn() + secs(10), 1)]);
    assert_eq!(task.status().fails, 0);
}

#[tokio::test]
async fn a26_a_slot_far_from_the_next_is_retried_after_the_back_off_not_at_the_next_slot() {
    let stage = Stage::open().await;
    stage
        .register(stage.failing(every(hours(24)), 1, reset))
        .await;
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
}

#[tokio::test]
async fn a27_a_body_that_takes_too_long_is_ended_on_time() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(1)), secs(1))
        .timeout(ms(100))
        .retry(1);
    stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(ms(1_500)).await;
    let runs = stage.runs().await;
    assert_eq!(runs[0].state, RunState::Timeout);
    assert_eq!(runs[0].finished_at, Some(dawn() + ms(100)));
    assert_eq!(runs[1].slot_at, dawn() + secs(1));
    assert_eq!(
        stage.diary.times("error took longer than 100ms"),
        [100, 1_100]
    );
    assert!(stage.diary.times("end").is_empty());
}

#[tokio::test]
async fn a28_too_many_failures_in_a_row_fail_the_task_once() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(secs(1)), 99, || anyhow::anyhow!("no"))
        .max_fails(3);
    let task = stage.register(stage.diary.hooks(spec)).await;
    let mut events = stage.engine.events();
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
    assert!(task.failed());
    assert_eq!(stage.diary.words().last().unwrap(), "after failed");
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let failed = told.filter(|event| matches!(event.kind, EventKind::Failed { fails: 3 }));
    assert_eq!(failed.count(), 1);
}

#[tokio::test]
async fn a28_a_success_in_between_starts_the_count_anew() {
    let stage = Stage::open().await;
    let diary = stage.diary.clone();
    let spec = TaskSpec::new("t", every(secs(1)), move |_| {
        diary.note("run");
        let n = diary.times("run").len();
        async move {
            anyhow::ensure!(n % 3 == 0, "no");
            Ok(())
        }
    });
    let task = stage.register(spec.max_fails(3)).await;
    stage.engine.advance(secs(30)).await;
    assert_eq!(task.status().state, State::Active);
}

/// A task that ran at dawn, and whose process was down for the next three slots.
async fn after_three_missed(misfire: Misfire) -> (Stage, cogsmith_tasks::TaskHandle) {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(every(secs(10))).misfire(misfire);
    stage.register(spec(&stage)).await;
    stage.engine.settle().await;
    stage.engine.kill().await;
    stage.clock.advance(secs(35));
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(6)).await;
    (stage, task)
}

#[tokio::test]
async fn a34_missed_slots_are_made_up_for_by_one_run() {
    let (stage, task) = after_three_missed(Misfire::Once).await;
    assert_eq!(stage.diary.times("run"), [0, 35_000, 40_000]);
    assert_eq!(task.status().missed, 2);
    let run = &stage.runs().await[1];
    assert_eq!((run.cause, run.missed), (Cause::CatchUp, 2));
    assert_eq!(run.slot_at, dawn() + secs(30));
}

#[tokio::test]
async fn a34_missed_slots_are_counted_when_they_are_not_made_up_for() {
    let (stage, task) = after_three_missed(Misfire::Skip).await;
    assert_eq!(stage.diary.times("run"), [0, 40_000]);
    assert_eq!(task.status().missed, 3);
    let note = &stage.runs().await[1];
    assert_eq!((note.state, note.missed), (RunState::Skipped, 3));
}

#[tokio::test]
async fn a34_as_many_missed_slots_are_made_up_for_as_allowed_oldest_first() {
    let (stage, task) = after_three_missed(Misfire::All(2)).await;
    assert_eq!(stage.diary.times("run"), [0, 35_000, 35_000, 40_000]);
    assert_eq!(task.status().missed, 1);
    let slots: Vec<_> = stage
        .runs()
        .await
        .iter()
        .map(|run| run.slot_at - dawn())
        .collect();
    assert_eq!(slots, [0, 20, 30, 40].map(TimeDelta::seconds));
}

#[tokio::test]
async fn missed_slots_are_made_up_for_one_after_the_other() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(10)), secs(1))
        .misfire(Misfire::All(9));
    let task = stage.register(spec).await;
    stage.engine.advance(secs(5)).await;
    stage.clock.advance(secs(30));
    stage.engine.advance(secs(10)).await;
    assert_eq!(
        stage.diary.times("run"),
        [0, 35_000, 36_000, 37_000, 40_000]
    );
    assert_eq!((task.status().missed, task.status().skipped), (0, 0));
}

#[tokio::test]
async fn a35_slots_older_than_the_window_are_only_counted() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(every(hours(1))).catch_up_window(mins(10));
    stage.register(spec(&stage)).await;
    stage.engine.settle().await;
    stage.engine.kill().await;
    stage.clock.advance(hours(2) + mins(30));
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert_eq!(task.status().missed, 2);
    let runs = stage.runs().await;
    assert_eq!(
        (runs.len(), runs[1].state, runs[1].missed),
        (2, RunState::Skipped, 2)
    );
    assert_eq!(task.next_iteration(), Some(dawn() + hours(3)));
}

#[tokio::test]
async fn a_stall_does_not_end_in_a_burst() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(ms(100)))).await;
    stage.engine.settle().await;
    stage.clock.advance(hours(1));
    stage.engine.advance(ms(250)).await;
    assert_eq!(
        stage.diary.times("run"),
        [0, 3_600_000, 3_600_100, 3_600_200]
    );
    assert_eq!(task.status().missed, 35_999);
}

#[tokio::test]
async fn only_failures_are_recorded_when_asked() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(1)), 2, || anyhow::anyhow!("no"));
    let task = stage.register(spec.history(History::Failures)).await;
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Error]);
    assert_eq!(task.status().runs_total, 10);
}
