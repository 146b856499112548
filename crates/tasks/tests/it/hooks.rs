//! The three hooks, and what is left of the engine when user code goes wrong.

use cogsmith_tasks::{RunState, Stage as Part, State, TaskSpec, every, mins, secs};

use crate::stage::{Stage, ms};

#[tokio::test]
async fn hooks_are_called_once_a_life_and_told_what_they_need() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.diary.hooks(stage.quick(every(secs(1)))))
        .await;
    stage.engine.advance(secs(1)).await;
    task.stop().await.unwrap();
    stage.engine.settle().await;
    task.start().await.unwrap();
    stage.engine.advance(secs(1)).await;
    let expected = ["before", "run", "run", "after stopped", "before", "run"];
    assert_eq!(stage.diary.words(), expected);
}

#[tokio::test]
async fn one_function_fits_as_body_and_as_hook() {
    async fn flush(run: cogsmith_tasks::Run, diary: crate::stage::Diary) -> anyhow::Result<()> {
        diary.note(format!(
            "{} {:?}",
            run.attempt,
            run.ended.map(|why| why.to_string())
        ));
        Ok(())
    }
    let stage = Stage::open().await;
    let body: cogsmith_tasks::Body = std::sync::Arc::new({
        let diary = stage.diary.clone();
        move |run| Box::pin(flush(run, diary.clone()))
    });
    let after = body.clone();
    let spec = TaskSpec::erased("t", every(secs(1)), body).after(move |run| after(run));
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    task.stop().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.words(), ["1 None", "0 Some(\"stopped\")"]);
}

#[tokio::test]
async fn the_first_slot_waits_for_a_slow_before_hook() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = stage.quick(every(secs(1))).before(move |_| {
        let clock = clock.clone();
        async move {
            clock.sleep(ms(5_300)).await;
            Ok(())
        }
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(7)).await;
    assert_eq!(stage.diary.times("run"), [5_300, 6_300]);
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a20_a_failing_run_is_told_and_the_loop_goes_on() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(1)), 1, || {
        anyhow::anyhow!("closed").context("posting")
    });
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.settle().await;
    assert_eq!(task.status().fails, 1);
    assert_eq!(task.status().last_error.as_deref(), Some("posting: closed"));
    stage.engine.advance(secs(1)).await;
    assert_eq!(
        stage.diary.words(),
        ["before", "run", "error posting: closed", "run"]
    );
    assert_eq!(task.status().fails, 0, "a success starts the count anew");
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
}

#[tokio::test]
async fn a21_a_panic_before_the_future_is_a_failure_like_any_other() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(1)), 1, || panic!("sync"));
    stage.register(stage.diary.hooks(spec)).await;
    // The counter of the failing body is left as it was, so it panics each time.
    stage.engine.advance(secs(1)).await;
    let words = stage.diary.words();
    assert_eq!(
        words,
        [
            "before",
            "run",
            "error panicked: sync",
            "run",
            "error panicked: sync"
        ]
    );
    assert_eq!(stage.states().await, [RunState::Panic, RunState::Panic]);
}

#[tokio::test]
async fn a21_a_panic_inside_the_future_is_a_failure_like_any_other() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = TaskSpec::new("t", every(secs(10)), move |run| {
        let clock = clock.clone();
        async move {
            clock.sleep(secs(1)).await;
            assert!(
                run.loop_index > 0 || run.slot.timestamp() % 60 != 0,
                "number {}",
                7
            );
            Ok(())
        }
    });
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(12)).await;
    assert_eq!(stage.diary.times("error panicked: number 7"), [1_000]);
    assert_eq!(stage.states().await, [RunState::Panic, RunState::Ok]);
    assert_eq!(task.current_loop(), 1);
}

#[tokio::test]
async fn a21_a_panic_in_a_destructor_is_a_failure_like_any_other() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = TaskSpec::new("t", every(mins(1)), move |_| {
        let clock = clock.clone();
        async move {
            let bomb = Bomb;
            clock.sleep(secs(5)).await;
            std::mem::forget(bomb);
            Ok(())
        }
    });
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(1)).await;
    task.cancel().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.states().await, [RunState::Panic]);
    assert_eq!(stage.diary.times("after cancelled"), [1_000]);
    task.start().await.unwrap();
    stage.engine.advance(secs(70)).await;
    assert_eq!(task.current_loop(), 1);
}

#[tokio::test]
async fn a22_a_failing_error_hook_leaves_the_loop_alone() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    for (name, panics) in [("errors", false), ("panics", true)] {
        let spec = TaskSpec::new(name, every(secs(1)), |_| async { anyhow::bail!("no") });
        let spec = spec.on_error(move |_| async move {
            assert!(!panics, "hook");
            anyhow::bail!("hook")
        });
        stage.register(spec).await;
    }
    stage.engine.advance(secs(2)).await;
    for task in stage.engine.tasks() {
        assert_eq!(task.status().runs_total, 3, "{}", task.name());
        assert!(task.is_running());
    }
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let hooks = told.filter(|event| format!("{:?}", event.kind).starts_with("HookFailed"));
    assert_eq!(hooks.count(), 6, "every failure of a hook is told");
}

#[tokio::test]
async fn a22_a_panicking_after_hook_leaves_the_task_startable() {
    let stage = Stage::open().await;
    let spec = stage.diary.hooks(stage.quick(every(secs(1))));
    let task = stage
        .register(spec.after(|_| async { panic!("after") }))
        .await;
    stage.engine.settle().await;
    task.stop().await.unwrap();
    task.stopped().await;
    stage.engine.settle().await;
    assert_eq!(
        stage.diary.words(),
        ["before", "run", "error panicked: after"]
    );
    assert_eq!(task.status().state, State::Stopped);
    task.start().await.unwrap();
    stage.engine.advance(secs(1)).await;
    assert_eq!(task.current_loop(), 1);
}

#[tokio::test]
async fn a23_a_failing_before_hook_fails_the_task() {
    let stage = Stage::open().await;
    let diary = stage.diary.clone();
    let spec = stage.diary.hooks(stage.quick(every(secs(1))));
    let spec = spec
        .before(|_| async { anyhow::bail!("not ready") })
        .on_error(move |failure| {
            diary.note(format!("{:?} {:#}", failure.stage, failure.error));
            async { Ok(()) }
        });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(3)).await;
    assert_eq!(stage.diary.words(), ["Before not ready"]);
    assert!(task.failed());
    assert!(!task.is_running());
    assert_eq!(task.status().last_error.as_deref(), Some("not ready"));
}

#[tokio::test]
async fn the_error_hook_learns_which_attempt_it_was_and_whether_another_follows() {
    let stage = Stage::open().await;
    let diary = stage.diary.clone();
    let reset = || std::io::Error::from(std::io::ErrorKind::ConnectionReset).into();
    let spec = stage
        .failing(every(mins(10)), 2, reset)
        .retry(2)
        .on_error(move |failure| {
            assert_eq!(failure.stage, Part::Body);
            diary.note(format!(
                "attempt {}, again {}",
                failure.attempt, failure.will_retry
            ));
            async { Ok(()) }
        });
    stage.register(spec).await;
    stage.engine.advance(mins(1)).await;
    let expected = [
        "run",
        "attempt 1, again true",
        "run",
        "attempt 2, again false",
    ];
    assert_eq!(stage.diary.words(), expected);
}

#[tokio::test]
async fn commands_from_every_hook_find_no_deadlock() {
    let stage = Stage::open().await;
    let spec = TaskSpec::new("t", every(secs(1)), |run| async move {
        run.task.change_interval(every(secs(2))).await?;
        run.task.stop().await?;
        anyhow::bail!("over")
    });
    let spec = spec
        .before(|run| async move {
            run.task
                .reset_interval()
                .await
                .map(drop)
                .map_err(Into::into)
        })
        .on_error(|failure| async move {
            failure
                .task
                .ensure_started()
                .await
                .map(drop)
                .map_err(Into::into)
        })
        .after(|run| async move {
            run.task
                .change_interval(every(secs(3)))
                .await
                .map(drop)
                .map_err(Into::into)
        });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(30)).await;
    assert!(task.status().runs_total > 5, "{:?}", task.status());
}
