//! Runs that somebody asks for.

use cogsmith_tasks::{Error, First, RunState, State, every, mins, secs};

use crate::stage::Stage;

#[tokio::test]
async fn a42_trigger_now_adds_a_run_and_leaves_the_schedule() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(3)).await;
    let next = task.next_iteration();
    task.trigger_now().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(task.next_iteration(), next);
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 3_000, 10_000]);
    assert_eq!(task.status().runs_total, 3);
    assert_eq!(
        task.current_loop(),
        2,
        "a manual run does not count for the life"
    );
}

#[tokio::test]
async fn a42_trigger_now_during_a_run_is_refused_and_counted() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(secs(10)), secs(2)))
        .await;
    stage.engine.advance(secs(1)).await;
    assert!(matches!(
        task.trigger_now().await,
        Err(Error::Overlapped { .. })
    ));
    stage.engine.settle().await;
    assert_eq!(task.status().skipped, 1);
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a42_trigger_now_works_on_a_stopped_task_and_does_not_wake_it() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(1))).auto_start(false))
        .await;
    let status = task.trigger_now().await.unwrap();
    assert_eq!(status.state, State::Stopped);
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert!(!task.is_running());
}

#[tokio::test]
async fn a42_trigger_now_before_the_engine_starts_is_refused() {
    let stage = Stage::closed();
    let task = stage.register(stage.quick(every(secs(1)))).await;
    assert!(matches!(
        task.trigger_now().await,
        Err(Error::NotStarted { .. })
    ));
}

#[tokio::test]
async fn a42_a_manual_run_waits_for_the_before_hook() {
    for (fails, expected) in [(false, RunState::Ok), (true, RunState::Cancelled)] {
        let stage = Stage::open().await;
        let clock = stage.clock.clone();
        let spec = stage
            .quick(every(mins(10)))
            .first(First::AfterInterval)
            .before(move |_| {
                let clock = clock.clone();
                async move {
                    clock.sleep(secs(5)).await;
                    anyhow::ensure!(!fails, "not ready");
                    Ok(())
                }
            });
        let task = stage.register(spec).await;
        stage.engine.advance(secs(1)).await;
        task.trigger_now().await.unwrap();
        stage.engine.advance(secs(10)).await;
        assert_eq!(
            stage.diary.times("run"),
            if fails { vec![] } else { vec![5_000] }
        );
        assert_eq!(stage.states().await, [expected]);
        assert_eq!(task.is_running(), !fails);
    }
}
