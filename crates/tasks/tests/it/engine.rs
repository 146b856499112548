//! The engine: registration, start, shutdown, room for many.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{Engine, Error, Phase, RunState, State, TaskSpec, every, mins, secs};

use crate::stage::Stage;

#[tokio::test]
async fn a43_a_shutdown_lets_short_runs_end_and_cancels_long_ones() {
    let mut stage = Stage::open().await;
    let short = stage.lasting(every(mins(10)), secs(2));
    stage.register(stage.diary.hooks(short)).await;
    let clock = stage.clock.clone();
    let long = TaskSpec::new("long", every(mins(10)), move |_| {
        let clock = clock.clone();
        async move {
            clock.sleep(secs(60)).await;
            Ok(())
        }
    });
    let long = stage.register(stage.diary.hooks(long)).await;
    stage.engine.settle().await;
    let engine = stage.engine.clone();
    let closing = tokio::spawn(async move { engine.shut_down(secs(5)).await });
    stage.engine.advance(secs(10)).await;
    closing.await.unwrap();
    assert_eq!(stage.diary.times("after shutdown"), [2_000, 5_000]);
    assert_eq!(stage.states().await, [RunState::Ok]);
    assert_eq!(long.history(9).await.unwrap()[0].state, RunState::Cancelled);
    assert!(matches!(long.stop().await, Err(Error::ShutDown)));

    stage.crash().await;
    let task = stage.register(stage.quick(every(mins(10)))).await;
    assert_eq!(
        task.status().state,
        State::Active,
        "shutting down is not stopping"
    );
    stage.engine.start().await.unwrap();
    stage.engine.advance(mins(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 600_000]);
}

#[tokio::test]
async fn a44_an_unregistered_task_ends_keeps_its_row_and_goes_on_when_it_is_back() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(secs(10)), secs(2));
    stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(11)).await;
    stage.engine.unregister("t").await;
    assert!(stage.engine.task("t").is_none());
    assert_eq!(stage.diary.times("after unloaded"), [11_000]);
    assert_eq!(stage.engine.orphans().await.unwrap().len(), 1);
    let task = stage.register(stage.quick(every(secs(10)))).await;
    assert_eq!(task.current_loop(), 1);
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000, 20_000]);
}

#[tokio::test]
async fn a46_starting_the_engine_five_times_begins_each_task_once() {
    let stage = Stage::closed();
    stage
        .register(stage.diary.hooks(stage.quick(every(secs(1)))))
        .await;
    for _ in 0..5 {
        stage.engine.start().await.unwrap();
    }
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.diary.words(), ["before", "run", "run"]);
}

#[tokio::test]
async fn tasks_registered_before_the_start_wait_for_it_without_missing_anything() {
    let stage = Stage::closed();
    let task = stage.register(stage.quick(every(secs(1)))).await;
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.read(), []);
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.diary.times("run"), [30_000, 31_000]);
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a_failing_task_stops_no_other() {
    let stage = Stage::open().await;
    stage
        .register(stage.failing(every(secs(1)), 99, || panic!("wild")))
        .await;
    let diary = stage.diary.clone();
    let calm = TaskSpec::new("calm", every(secs(1)), move |_| {
        diary.note("calm");
        async { Ok(()) }
    });
    stage.register(calm).await;
    stage.engine.advance(secs(2)).await;
    assert_eq!(stage.diary.times("calm"), [0, 1_000, 2_000]);
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
}

#[tokio::test]
async fn no_more_bodies_run_at_once_than_there_is_room_for() {
    let stage = Stage::closed();
    let engine =
        cogsmith_tasks::Engine::builder(Arc::new(stage.store.clone()), stage.clock.clone());
    let engine = engine.concurrency(2).build();
    for n in 0..5 {
        let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
        let body = move |_| {
            let (diary, clock) = (diary.clone(), clock.clone());
            async move {
                diary.note("in");
                clock.sleep(secs(1)).await;
                Ok(())
            }
        };
        engine
            .register(TaskSpec::new(format!("t{n}"), every(mins(1)), body))
            .await
            .unwrap();
    }
    engine.start().await.unwrap();
    engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("in"), [0, 0, 1_000, 1_000, 2_000]);
}

#[tokio::test]
async fn names_and_policies_that_cannot_be_used_are_refused() {
    let stage = Stage::open().await;
    let with_name = |name: &str| TaskSpec::new(name, every(secs(1)), |_| async { Ok(()) });
    let refusals = [
        (
            with_name(""),
            "name \"\", expected 1 to 100 of a-z A-Z 0-9 . _ - :",
        ),
        (
            with_name("a b"),
            "name \"a b\", expected 1 to 100 of a-z A-Z 0-9 . _ - :",
        ),
        (
            with_name("t").scope("ä"),
            "scope \"ä\", expected 1 to 100 of a-z A-Z 0-9 . _ - :",
        ),
        (
            with_name("t").retry(0),
            "retry 0 of task t, expected 1 to 100 attempts",
        ),
        (
            with_name("t").count(0),
            "count 0 of task t, expected at least 1 run",
        ),
        (
            with_name("t").max_fails(0),
            "max_fails 0 of task t, expected at least 1 failure",
        ),
        (
            with_name("t").timeout(Duration::ZERO),
            "timeout 0 of task t, expected at least 1 ms",
        ),
    ];
    for (spec, expected) in refusals {
        assert_eq!(
            stage.engine.register(spec).await.unwrap_err().to_string(),
            expected
        );
    }
    stage.register(with_name("t")).await;
    let twice = stage.engine.register(with_name("t")).await.unwrap_err();
    assert_eq!(
        twice.to_string(),
        "task \"t\" with scope \"\" is registered twice"
    );
    assert_eq!(stage.engine.tasks().len(), 1);
}

#[tokio::test]
async fn a_handle_that_was_kept_tells_that_the_task_is_gone() {
    let stage = Stage::open().await;
    for is_removed in [false, true] {
        let task = stage.register(stage.lasting(every(mins(1)), secs(5))).await;
        stage.engine.settle().await;
        if is_removed {
            stage.engine.remove("t", "").await.unwrap();
        } else {
            stage.engine.unregister("t").await;
        }
        let status = task.status();
        assert_eq!(
            (status.phase, status.is_being_cancelled),
            (Phase::Idle, false)
        );
    }
}

#[tokio::test]
async fn a_run_that_waits_for_room_does_not_begin_after_a_stop() {
    let stage = Stage::closed();
    let engine = Engine::builder(Arc::new(stage.store.clone()), stage.clock.clone());
    let engine = engine.concurrency(1).build();
    engine.start().await.unwrap();
    let clock = stage.clock.clone();
    let hog = TaskSpec::new("hog", every(mins(10)), move |_| {
        let nap = clock.sleep(secs(20));
        async move {
            nap.await;
            Ok(())
        }
    });
    engine.register(hog).await.unwrap();
    engine.settle().await;
    let task = engine.register(stage.quick(every(mins(1)))).await.unwrap();
    engine.settle().await;
    assert_eq!(task.phase(), Phase::Running);
    task.stop().await.unwrap();
    engine.advance(secs(90)).await;
    assert_eq!(stage.diary.times("run"), [0; 0]);
    assert_eq!(task.history(9).await.unwrap()[0].state, RunState::Cancelled);
    task.start().await.unwrap();
    engine.advance(mins(1)).await;
    assert_eq!(stage.diary.times("run").len(), 1);
}
