//! Hooks around each attempt.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::SeqCst},
};

use cogsmith_tasks::{
    EventKind, Failure, Run, RunState, Stage as Part, TaskSpec, every, hours, mins, secs,
};

use crate::stage::{Diary, Stage, ms};

/// Both hooks, which note their names, the second with how the run went.
fn noting(diary: &Diary, spec: TaskSpec) -> TaskSpec {
    let (before, after) = (diary.clone(), diary.clone());
    spec.before_each(move |_| {
        before.note("before");
        async { Ok(()) }
    })
    .after_each(move |run: Run| {
        after.note(format!("after {}", run.result.unwrap()));
        async { Ok(()) }
    })
}

#[tokio::test]
async fn hooks_are_called_around_each_attempt_and_told_how_it_went() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(10)), 1, || anyhow::anyhow!("no luck"));
    stage.register(noting(&stage.diary, spec)).await;
    stage.engine.advance(secs(10)).await;
    assert_eq!(
        stage.diary.words(),
        ["before", "run", "after error", "before", "run", "after ok"]
    );
}

#[tokio::test]
async fn an_attempt_that_cannot_be_prepared_has_failed_and_its_body_is_not_called() {
    let stage = Stage::open().await;
    let (diary, is_ready) = (stage.diary.clone(), Arc::new(AtomicBool::new(false)));
    let spec = noting(&diary, stage.quick(every(secs(60))));
    let spec = spec.before_each({
        let is_ready = is_ready.clone();
        move |_| {
            let is_ready = is_ready.swap(true, SeqCst);
            async move {
                anyhow::ensure!(is_ready, std::io::Error::from(std::io::ErrorKind::TimedOut));
                Ok(())
            }
        }
    });
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    assert_eq!(diary.words(), [""; 0]);
    let error = task.status().last_error.unwrap();
    assert_eq!(&*error, "preparing the run: timed out");
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
    assert_eq!(diary.words(), ["run", "after ok"]);
}

#[tokio::test]
async fn the_time_of_the_preparation_is_part_of_the_limit() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = stage
        .lasting(every(secs(60)), secs(3))
        .timeout(secs(4))
        .retry(1);
    let spec = spec.before_each(move |_| {
        let sleep = clock.sleep(secs(2));
        async move {
            sleep.await;
            Ok(())
        }
    });
    stage.register(spec).await;
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.states().await, [RunState::Timeout]);
    let runs = stage.runs().await;
    assert_eq!(runs[0].duration().unwrap().num_seconds(), 4);
}

#[tokio::test]
async fn a_run_that_is_cancelled_or_too_slow_is_followed_up_all_the_same() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(60)), secs(30))
        .timeout(secs(9))
        .retry(1);
    let task = stage.register(noting(&stage.diary, spec)).await;
    stage.engine.advance(secs(60)).await;
    stage.engine.advance(secs(2)).await;
    task.cancel().await.unwrap();
    task.stopped().await;
    let after = stage.diary.read();
    let after: Vec<_> = after
        .iter()
        .filter(|(_, word)| word.starts_with("after"))
        .collect();
    assert_eq!(
        after,
        [
            &(9_000, "after timeout".to_owned()),
            &(62_000, "after cancelled".to_owned())
        ]
    );
}

#[tokio::test]
async fn a_run_is_live_until_it_is_followed_up() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = stage.quick(every(secs(10))).after_each(move |_| {
        let sleep = clock.sleep(secs(4));
        async move {
            sleep.await;
            Ok(())
        }
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(3)).await;
    assert_eq!(stage.states().await, [RunState::Running]);
    task.stop().await.unwrap();
    assert!(task.is_running());
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.states().await, [RunState::Ok]);
    assert!(!task.is_running());
}

#[tokio::test]
async fn a_follow_up_that_fails_is_told_and_changes_nothing_for_the_run() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let diary = stage.diary.clone();
    let spec = stage
        .quick(every(ms(500)))
        .after_each(|_| async { panic!("at the end") })
        .on_error(move |failure: Failure| {
            diary.note(format!("{:?} {:#}", failure.stage, failure.error));
            async { Ok(()) }
        });
    stage.register(spec).await;
    stage.engine.advance(ms(600)).await;
    assert_eq!(stage.states().await, [RunState::Ok; 2]);
    assert_eq!(
        stage.diary.times("AfterEach panicked: at the end"),
        [0, 500]
    );
    let mut told = std::iter::from_fn(|| events.try_recv().ok());
    assert!(told.any(|event| matches!(
        event.kind,
        EventKind::HookFailed {
            stage: Part::AfterEach,
            ..
        }
    )));
}

#[tokio::test]
async fn the_body_of_a_run_that_is_told_to_end_in_its_preparation_is_not_called() {
    for (limit, expected) in [
        (hours(1), RunState::Cancelled),
        (secs(1), RunState::Timeout),
    ] {
        let stage = Stage::open().await;
        let clock = stage.clock.clone();
        let spec = stage.quick(every(mins(10))).before_each(move |run: Run| {
            let (told, long) = (run.token(), clock.sleep(secs(30)));
            async move {
                tokio::select! {
                    () = told.cancelled() => {}
                    () = long => {}
                }
                Ok(())
            }
        });
        let task = stage.register(spec.timeout(limit).retry(1)).await;
        stage.engine.advance(secs(2)).await;
        task.cancel().await.unwrap();
        stage.engine.settle().await;
        assert_eq!(stage.diary.words(), [""; 0]);
        assert_eq!(stage.states().await, [expected]);
    }
}
