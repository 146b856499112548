//! Cancel, in whatever a task is doing.

use std::sync::Arc;

use cogsmith_tasks::{EndReason, Phase, RunState, State, TaskSpec, every, mins, secs};
use parking_lot::Mutex;

use crate::stage::{Stage, dawn, ms};

#[tokio::test]
async fn a08_cancel_while_waiting_ends_the_life_at_once() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.diary.hooks(stage.quick(every(secs(1)))))
        .await;
    stage.engine.advance(ms(300)).await;
    task.cancel().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("after cancelled"), [300]);
    assert_eq!(task.status().state, State::Stopped);
}

#[tokio::test]
async fn a08_cancel_in_a_body_ends_it_at_its_await() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(mins(10)), mins(5));
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(1)).await;
    task.cancel().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.words(), ["before", "run", "after cancelled"]);
    assert_eq!(stage.diary.times("after cancelled"), [1_000]);
    assert_eq!(stage.states().await, [RunState::Cancelled]);
    assert_eq!(task.current_loop(), 0);
}

#[tokio::test]
async fn a08_cancel_in_a_back_off_makes_no_further_attempt() {
    let stage = Stage::open().await;
    let refused = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into();
    let spec = stage.failing(every(mins(10)), 99, refused).retry(100);
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.settle().await;
    task.cancel().await.unwrap();
    stage.engine.advance(mins(5)).await;
    assert_eq!(stage.diary.times("run").len(), 1);
    assert_eq!(stage.diary.times("after cancelled"), [0]);
}

#[tokio::test]
async fn a08_cancel_in_the_before_hook_calls_no_after_hook() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = stage
        .diary
        .hooks(stage.quick(every(secs(1))))
        .before(move |_| {
            let clock = clock.clone();
            async move {
                clock.sleep(mins(1)).await;
                Ok(())
            }
        });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    assert_eq!(task.phase(), Phase::Starting);
    task.cancel().await.unwrap();
    stage.engine.settle().await;
    assert!(!task.is_running());
    stage.engine.advance(mins(2)).await;
    assert_eq!(stage.diary.words(), Vec::<String>::new());
}

#[tokio::test]
async fn a08_a_body_is_being_cancelled_until_the_after_hook_is_done() {
    let stage = Stage::open().await;
    let seen = Arc::new(Mutex::new(None));
    let spec = stage.lasting(every(mins(10)), mins(5)).after({
        let seen = seen.clone();
        move |run| {
            *seen.lock() = Some((run.task.is_being_cancelled(), run.ended));
            async { Ok(()) }
        }
    });
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    assert!(!task.is_being_cancelled());
    task.cancel().await.unwrap();
    task.stopped().await;
    assert_eq!(*seen.lock(), Some((true, Some(EndReason::Cancelled))));
    assert!(!task.is_being_cancelled());
}

#[tokio::test]
async fn a09_a_body_that_ignores_its_cancellation_is_ended_at_its_grace() {
    let stage = Stage::open().await;
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = TaskSpec::new("t", every(mins(10)), move |run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            run.cancelled().await;
            diary.note("told");
            clock.sleep(mins(1)).await;
            diary.note("too late");
            Ok(())
        }
    });
    let task = stage.register(spec).await;
    task.cancel().await.unwrap();
    stage.engine.advance(mins(2)).await;
    assert_eq!(stage.diary.read(), [(0, "told".into())]);
    let runs = stage.runs().await;
    assert_eq!(runs[0].state, RunState::Cancelled);
    assert_eq!(runs[0].finished_at, Some(dawn() + secs(5)));
    task.restart().await.unwrap();
    stage.engine.settle().await;
    assert!(task.is_running());
}

#[tokio::test]
async fn a09_a_body_that_heeds_its_cancellation_may_put_things_in_order() {
    let stage = Stage::open().await;
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = TaskSpec::new("t", every(mins(10)), move |run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            run.cancelled().await;
            clock.sleep(secs(2)).await;
            diary.note("tidy");
            anyhow::bail!("cut short")
        }
    });
    let task = stage.register(spec).await;
    task.cancel().await.unwrap();
    stage.engine.advance(mins(2)).await;
    assert_eq!(stage.diary.read(), [(2_000, "tidy".into())]);
    assert_eq!(stage.states().await, [RunState::Cancelled]);
}

#[tokio::test]
async fn time_does_not_go_on_before_a_run_has_noticed_that_it_was_cancelled() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(mins(1)), secs(30)))
        .await;
    stage.engine.settle().await;
    let engine = stage.engine.clone();
    let play = async move {
        tokio::join!(engine.unregister("t"), engine.advance(secs(40)));
    };
    tokio::spawn(play).await.unwrap();
    assert_eq!(stage.diary.words(), ["run"]);
    let runs = task.history(1).await.unwrap();
    assert_eq!(
        (runs[0].state, runs[0].finished_at),
        (RunState::Cancelled, Some(dawn()))
    );
}
