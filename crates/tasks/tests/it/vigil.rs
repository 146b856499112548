//! What is told of a task that goes wrong slowly: overdue, slow, failing, stalled.

use std::{sync::Arc, time::Duration};

use cogsmith_tasks::{
    Beat, Clock, Decision, Engine, Event, EventKind, Failure, Gate, MemoryStore, TaskSpec, every,
    hours, manual, mins, secs,
};
use parking_lot::Mutex;
use tokio::sync::broadcast::Receiver;

use crate::{
    pulse::ByHand,
    stage::{Stage, dawn, ms},
};

/// What of interest was told so far, each with the seconds since dawn.
fn told(events: &mut Receiver<Event>) -> Vec<(i64, &'static str)> {
    let events = std::iter::from_fn(|| events.try_recv().ok());
    let told = events.filter_map(|event| {
        let what = match event.kind {
            EventKind::Overdue { .. } => "overdue",
            EventKind::Recovered { .. } => "recovered",
            EventKind::Slow { .. } => "slow",
            EventKind::Failing { .. } => "failing",
            EventKind::Failed { .. } => "failed",
            _ => return None,
        };
        Some(((event.at - dawn()).num_seconds(), what))
    });
    told.collect()
}

#[tokio::test]
async fn a49_a_task_that_fails_for_too_long_is_told_once_and_so_is_its_recovery() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.failing(every(secs(10)), 6, || anyhow::anyhow!("no luck"));
    let task = stage.register(spec.expect_within(secs(25))).await;
    stage.engine.advance(secs(45)).await;
    assert!(task.status().is_overdue);
    stage.engine.advance(secs(45)).await;
    assert!(!task.status().is_overdue);
    assert_eq!(
        told(&mut events),
        [(25, "overdue"), (40, "failing"), (60, "recovered")]
    );
}

#[tokio::test]
async fn a49_a_restart_begins_the_wait_anew() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.failing(every(secs(10)), 99, || anyhow::anyhow!("no luck"));
    let task = stage.register(spec.expect_within(secs(25))).await;
    stage.engine.advance(secs(32)).await;
    assert!(task.status().is_overdue);
    task.restart().await.unwrap();
    stage.engine.settle().await;
    assert!(!task.status().is_overdue);
    stage.engine.advance(secs(30)).await;
    let overdue = told(&mut events).into_iter();
    let overdue: Vec<_> = overdue.filter(|(_, what)| *what == "overdue").collect();
    assert_eq!(overdue, [(25, "overdue"), (57, "overdue")]);
}

#[tokio::test]
async fn a49_a_task_that_hangs_is_overdue() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.lasting(every(secs(10)), hours(2));
    stage.register(spec.expect_within(mins(1))).await;
    stage.engine.advance(hours(1)).await;
    assert_eq!(told(&mut events), [(60, "overdue")]);
}

#[tokio::test]
async fn a49_a_task_that_is_never_due_is_overdue_until_it_succeeds() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let task = stage
        .register(stage.quick(manual()).expect_within(hours(24)))
        .await;
    for _ in 0..3 {
        stage.engine.advance(hours(20)).await;
        task.trigger_now().await.unwrap();
    }
    stage.engine.advance(hours(30)).await;
    task.trigger_now().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(
        told(&mut events),
        [(84 * 3_600, "overdue"), (90 * 3_600, "recovered")]
    );
}

#[tokio::test]
async fn a49_what_is_stopped_or_held_is_not_overdue() {
    let (stage, gate) = (Stage::open().await, Gate::closed("gateway"));
    let mut events = stage.engine.events();
    let spec = stage.quick(every(secs(10))).expect_within(secs(30));
    let task = stage.register(spec.needs(&gate)).await;
    stage.engine.advance(mins(5)).await;
    gate.open();
    stage.engine.advance(mins(5)).await;
    gate.close();
    stage.engine.advance(mins(5)).await;
    gate.open();
    stage.engine.advance(mins(5)).await;
    task.stop().await.unwrap();
    stage.engine.advance(mins(5)).await;
    task.start().await.unwrap();
    stage.engine.advance(mins(5)).await;
    assert_eq!(told(&mut events), []);
}

#[tokio::test]
async fn a49_a_process_that_crashes_again_and_again_is_overdue() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| {
        let spec = stage.lasting(every(mins(1)), secs(30));
        spec.expect_within(mins(2))
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(40)).await;
    let mut told_of = Vec::new();
    for _ in 0..12 {
        stage.crash().await;
        let mut events = stage.engine.events();
        stage.register(spec(&stage)).await;
        stage.engine.start().await.unwrap();
        stage.engine.advance(secs(25)).await;
        told_of.extend(told(&mut events));
    }
    assert_eq!(told_of[0], (150, "overdue"), "since the success at 30 s");
}

#[tokio::test]
async fn a49_a_wall_clock_that_is_set_makes_nothing_overdue() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.quick(every(secs(10))).expect_within(secs(30));
    stage.register(spec).await;
    stage.engine.advance(secs(15)).await;
    stage.clock.step_wall(chrono::TimeDelta::hours(5));
    stage.engine.advance(secs(60)).await;
    assert_eq!(told(&mut events), []);
}

#[tokio::test]
async fn a_sweep_finds_what_the_alarms_would_tell() {
    let pulse = ByHand::default();
    let clock = Clock::manual(dawn());
    let engine = Engine::builder(Arc::new(MemoryStore::new()), clock.clone())
        .pulse(pulse.clone())
        .build();
    let spec = TaskSpec::new("t", manual(), |_| async { Ok(()) });
    engine.register(spec.expect_within(mins(1))).await.unwrap();
    engine.start().await.unwrap();
    engine.settle().await;
    let mut events = engine.events();
    clock.advance(mins(2));
    pulse.beat(Beat::Sweep).await;
    engine.settle().await;
    pulse.beat(Beat::Sweep).await;
    engine.settle().await;
    assert_eq!(told(&mut events), [(120, "overdue")]);
}

#[tokio::test]
async fn runs_that_begin_to_fill_their_interval_are_told_once() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let lengths = Mutex::new([1, 9, 9, 9, 1, 8].into_iter());
    let clock = stage.clock.clone();
    let spec = TaskSpec::new("t", every(secs(10)), move |_| {
        let length = lengths.lock().next().unwrap_or(1);
        let sleep = clock.sleep(secs(length));
        async move {
            sleep.await;
            Ok(())
        }
    });
    stage.register(spec).await;
    stage.engine.advance(mins(2)).await;
    assert_eq!(told(&mut events), [(19, "slow"), (58, "slow")]);
}

#[tokio::test]
async fn the_fifth_failure_in_a_row_is_told_unless_the_task_gives_up() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.failing(every(secs(1)), 7, || anyhow::anyhow!("no luck"));
    stage.register(spec).await;
    stage.engine.advance(secs(20)).await;
    assert_eq!(told(&mut events), [(4, "failing")]);
    let spec = stage.failing(every(secs(1)), 7, || anyhow::anyhow!("no luck"));
    stage.register(spec.scope("other").max_fails(5)).await;
    stage.engine.advance(secs(20)).await;
    assert_eq!(told(&mut events), [(24, "failed")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a48_a_body_that_blocks_its_thread_is_told_while_it_does() {
    let pulse = ByHand::default();
    let engine = Engine::builder(Arc::new(MemoryStore::new()), Clock::system())
        .pulse(pulse.clone())
        .build();
    let mut events = engine.events();
    let (end, ended) = std::sync::mpsc::channel::<()>();
    let ended = Mutex::new(ended);
    let spec = TaskSpec::new("t", every(hours(1)), move |_| {
        let ended = ended.lock().recv();
        async move { Ok(ended?) }
    });
    engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    let blocked = loop {
        pulse.beat(Beat::Look).await;
        let event = tokio::time::timeout(ms(50), events.recv()).await;
        if let Ok(Ok(Event {
            kind: EventKind::Stalled { run: 1, blocked },
            ..
        })) = event
        {
            break blocked;
        }
    };
    assert!(blocked >= Duration::from_secs(1));
    pulse.beat(Beat::Look).await;
    end.send(()).unwrap();
    engine.settle().await;
    let again = std::iter::from_fn(|| events.try_recv().ok());
    let again = again.filter(|event| matches!(event.kind, EventKind::Stalled { .. }));
    assert_eq!(again.count(), 0, "told once");
}

#[tokio::test]
async fn a49_a_wall_clock_that_is_set_back_hides_nothing_that_is_overdue() {
    for is_restarted in [false, true] {
        let mut stage = Stage::open().await;
        let spec = |stage: &Stage| {
            let spec = stage.lasting(every(mins(10)), secs(1));
            spec.expect_within(mins(5))
        };
        stage.register(spec(&stage)).await;
        stage.engine.advance(mins(1)).await;
        if is_restarted {
            stage.crash().await;
            stage.clock.step_wall(chrono::TimeDelta::hours(-5));
            stage.register(spec(&stage)).await;
            stage.engine.start().await.unwrap();
        } else {
            stage.clock.step_wall(chrono::TimeDelta::hours(-5));
        }
        let mut events = stage.engine.events();
        stage.engine.advance(mins(6)).await;
        let told: Vec<_> = told(&mut events).iter().map(|(_, what)| *what).collect();
        assert_eq!(told, ["overdue"], "restarted: {is_restarted}");
    }
}

#[tokio::test]
async fn a_slot_that_a_hook_has_tried_again_and_again_is_told_as_failing_once() {
    let stage = Stage::open().await;
    let mut events = stage.engine.events();
    let spec = stage.failing(every(hours(1)), 8, || anyhow::anyhow!("no luck"));
    let spec = spec.on_error(|failure: Failure| async move {
        if failure.task.status().fails == 5 {
            failure.decide(Decision::Retry);
        }
        Ok(())
    });
    let task = stage.register(spec).await;
    stage.engine.advance(hours(5)).await;
    assert_eq!(told(&mut events), [(4 * 3_600, "failing")]);
    assert_eq!((task.status().runs_total, task.status().fails), (10, 0));
}
