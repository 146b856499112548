//! When slots are, and what happens when the interval or the clock changes.

use std::time::Duration;

use chrono::TimeDelta;
use cogsmith_tasks::{Error, First, Phase, State, every, hours, mins, secs};

use crate::stage::{Stage, dawn, ms};

#[tokio::test]
async fn a01_the_first_body_is_at_once_and_then_on_the_grid() {
    let stage = Stage::open().await;
    stage.register(stage.quick(every(secs(1)))).await;
    stage.engine.advance(ms(3_500)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000, 3_000]);
}

#[tokio::test]
async fn a01_the_first_body_is_after_an_interval_when_asked() {
    let stage = Stage::open().await;
    stage
        .register(stage.quick(every(secs(1))).first(First::AfterInterval))
        .await;
    stage.engine.advance(ms(3_500)).await;
    assert_eq!(stage.diary.times("run"), [1_000, 2_000, 3_000]);
}

#[tokio::test]
async fn the_first_body_is_at_once_at_every_start_when_asked() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(10))).first(First::Now))
        .await;
    stage.engine.advance(secs(3)).await;
    task.restart().await.unwrap();
    stage.engine.advance(secs(12)).await;
    assert_eq!(stage.diary.times("run"), [0, 3_000, 13_000]);
}

#[tokio::test]
async fn a_stopped_task_keeps_its_rhythm() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(12)).await;
    task.stop().await.unwrap();
    stage.engine.advance(secs(25)).await;
    task.start().await.unwrap();
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000, 40_000]);
    assert_eq!(
        task.status().missed,
        0,
        "nobody misses the slots of a stopped task"
    );
}

#[tokio::test]
async fn slow_bodies_do_not_move_the_grid() {
    let stage = Stage::open().await;
    stage.register(stage.lasting(every(secs(1)), ms(300))).await;
    stage.engine.advance(secs(3)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000, 3_000]);
}

#[tokio::test]
async fn a13_a_shorter_interval_re_aims_a_sleeping_loop() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(ms(500)).await;
    let status = task.change_interval(every(secs(1))).await.unwrap();
    assert_eq!(status.next_run_at, Some(dawn() + secs(1)));
    assert!(status.overridden);
    assert_eq!(status.default_trigger, every(secs(10)));
    stage.engine.advance(ms(1_700)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
}

#[tokio::test]
async fn a14_a_slot_that_the_change_puts_into_the_past_is_now() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(5)).await;
    task.change_interval(every(ms(100))).await.unwrap();
    stage.engine.advance(ms(250)).await;
    assert_eq!(stage.diary.times("run"), [0, 5_000, 5_100, 5_200]);
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a14_a_longer_interval_counts_from_the_last_slot() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(14)).await;
    task.change_interval(every(secs(30))).await.unwrap();
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000, 40_000]);
}

#[tokio::test]
async fn a15_a_change_before_the_first_body_holds_for_the_next_slot() {
    let stage = Stage::open().await;
    let spec = stage.quick(every(secs(10))).first(First::AfterInterval);
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    task.change_interval(every(secs(2))).await.unwrap();
    stage.engine.advance(secs(4)).await;
    assert_eq!(stage.diary.times("run"), [2_000, 4_000]);
}

#[tokio::test]
async fn a15_a_change_in_the_before_hook_holds_for_the_next_slot() {
    let stage = Stage::open().await;
    let spec = stage.quick(every(secs(10))).before(|run| async move {
        run.task.change_interval(every(secs(1))).await?;
        Ok(())
    });
    stage.register(spec).await;
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
}

#[tokio::test]
async fn a15_a_change_in_a_body_leaves_the_run_alone_and_holds_for_the_next_slot() {
    let stage = Stage::open().await;
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = cogsmith_tasks::TaskSpec::new("t", every(secs(10)), move |run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            diary.note("run");
            run.task.change_interval(every(secs(2))).await?;
            clock.sleep(ms(500)).await;
            diary.note("end");
            Ok(())
        }
    });
    stage.register(spec).await;
    stage.engine.advance(secs(4)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000, 4_000]);
    assert_eq!(stage.diary.times("end"), [500, 2_500]);
}

#[tokio::test]
async fn a15_a_change_while_stopped_holds_from_the_next_start() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(10))).auto_start(false))
        .await;
    let status = task.change_interval(every(secs(1))).await.unwrap();
    assert_eq!((status.state, status.next_run_at), (State::Stopped, None));
    task.start().await.unwrap();
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
}

#[tokio::test]
async fn a16_an_interval_out_of_bounds_changes_nothing() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    let before = task.status();
    for bad in [
        Duration::ZERO,
        ms(99),
        hours(10 * 365 * 24 + 1),
        Duration::MAX,
    ] {
        let refused = task.change_interval(every(bad)).await;
        assert!(
            matches!(refused, Err(Error::BadInterval { .. })),
            "{bad:?}: {refused:?}"
        );
        let spec = cogsmith_tasks::TaskSpec::new("other", every(bad), |_| async { Ok(()) });
        let refused = stage.engine.register(spec).await;
        assert!(
            matches!(refused, Err(Error::BadInterval { .. })),
            "{bad:?}: {refused:?}"
        );
    }
    assert_eq!(task.trigger(), before.trigger);
    assert_eq!(task.next_iteration(), before.next_run_at);
    assert!(stage.engine.task("other").is_none());
}

#[tokio::test]
async fn resetting_the_interval_goes_back_to_the_code() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(1)).await;
    task.change_interval(every(mins(1))).await.unwrap();
    let status = task.reset_interval().await.unwrap();
    assert!(!status.overridden);
    assert_eq!(status.trigger, every(secs(10)));
    assert_eq!(status.next_run_at, Some(dawn() + secs(10)));
}

#[tokio::test]
async fn a36_a_step_of_the_wall_clock_leaves_an_interval_its_rhythm() {
    for by in [TimeDelta::hours(1), TimeDelta::hours(-1)] {
        let stage = Stage::open().await;
        let task = stage.register(stage.quick(every(secs(10)))).await;
        stage.engine.advance(secs(3)).await;
        stage.clock.step_wall(by);
        stage.engine.settle().await;
        let expected = dawn() + by + secs(10);
        assert_eq!(
            task.next_iteration(),
            Some(expected),
            "it tells the time of the new wall"
        );
        stage.engine.advance(secs(17)).await;
        let step = by.num_milliseconds();
        assert_eq!(stage.diary.times("run"), [0, 10_000 + step, 20_000 + step]);
        assert_eq!((task.status().missed, task.status().skipped), (0, 0));
    }
}

#[tokio::test]
async fn a37_a_clock_that_is_a_day_behind_at_the_start_costs_at_most_one_interval() {
    let mut stage = Stage::open().await;
    stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(3)).await;
    stage.engine.kill().await;
    stage.clock.step_wall(TimeDelta::days(-1));
    stage.crash().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.start().await.unwrap();
    let wait = task.next_iteration().unwrap() - stage.clock.now();
    assert_eq!(wait, TimeDelta::seconds(10));
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run").len(), 2);
}

#[tokio::test]
async fn a_day_of_a_task_each_minute_runs_1440_times_without_drift() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(mins(1)))).await;
    stage.engine.advance(hours(24) - ms(1)).await;
    assert_eq!(task.current_loop(), 1_440);
    assert_eq!(task.next_iteration(), Some(dawn() + hours(24)));
    assert_eq!(task.phase(), Phase::Waiting);
}
