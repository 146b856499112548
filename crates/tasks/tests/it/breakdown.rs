//! A task over which the engine panics fails alone.

use cogsmith_tasks::{
    EndReason, EventKind, Phase, RunState, Stage as FailedIn, State, TaskSpec, every, secs,
};

use crate::stage::Stage;

/// An error that panics where it is dropped last, which is in the dispatcher.
#[derive(Debug, thiserror::Error)]
#[error("a bomb")]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb went off");
    }
}

#[tokio::test]
async fn a_panic_in_a_step_costs_its_task_and_no_other() {
    let mut stage = Stage::open().await;
    let other = TaskSpec::new("other", every(secs(10)), |_| async { Ok(()) });
    let other = stage.register(other).await;
    let mut events = stage.engine.events();
    let spec = stage.failing(every(secs(10)), 1, || Bomb.into());
    let diary = stage.diary.clone();
    let spec = spec.before(move |_| {
        diary.note("before");
        async { Ok(()) }
    });
    let diary = stage.diary.clone();
    let task = stage.register(spec.after(move |run| {
        diary.note(format!("after {}", run.ended.unwrap()));
        async { Ok(()) }
    }));
    let task = task.await;
    stage.engine.settle().await;
    let status = task.status();
    assert_eq!((status.state, status.phase), (State::Failed, Phase::Idle));
    let why = "the engine panicked: the bomb went off";
    assert_eq!(status.last_error.as_deref(), Some(why));
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if &*event.task == "t" {
            told.push(event.kind);
        }
    }
    let is_failed = |kind: &EventKind| matches!(kind, EventKind::Failed { .. });
    assert!(told.iter().any(is_failed), "{told:?}");
    let failed = EndReason::Failed;
    assert!(matches!(told.last(), Some(EventKind::Ended { reason }) if *reason == failed));
    assert_eq!(stage.diary.words(), ["before", "run", "after failed"]);

    stage.engine.advance(secs(10)).await;
    assert_eq!(other.status().loop_index, 2);
    stage.crash().await;
    let again = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.start().await.unwrap();
    assert_eq!(again.status().state, State::Failed);
    assert_eq!(again.status().last_error.as_deref(), Some(why));
    again.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(again.status().loop_index, 1);
    let runs = stage.states().await;
    assert!(!runs.contains(&RunState::Running), "{runs:?}");
}

#[tokio::test]
async fn the_error_hook_is_told_of_a_panic_in_a_step() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(10)), 1, || anyhow::anyhow!("no"));
    let diary = stage.diary.clone();
    let spec = spec.on_error(move |failure| {
        let is_first = failure.stage == FailedIn::Body;
        diary.note(format!("{:?}: {}", failure.stage, failure.error));
        async move { if is_first { Err(Bomb.into()) } else { Ok(()) } }
    });
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    let told = "Engine: the engine panicked: the bomb went off";
    assert_eq!(stage.diary.words(), ["run", "Body: no", told]);
    assert_eq!(task.status().state, State::Failed);
}

#[tokio::test]
async fn a_retry_if_that_panics_is_no_reason_to_try_again() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(10)), 1, || anyhow::anyhow!("no"));
    let spec = spec.retry_if(|_| panic!("no opinion"));
    let task = stage.register(spec).await;
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn an_error_is_kept_in_a_thousand_characters() {
    let stage = Stage::open().await;
    let spec = stage.failing(every(secs(10)), 1, || anyhow::anyhow!("ü".repeat(5_000)));
    let mut events = stage.engine.events();
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    let expected = format!("{}…", "ü".repeat(999));
    assert_eq!(task.status().last_error.as_deref(), Some(&*expected));
    assert_eq!(stage.runs().await[0].error.as_deref(), Some(&*expected));
    while let Ok(event) = events.try_recv() {
        if let EventKind::Finished { error, .. } = event.kind {
            assert_eq!(error.as_deref(), Some(&*expected));
        }
    }
}
