//! Bodies that block their thread.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
};

use cogsmith_tasks::{
    Clock, Engine, Error, MemoryStore, Overlap, Phase, RunState, State, TaskSpec, Transient, every,
    hours, manual, once, secs,
};
use futures_util::{FutureExt, future::join_all};
use parking_lot::Mutex;
use tokio::{
    runtime::{Builder, Handle},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, dawn, ms};

/// A body that tells that it was called, and returns when it is told to.
fn waiting(
    stage: &Stage,
) -> (
    TaskSpec,
    mpsc::UnboundedReceiver<()>,
    std::sync::mpsc::Sender<()>,
) {
    let (begun, begins) = mpsc::unbounded_channel();
    let (go, gone) = std::sync::mpsc::channel();
    let (gone, diary) = (Mutex::new(gone), stage.diary.clone());
    let spec = TaskSpec::blocking("t", every(secs(10)), move |run| {
        begun.send(())?;
        gone.lock().recv()?;
        diary.note(format!("cancelled: {}", run.is_cancelled()));
        Ok(())
    });
    (spec, begins, go)
}

#[tokio::test]
async fn a_blocking_body_runs_fails_and_panics_like_any_other() {
    let stage = Stage::open().await;
    let turns = AtomicUsize::new(0);
    let spec = TaskSpec::blocking("t", every(secs(10)), move |run| {
        assert!(!run.is_cancelled());
        match turns.fetch_add(1, SeqCst) {
            0 => Ok(()),
            1 => Err(Transient::new(anyhow::anyhow!("503")).into()),
            2 => panic!("no disk"),
            _ => Ok(()),
        }
    });
    let task = stage.register(spec).await;
    stage.engine.advance(secs(20)).await;
    assert_eq!(
        stage.states().await,
        [RunState::Ok, RunState::Error, RunState::Panic, RunState::Ok]
    );
    assert_eq!(&*task.status().last_error.unwrap(), "panicked: no disk");
}

#[tokio::test]
async fn a48_a_body_on_a_thread_of_its_own_holds_up_no_other_task() {
    let stage = Stage::open().await;
    let (spec, mut begins, go) = waiting(&stage);
    stage.register(spec).await;
    begins.recv().await.unwrap();
    let (diary, (other, mut runs)) = (stage.diary.clone(), mpsc::unbounded_channel());
    let spec = TaskSpec::new("other", every(secs(1)), move |_| {
        diary.note("other");
        other.send(()).unwrap();
        async { Ok(()) }
    });
    stage.register(spec).await;
    // The engine cannot settle while a thread is busy, so the clock is moved by hand.
    for _ in 0..5 {
        runs.recv().await.unwrap();
        stage.clock.advance(secs(1));
    }
    go.send(()).unwrap();
    stage.engine.settle().await;
    assert_eq!(
        stage.diary.times("other")[..5],
        [0, 1_000, 2_000, 3_000, 4_000]
    );
}

#[tokio::test]
async fn a_cancelled_body_is_live_until_it_returns() {
    let stage = Stage::open().await;
    let (spec, mut begins, go) = waiting(&stage);
    let task = stage.register(spec).await;
    begins.recv().await.unwrap();
    let status = task.cancel().await.unwrap();
    assert!(status.is_being_cancelled && task.is_running());
    assert_eq!(stage.states().await, [RunState::Running]);
    go.send(()).unwrap();
    task.stopped().await;
    assert_eq!(stage.diary.words(), ["cancelled: true"]);
    assert_eq!(stage.states().await, [RunState::Ok], "it has ended well");
}

#[tokio::test]
async fn a_body_that_is_too_slow_holds_its_place_until_it_returns() {
    let stage = Stage::open().await;
    let (spec, mut begins, go) = waiting(&stage);
    let spec = spec.timeout(secs(3)).overlap(Overlap::Skip);
    let spec = spec.after_each(|run: cogsmith_tasks::Run| async move {
        assert_eq!(run.result, Some(RunState::Timeout));
        Ok(())
    });
    let task = stage.register(spec).await;
    begins.recv().await.unwrap();
    let mut status = task.watch();
    stage.clock.advance(secs(12));
    status.wait_for(|status| status.skipped == 1).await.unwrap();
    assert_eq!(stage.states().await, [RunState::Running]);
    drop(go);
    stage.engine.settle().await;
    assert_eq!(stage.states().await[0], RunState::Timeout);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_bodies_block_at_once_than_there_are_threads() {
    let engine = Engine::builder(Arc::new(MemoryStore::new()), Clock::system())
        .blocking_threads(3)
        .build();
    let (now, most, done) = (
        Arc::new(AtomicI64::new(0)),
        Arc::new(AtomicI64::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    engine.start().await.unwrap();
    let tasks = (0..20).map(|task| {
        let (now, most, done) = (now.clone(), most.clone(), done.clone());
        let spec = TaskSpec::blocking(format!("t{task}"), once(dawn()), move |_| {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            std::thread::yield_now();
            now.fetch_sub(1, SeqCst);
            done.fetch_add(1, SeqCst);
            Ok(())
        });
        engine.register(spec)
    });
    for task in join_all(tasks).await {
        task.unwrap().stopped().await;
    }
    assert_eq!(done.load(SeqCst), 20);
    assert!((1..=3).contains(&most.load(SeqCst)), "{most:?}");
}

#[tokio::test]
async fn a_run_that_waits_for_a_thread_can_be_cancelled() {
    let store = Arc::new(MemoryStore::new());
    let engine = Engine::builder(store, Clock::manual(dawn()))
        .blocking_threads(1)
        .build();
    engine.start().await.unwrap();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let (gone, (begun, mut begins)) = (Mutex::new(gone), mpsc::unbounded_channel());
    let hog = TaskSpec::blocking("hog", once(dawn()), move |_| {
        begun.send(())?;
        Ok(gone.lock().recv()?)
    });
    engine.register(hog).await.unwrap();
    begins.recv().await.unwrap();
    let spec = TaskSpec::blocking("t", manual(), |_| panic!("must not be called"));
    let task = engine.register(spec).await.unwrap();
    task.trigger_now().await.unwrap();
    task.cancel().await.unwrap();
    task.stopped().await;
    let runs = task.history(9).await.unwrap();
    assert_eq!(runs[0].state, RunState::Cancelled);
    go.send(()).unwrap();
    engine.shut_down(hours(1)).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_a_body_that_blocks() {
    let stage = Stage::open().await;
    let (spec, mut begins, go) = waiting(&stage);
    stage.register(spec).await;
    begins.recv().await.unwrap();
    let engine = stage.engine.clone();
    let closing = tokio::spawn(async move { engine.shut_down(ms(5_000)).await });
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    closing.await.unwrap();
    assert_eq!(stage.diary.words(), ["cancelled: false"]);
}

/// An engine with one thread, which is taken until the sender sends or is dropped.
async fn with_its_only_thread_taken() -> (
    Engine,
    std::sync::mpsc::Sender<()>,
    tokio::task::JoinHandle<Result<bool, Error>>,
) {
    let engine = Engine::builder(Arc::new(MemoryStore::new()), Clock::system())
        .blocking_threads(1)
        .build();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let taker = engine.clone();
    let taken = tokio::spawn(async move {
        let work = move |token: CancellationToken| {
            begun.send(()).unwrap();
            let _ = gone.recv();
            token.is_cancelled()
        };
        taker.blocking_with_token(work).await
    });
    begins.recv().await.unwrap();
    (engine, go, taken)
}

#[tokio::test]
async fn a_panic_of_a_blocking_call_is_an_error() {
    let (engine, go, taken) = with_its_only_thread_taken().await;
    go.send(()).unwrap();
    assert!(!taken.await.unwrap().unwrap(), "nobody has cancelled it");
    let error = engine.blocking(|| panic!("no disk")).await.unwrap_err();
    assert_eq!(error.to_string(), "blocking work panicked: no disk");
    assert_eq!(
        engine.blocking(|| 7).await.unwrap(),
        7,
        "the thread is free again"
    );
}

#[tokio::test]
async fn a_call_that_is_dropped_before_it_began_never_begins() {
    let (engine, go, taken) = with_its_only_thread_taken().await;
    let mut dropped = Box::pin(engine.blocking(|| panic!("must not be called")));
    assert!((&mut dropped).now_or_never().is_none());
    let mut next = Box::pin(engine.blocking(|| "next"));
    assert!((&mut next).now_or_never().is_none());
    drop(dropped);
    go.send(()).unwrap();
    assert_eq!(next.await.unwrap(), "next");
    taken.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_running_call_learns_that_its_future_was_dropped() {
    let engine = Engine::new(Arc::new(MemoryStore::new()), Clock::system());
    let (told, mut tells) = mpsc::unbounded_channel();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let work = move |token: CancellationToken| {
        begun.send(()).unwrap();
        while !token.is_cancelled() {
            std::thread::yield_now();
        }
        told.send(()).unwrap();
    };
    let call = tokio::spawn(async move { engine.blocking_with_token(work).await });
    begins.recv().await.unwrap();
    call.abort();
    tells.recv().await.unwrap();
}

#[tokio::test]
async fn cancelling_tells_who_runs_and_refuses_who_waits() {
    let (engine, go, taken) = with_its_only_thread_taken().await;
    let mut waits = Box::pin(engine.blocking(|| panic!("must not be called")));
    assert!((&mut waits).now_or_never().is_none());
    engine.cancel_blocking();
    let refused = waits.await;
    assert!(
        matches!(refused, Err(Error::BlockingCancelled)),
        "{refused:?}"
    );
    go.send(()).unwrap();
    assert!(taken.await.unwrap().unwrap(), "it was told");
    assert_eq!(
        engine.blocking(|| 7).await.unwrap(),
        7,
        "later calls are not cancelled"
    );
}

#[tokio::test]
async fn bodies_of_tasks_and_calls_share_their_threads() {
    let (engine, go, taken) = with_its_only_thread_taken().await;
    engine.start().await.unwrap();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let spec = TaskSpec::blocking("t", manual(), move |_| Ok(begun.send(())?));
    let task = engine.register(spec).await.unwrap();
    task.trigger_now().await.unwrap();
    assert!(begins.try_recv().is_err(), "the only thread is taken");
    go.send(()).unwrap();
    begins.recv().await.unwrap();
    taken.await.unwrap().unwrap();
}

#[tokio::test]
async fn an_engine_on_a_runtime_of_its_own_is_not_held_up_by_bodies_that_are_not_async_enough() {
    let bodies = Builder::new_multi_thread().worker_threads(1).build();
    let bodies = bodies.unwrap();
    let builder = {
        let _bodies = bodies.enter();
        let store = Arc::new(MemoryStore::new());
        Engine::builder(store, Clock::manual(dawn()))
    };
    let engine = builder.runtime(Handle::current()).build();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let gone = Arc::new(Mutex::new(gone));
    let spec = TaskSpec::new("holder", every(secs(10)), move |_| {
        let (begun, gone) = (begun.clone(), gone.clone());
        async move {
            begun.send(std::thread::current().id())?;
            gone.lock().recv()?;
            Ok(())
        }
    });
    let holder = engine.register(spec).await.unwrap();
    engine.start().await.unwrap();
    let thread = begins.recv().await.unwrap();
    assert_ne!(thread, std::thread::current().id());

    let other = TaskSpec::new("other", every(hours(1)), |_| async { Ok(()) });
    let other = engine.register(other).await.unwrap();
    assert_eq!(other.stop().await.unwrap().state, State::Stopped);
    assert_eq!(holder.phase(), Phase::Running);
    go.send(()).unwrap();
    engine.settle().await;
    assert_eq!(holder.phase(), Phase::Waiting);
    engine.shut_down(secs(1)).await;
    bodies.shutdown_background();
}
