//! Start, stop, cancel, restart, and what a person is told.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{
    EndReason, Error, First, Phase, RunState, State, TaskSpec, every, mins, secs,
};
use futures_util::future::join_all;
use parking_lot::Mutex;

use crate::stage::{Stage, dawn, ms};

#[tokio::test]
async fn a02_a_second_start_is_refused_and_ensuring_is_not() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(1))).auto_start(false))
        .await;
    assert_eq!(task.status().state, State::Stopped);
    task.start().await.unwrap();
    assert!(matches!(task.start().await, Err(Error::AlreadyRunning { task }) if &*task == "t"));
    assert_eq!(task.ensure_started().await.unwrap().state, State::Active);
    stage.engine.advance(ms(2_500)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 2_000]);
}

#[tokio::test]
async fn a03_of_fifty_starts_at_once_one_wins() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(1))).auto_start(false))
        .await;
    let starts = (0..50).map(|_| {
        let task = task.clone();
        tokio::spawn(async move { task.start().await.is_ok() })
    });
    let won = join_all(starts)
        .await
        .into_iter()
        .filter(|start| *start.as_ref().unwrap());
    assert_eq!(won.count(), 1);
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [0]);
}

#[tokio::test]
async fn a04_stop_acts_at_once_while_waiting() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.diary.hooks(stage.quick(every(secs(1)))))
        .await;
    stage.engine.advance(ms(300)).await;
    let status = task.stop().await.unwrap();
    assert_eq!(status.state, State::Stopped);
    assert_eq!(status.next_run_at, None);
    stage.engine.settle().await;
    assert!(!task.is_running());
    stage.engine.advance(secs(5)).await;
    let expected = [
        (0, "before".into()),
        (0, "run".into()),
        (300, "after stopped".into()),
    ];
    assert_eq!(stage.diary.read(), expected);
}

#[tokio::test]
async fn a05_stop_during_a_run_lets_it_finish_and_nothing_more() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(secs(10)), secs(2));
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(ms(500)).await;
    let status = task.stop().await.unwrap();
    assert_eq!(
        (status.state, status.phase),
        (State::Stopped, Phase::Ending)
    );
    assert!(task.is_running(), "the last run is still in progress");
    stage.engine.advance(secs(60)).await;
    assert_eq!(stage.diary.times("end"), [2_000]);
    assert_eq!(stage.diary.times("after stopped"), [2_000]);
    assert!(!task.is_running());
    assert_eq!(stage.states().await, [RunState::Ok]);
}

#[tokio::test]
async fn a06_stop_inside_the_before_hook_runs_no_body() {
    let stage = Stage::open().await;
    let spec = stage.diary.hooks(stage.quick(every(secs(1))));
    let spec = spec.before(|run| async move {
        run.task.stop().await?;
        Ok(())
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(3)).await;
    assert_eq!(stage.diary.words(), ["after stopped"]);
    assert_eq!(task.status().state, State::Stopped);
}

#[tokio::test]
async fn a07_stop_in_a_back_off_makes_no_further_attempt() {
    let stage = Stage::open().await;
    let refused = || std::io::Error::from(std::io::ErrorKind::ConnectionRefused).into();
    let task = stage
        .register(stage.failing(every(mins(10)), 99, refused).retry(100))
        .await;
    stage.engine.settle().await;
    assert_eq!(task.phase(), Phase::Backoff);
    let status = task.stop().await.unwrap();
    assert_eq!(status.state, State::Stopped);
    stage.engine.advance(mins(5)).await;
    assert_eq!(stage.diary.times("run").len(), 1);
}

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
async fn a10_restart_works_from_waiting() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.diary.hooks(stage.quick(every(secs(1)))))
        .await;
    stage.engine.advance(ms(2_300)).await;
    assert_eq!(task.current_loop(), 3);
    let status = task.restart().await.unwrap();
    assert_eq!(status.changed_from, Some(State::Active));
    assert_eq!((status.state, status.loop_index), (State::Active, 0));
    stage.engine.advance(secs(1)).await;
    let words = stage.diary.words();
    assert_eq!(words[4..], ["after restarted", "before", "run"]);
    assert_eq!(
        stage.diary.times("run"),
        [0, 1_000, 2_000, 3_000],
        "the rhythm is kept"
    );
}

#[tokio::test]
async fn a10_restart_works_from_running_once_the_run_has_ended() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(secs(10)), secs(2));
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(1)).await;
    let status = task.restart().await.unwrap();
    assert_eq!(
        (status.changed_from, status.loop_index),
        (Some(State::Active), 0)
    );
    stage.engine.advance(secs(10)).await;
    let expected = ["before", "run", "end", "after restarted", "before", "run"];
    assert_eq!(stage.diary.words(), expected);
    assert_eq!(stage.diary.times("before"), [0, 2_000]);
    assert_eq!(
        task.current_loop(),
        0,
        "the old run does not count for the new life"
    );
}

#[tokio::test]
async fn a10_restart_works_from_stopped() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    stage.engine.advance(ms(1_500)).await;
    task.stop().await.unwrap();
    stage.engine.advance(secs(10)).await;
    let status = task.restart().await.unwrap();
    assert_eq!(
        (status.changed_from, status.state),
        (Some(State::Stopped), State::Active)
    );
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000, 12_000]);
    assert!(task.is_running());
}

#[tokio::test]
async fn a10_restart_works_from_failed() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(secs(1)), 1, || anyhow::anyhow!("broken"))
        .max_fails(1);
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.settle().await;
    assert!(task.failed());
    let status = task.restart().await.unwrap();
    assert_eq!(
        (status.changed_from, status.fails),
        (Some(State::Failed), 0)
    );
    stage.engine.advance(secs(1)).await;
    assert!(!task.failed());
    assert_eq!(task.current_loop(), 1);
    assert_eq!(stage.diary.times("before").len(), 2);
}

#[tokio::test]
async fn a10_restart_works_from_finished() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(1))).count(1)).await;
    stage.engine.settle().await;
    assert_eq!(task.status().state, State::Finished);
    let status = task.restart().await.unwrap();
    assert_eq!(status.changed_from, Some(State::Finished));
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000]);
    assert_eq!(task.status().state, State::Finished);
}

#[tokio::test]
async fn a11_restart_from_inside_the_body_begins_a_life_after_the_run() {
    let stage = Stage::open().await;
    let diary = stage.diary.clone();
    let spec = TaskSpec::new("t", every(secs(1)), move |run| {
        let diary = diary.clone();
        async move {
            diary.note("run");
            if run.slot == dawn() {
                let status = run.task.restart().await?;
                assert_eq!(status.state, State::Active);
                diary.note("asked");
            }
            Ok(())
        }
    });
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(1)).await;
    let expected = ["before", "run", "asked", "after restarted", "before", "run"];
    assert_eq!(stage.diary.words(), expected);
    assert!(task.is_running());
}

#[tokio::test]
async fn a11_restart_from_the_error_hook_revives_a_failed_task() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(secs(1)), 1, || anyhow::anyhow!("broken"))
        .max_fails(1);
    let diary = stage.diary.clone();
    let spec = stage.diary.hooks(spec).on_error(move |failure| {
        let diary = diary.clone();
        async move {
            let status = failure.task.restart().await?;
            diary.note(format!("from {}", status.changed_from.unwrap()));
            Ok(())
        }
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    let expected = [
        "before",
        "run",
        "from failed",
        "after restarted",
        "before",
        "run",
    ];
    assert_eq!(stage.diary.words(), expected);
    assert!(task.is_running());
}

#[tokio::test]
async fn a12_count_ends_with_the_last_run_and_failures_do_not_count() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(ms(500)), 1, || anyhow::anyhow!("once"))
        .count(3);
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 500, 1_000, 1_500]);
    assert_eq!(
        stage.diary.times("after finished"),
        [1_500],
        "no trailing sleep"
    );
    let status = task.status();
    assert_eq!((status.state, status.loop_index), (State::Finished, 3));
    assert_eq!(status.next_run_at, None);
}

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
async fn a_command_notes_who_gave_it() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    let status = task.by("user:7").stop().await.unwrap();
    assert_eq!(status.updated_by.as_deref(), Some("user:7"));
}
