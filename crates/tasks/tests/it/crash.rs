//! What a crash, a restart or a lost store leaves.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use cogsmith_tasks::{
    Engine, Error, EventKind, History, RunState, State, Store, every, mins, secs,
};

use crate::{
    refusing::Counting,
    stage::{Stage, dawn, ms},
};

#[tokio::test]
async fn a17_a_changed_interval_survives_a_crash() {
    let mut stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(1)).await;
    task.change_interval(every(secs(4))).await.unwrap();
    stage.crash().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    let status = task.status();
    assert!(status.overridden);
    assert_eq!(
        (status.trigger, status.default_trigger),
        (every(secs(4)), every(secs(10)))
    );
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(8)).await;
    assert_eq!(stage.diary.times("run"), [0, 4_000, 8_000]);
    let status = task.reset_interval().await.unwrap();
    assert_eq!(status.next_run_at, Some(dawn() + secs(18)));
}

#[tokio::test]
async fn a18_a_new_default_is_adopted_unless_somebody_chose() {
    let mut stage = Stage::open().await;
    stage.register(stage.quick(every(secs(10)))).await;
    let other = |stage: &Stage, trigger| {
        let diary = stage.diary.clone();
        cogsmith_tasks::TaskSpec::new("chosen", trigger, move |_| {
            diary.note("chosen");
            async { Ok(()) }
        })
    };
    let chosen = stage.register(other(&stage, every(secs(10)))).await;
    chosen.change_interval(every(secs(7))).await.unwrap();
    stage.engine.advance(secs(1)).await;
    stage.crash().await;
    let task = stage.register(stage.quick(every(secs(3)))).await;
    let chosen = stage.register(other(&stage, every(secs(3)))).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(7)).await;
    assert_eq!(stage.diary.times("run"), [0, 3_000, 6_000]);
    assert_eq!(stage.diary.times("chosen"), [0, 7_000]);
    assert!(!task.status().overridden);
    assert!(chosen.status().overridden);
    assert_eq!(chosen.status().default_trigger, every(secs(3)));
}

#[tokio::test]
async fn a_stopped_task_stays_stopped_after_a_crash() {
    let mut stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    stage.engine.advance(secs(1)).await;
    task.stop().await.unwrap();
    stage.crash().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000]);
    assert_eq!(task.status().state, State::Stopped);
    assert_eq!(task.status().runs_total, 2, "counters survive");
}

#[tokio::test]
async fn a_command_before_the_start_is_durable() {
    let mut stage = Stage::closed();
    let task = stage.register(stage.quick(every(secs(1)))).await;
    task.stop().await.unwrap();
    stage.crash().await;
    let task = stage.register(stage.quick(every(secs(1)))).await;
    assert_eq!(task.status().state, State::Stopped);
}

#[tokio::test]
async fn a_future_slot_is_simply_awaited_after_a_crash() {
    let mut stage = Stage::open().await;
    stage.register(stage.quick(every(secs(10)))).await;
    for _ in 0..3 {
        stage.engine.advance(secs(2)).await;
        stage.crash().await;
        stage.register(stage.quick(every(secs(10)))).await;
        stage.engine.start().await.unwrap();
    }
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
}

#[tokio::test]
async fn a29_a_run_that_a_crash_cuts_off_is_abandoned_counted_and_told() {
    let mut stage = Stage::open().await;
    stage
        .register(stage.lasting(every(secs(10)), secs(5)))
        .await;
    stage.engine.advance(secs(2)).await;
    stage.crash().await;
    let mut events = stage.engine.events();
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(9)).await;
    assert_eq!(stage.states().await, [RunState::Abandoned, RunState::Ok]);
    assert_eq!(
        stage.diary.times("run"),
        [0, 10_000],
        "the slot is not run twice"
    );
    assert_eq!(task.status().abandoned, 1);
    let mut told = std::iter::from_fn(|| events.try_recv().ok());
    assert!(told.any(|event| matches!(event.kind, EventKind::Abandoned { run: 1 })));
}

#[tokio::test]
async fn a29_a_crash_in_a_back_off_resumes_the_retry_with_its_attempt() {
    let mut stage = Stage::open().await;
    let reset = || {
        cogsmith_tasks::Transient::new(anyhow::anyhow!("503"))
            .retry_after(secs(60))
            .into()
    };
    stage
        .register(stage.failing(every(mins(10)), 1, reset))
        .await;
    stage.engine.advance(secs(5)).await;
    stage.crash().await;
    stage.register(stage.quick(every(mins(10)))).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(mins(2)).await;
    let runs = stage.runs().await;
    let attempts: Vec<_> = runs
        .iter()
        .map(|run| (run.slot_at, run.attempt, run.state))
        .collect();
    assert_eq!(
        attempts,
        [(dawn(), 1, RunState::Error), (dawn(), 2, RunState::Ok)]
    );
    assert_eq!(stage.diary.times("run"), [0, 60_000]);
}

#[tokio::test]
async fn a29_a_crash_during_a_restart_leaves_the_task_started() {
    let mut stage = Stage::open().await;
    let task = stage
        .register(stage.lasting(every(mins(10)), mins(5)))
        .await;
    stage.engine.advance(secs(1)).await;
    task.restart().await.unwrap();
    stage.crash().await;
    let task = stage.register(stage.quick(every(mins(10)))).await;
    assert_eq!(
        (task.status().state, task.current_loop()),
        (State::Active, 0)
    );
}

/// An engine on a store that can be made to refuse, with a task that was registered and started.
async fn on_refusing(stage: &Stage, spec: cogsmith_tasks::TaskSpec) -> (Counting, Engine) {
    let store = Counting::default();
    let engine = Engine::new(Arc::new(store.clone()), stage.clock.clone());
    engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    engine.settle().await;
    (store, engine)
}

/// The engine that follows a crash, with its task.
async fn reborn(stage: &Stage, store: &Counting, spec: cogsmith_tasks::TaskSpec) -> Engine {
    store.refusals.store(0, SeqCst);
    let engine = Engine::new(Arc::new(store.clone()), stage.clock.clone());
    engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    engine.settle().await;
    engine
}

#[tokio::test]
async fn a29_a_crash_before_the_claim_is_written_loses_no_slot() {
    let stage = Stage::closed();
    let (store, engine) = on_refusing(&stage, stage.quick(every(secs(10)))).await;
    store.refusals.store(usize::MAX, SeqCst);
    engine.advance(secs(12)).await;
    assert_eq!(
        stage.diary.times("run"),
        [0],
        "no body is called before its claim is written"
    );
    engine.kill().await;
    let engine = reborn(&stage, &store, stage.quick(every(secs(10)))).await;
    assert_eq!(stage.diary.times("run"), [0, 12_000]);
    let runs = engine.history("t", 9).await.unwrap();
    assert_eq!(runs[0].slot_at, dawn() + secs(10));
}

#[tokio::test]
async fn a29_a_crash_before_the_end_is_written_does_not_run_the_slot_again() {
    let stage = Stage::closed();
    let (store, engine) = on_refusing(&stage, stage.lasting(every(secs(10)), secs(2))).await;
    store.refusals.store(usize::MAX, SeqCst);
    engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("end"), [2_000], "the body is done");
    engine.kill().await;
    let engine = reborn(&stage, &store, stage.quick(every(secs(10)))).await;
    engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
    let runs = engine.history("t", 9).await.unwrap();
    assert_eq!(
        runs.iter().map(|run| run.state).collect::<Vec<_>>(),
        [RunState::Ok, RunState::Abandoned]
    );
}

#[tokio::test]
async fn a29_a_crash_in_the_error_hook_does_not_repeat_it() {
    let mut stage = Stage::open().await;
    let told = Arc::new(AtomicUsize::new(0));
    let (clock, count) = (stage.clock.clone(), told.clone());
    let spec = stage
        .failing(every(secs(10)), 9, || anyhow::anyhow!("no"))
        .on_error(move |_| {
            count.fetch_add(1, SeqCst);
            let sleep = clock.sleep(mins(1));
            async move {
                sleep.await;
                Ok(())
            }
        });
    stage.register(spec.clone()).await;
    stage.engine.advance(secs(1)).await;
    stage.crash().await;
    stage.register(spec).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(1)).await;
    assert_eq!(told.load(SeqCst), 1);
    assert_eq!(stage.states().await, [RunState::Error]);
}

#[tokio::test]
async fn a29_a_crash_before_a_command_is_written_leaves_the_state_before_it() {
    let stage = Stage::closed();
    let (store, engine) = on_refusing(&stage, stage.quick(every(secs(10)))).await;
    store.refusals.store(usize::MAX, SeqCst);
    let task = engine.task("t").unwrap();
    let stopping = tokio::spawn(async move { task.stop().await });
    tokio::task::yield_now().await;
    engine.settle().await;
    assert!(!stopping.is_finished(), "no answer before it is written");
    engine.kill().await;
    assert!(stopping.await.unwrap().is_err());
    let engine = reborn(&stage, &store, stage.quick(every(secs(10)))).await;
    assert_eq!(engine.task("t").unwrap().status().state, State::Active);
}

#[tokio::test]
async fn a_loop_without_history_writes_nothing_while_it_runs() {
    let stage = Stage::closed();
    let store = Counting::default();
    let engine = Engine::new(Arc::new(store.clone()), stage.clock.clone());
    let spec = stage.quick(every(ms(100))).history(History::None);
    let task = engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    engine.advance(secs(60)).await;
    assert_eq!(task.current_loop(), 601);
    assert_eq!(store.commits.load(SeqCst), 0);
    task.stop().await.unwrap();
    assert_eq!(
        store.commits.load(SeqCst),
        1,
        "commands are durable all the same"
    );
    assert_eq!(store.inner.tasks().await.unwrap()[0].cursor.runs_total, 601);
}

#[tokio::test]
async fn a_loop_without_history_starts_anew_after_a_crash() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(every(secs(10))).history(History::None);
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(25)).await;
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(11)).await;
    assert_eq!(
        stage.diary.times("run"),
        [0, 10_000, 20_000, 25_000, 35_000]
    );
    assert_eq!(task.status().missed, 0);
}

#[tokio::test]
async fn a_clean_shutdown_keeps_the_place_of_a_loop_without_history() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.quick(every(secs(10))).history(History::None);
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(25)).await;
    stage.engine.shut_down(secs(25)).await;
    stage.crash().await;
    let task = stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000, 20_000, 30_000]);
    assert_eq!(task.current_loop(), 4);
}

#[tokio::test]
async fn a39_an_engine_that_was_taken_over_can_do_no_more() {
    let stage = Stage::open().await;
    let old = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.settle().await;
    let next = Engine::new(Arc::new(stage.store.clone()), stage.clock.clone());
    next.start().await.unwrap();
    let refused = old.stop().await;
    assert!(matches!(refused, Err(Error::Fenced)), "{refused:?}");
    assert!(
        matches!(old.start().await, Err(Error::Fenced)),
        "and it stays so"
    );
    let new = next.register(stage.quick(every(secs(10)))).await.unwrap();
    assert_eq!(
        new.status().state,
        State::Active,
        "the late stop was not written"
    );
}

#[tokio::test]
async fn a47_an_unavailable_store_is_waited_for_and_holds_up_no_loop_without_history() {
    let stage = Stage::closed();
    let store = Counting::default();
    let engine = Engine::new(Arc::new(store.clone()), stage.clock.clone());
    let durable = engine.register(stage.quick(every(secs(1)))).await.unwrap();
    let diary = stage.diary.clone();
    let light = cogsmith_tasks::TaskSpec::new("light", every(secs(1)), move |_| {
        diary.note("light");
        async { Ok(()) }
    });
    engine.register(light.history(History::None)).await.unwrap();
    engine.start().await.unwrap();
    engine.advance(ms(500)).await;
    store.refusals.store(8, SeqCst);
    engine.advance(secs(10)).await;
    assert_eq!(
        stage.diary.times("light").len(),
        11,
        "{:?}",
        stage.diary.times("light")
    );
    engine.advance(secs(60)).await;
    assert_eq!(store.refusals.load(SeqCst), 0);
    assert_eq!(durable.phase(), cogsmith_tasks::Phase::Waiting);
    let runs = durable.history(1_000).await.unwrap();
    assert!(runs.iter().all(|run| run.state == RunState::Ok), "{runs:?}");
    assert!(
        durable.status().skipped > 0,
        "slots during the outage are counted"
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_opened_is_told_and_may_be_tried_again() {
    let stage = Stage::closed();
    let store = Counting::default();
    store.closed_for.store(1, SeqCst);
    let engine = Engine::new(Arc::new(store), stage.clock.clone());
    assert!(matches!(engine.start().await, Err(Error::Store(_))));
    engine.register(stage.quick(every(secs(1)))).await.unwrap();
    engine.start().await.unwrap();
    engine.settle().await;
    assert_eq!(stage.diary.times("run"), [0]);
}
