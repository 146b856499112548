//! Start, stop, restart, and what a person is told.

use cogsmith_tasks::{Error, Phase, RunState, State, TaskSpec, every, mins, secs};
use futures_util::future::join_all;

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
async fn a_command_notes_who_gave_it() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    let status = task.by("user:7").stop().await.unwrap();
    assert_eq!(status.updated_by.as_deref(), Some("user:7"));
}
