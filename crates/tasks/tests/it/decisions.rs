//! What an error hook decides about a run that has failed.

use chrono::TimeDelta;
use cogsmith_tasks::{
    Decision, EventKind, Failure, RunState, State, TaskSpec, Trigger, every, hours, mins, once,
    secs,
};

use crate::stage::{Stage, dawn, ms};

/// A task that fails `times` times with an error that will not pass, and whose hook decides so.
fn deciding(stage: &Stage, trigger: Trigger, times: usize, decision: Decision) -> TaskSpec {
    let spec = stage.failing(trigger, times, || anyhow::anyhow!("no luck"));
    spec.on_error(move |failure: Failure| async move {
        failure.decide(decision);
        Ok(())
    })
}

#[tokio::test]
async fn a_hook_that_decides_nothing_leaves_the_policies_alone() {
    let stage = Stage::open().await;
    let spec = deciding(&stage, every(secs(10)), 1, Decision::Default);
    let task = stage.register(spec).await;
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
    assert_eq!(task.status().runs_total, 2);
}

#[tokio::test]
async fn a_hook_may_ask_for_another_attempt_whatever_the_error_is() {
    let stage = Stage::open().await;
    let spec = deciding(&stage, every(mins(10)), 5, Decision::Retry).retry(1);
    let task = stage.register(spec).await;
    stage.engine.advance(mins(9)).await;
    let runs = stage.runs().await;
    let attempts: Vec<_> = runs.iter().map(|run| (run.slot_at, run.attempt)).collect();
    let expected: Vec<_> = (1..=6).map(|attempt| (dawn(), attempt)).collect();
    assert_eq!(attempts, expected);
    assert_eq!((task.status().fails, task.current_loop()), (0, 1));
}

#[tokio::test]
async fn an_attempt_that_was_asked_for_does_not_pass_the_next_slot() {
    let stage = Stage::open().await;
    let spec = deciding(&stage, every(ms(100)), 1, Decision::Retry);
    stage.register(spec).await;
    stage.engine.advance(ms(100)).await;
    let runs = stage.runs().await;
    assert!(
        runs.iter()
            .all(|run| run.lateness() < TimeDelta::milliseconds(100))
    );
}

#[tokio::test]
async fn a_hook_may_give_up_a_slot_that_would_be_retried() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(mins(10)), 1, || {
            std::io::Error::from(std::io::ErrorKind::TimedOut).into()
        })
        .on_error(|failure: Failure| async move {
            assert!(failure.will_retry);
            failure.decide(Decision::Continue);
            Ok(())
        });
    let task = stage.register(spec).await;
    stage.engine.advance(mins(9)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert_eq!(task.status().fails, 1);
    stage.engine.advance(mins(1)).await;
    assert_eq!(stage.diary.times("run"), [0, 600_000]);
}

#[tokio::test]
async fn a_hook_may_stop_the_task_and_the_stop_is_durable() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| deciding(stage, every(secs(10)), 1, Decision::Stop);
    let task = stage.register(spec(&stage)).await;
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert_eq!(task.status().state, State::Stopped);
    assert_eq!(task.status().updated_by.as_deref(), Some("the error hook"));
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    assert_eq!(task.status().state, State::Stopped);
}

#[tokio::test]
async fn a_one_shot_that_has_failed_is_revived_by_another_attempt() {
    let stage = Stage::open().await;
    let spec = deciding(&stage, once(dawn()), 2, Decision::Retry);
    let task = stage.register(spec).await;
    stage.engine.advance(mins(1)).await;
    assert_eq!(
        stage.states().await,
        [RunState::Error, RunState::Error, RunState::Ok]
    );
    assert_eq!(task.status().state, State::Finished);
}

#[tokio::test]
async fn a_one_shot_that_has_failed_cannot_go_on() {
    let stage = Stage::open().await;
    let spec = deciding(&stage, once(dawn()), 1, Decision::Continue);
    let task = stage.register(spec).await;
    stage.engine.advance(mins(1)).await;
    assert_eq!(stage.states().await, [RunState::Error]);
    assert_eq!(task.status().state, State::Failed);
}

#[tokio::test]
async fn a_task_that_too_many_failures_have_ended_goes_on_in_the_same_life() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = deciding(&stage, every(secs(10)), 2, Decision::Continue).max_fails(1);
    let spec = spec.after({
        let diary = stage.diary.clone();
        move |_| {
            diary.note("after");
            async { Ok(()) }
        }
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(20)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000, 20_000]);
    assert_eq!(stage.diary.times("after"), [0; 0]);
    assert_eq!(
        (task.status().state, task.status().fails),
        (State::Active, 0)
    );
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let changes: Vec<_> = told
        .filter_map(|event| match event.kind {
            EventKind::Changed { from, to, .. } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(changes, [(State::Failed, State::Active); 2]);
}

#[tokio::test]
async fn a_decision_that_comes_too_late_comes_to_nothing() {
    let stage = Stage::open().await;
    let clock = stage.clock.clone();
    let spec = stage
        .failing(every(secs(10)), 1, || anyhow::anyhow!("no luck"))
        .on_error(move |failure: Failure| {
            let clock = clock.clone();
            async move {
                clock.sleep(secs(12)).await;
                failure.decide(Decision::Retry);
                Ok(())
            }
        });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(19)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
    assert_eq!(task.status().runs_total, 2);
}

#[tokio::test]
async fn a_restart_beats_a_decision_of_the_life_before() {
    let stage = Stage::open().await;
    let spec = stage
        .failing(every(hours(1)), 1, || anyhow::anyhow!("no luck"))
        .on_error(|failure: Failure| async move {
            failure.task.restart().await?;
            failure.decide(Decision::Stop);
            Ok(())
        });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn a_cancel_beats_the_revival_of_a_task_that_has_failed() {
    for decision in [Decision::Retry, Decision::Continue] {
        let stage = Stage::open().await;
        let spec = stage.failing(every(hours(1)), 9, || anyhow::anyhow!("no luck"));
        let spec = stage.diary.hooks(spec.max_fails(1));
        let spec = spec.on_error(move |failure: Failure| async move {
            failure.task.cancel().await?;
            failure.decide(decision);
            Ok(())
        });
        let task = stage.register(spec).await;
        stage.engine.advance(hours(2)).await;
        assert_eq!(task.status().state, State::Failed);
        assert_eq!(stage.diary.words(), ["before", "run", "after cancelled"]);
    }
}
