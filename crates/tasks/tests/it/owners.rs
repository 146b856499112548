//! Two engines and one store: who has it, who waits, who is refused.

use std::{sync::Arc, time::Duration};

use crate::{
    pulse::ByHand,
    stage::{Stage, dawn},
};
use cogsmith_tasks::{
    Beat, Clock, Engine, EngineBuilder, Error, MemoryStore, State, Store, TaskSpec, every, secs,
};

/// Two processes on one store with a lease of 15 s.
struct Pair {
    store: MemoryStore,
    clock: Clock,
    pulse: ByHand,
}

impl Pair {
    fn new() -> Self {
        Self {
            store: MemoryStore::with_lease(secs(15)),
            clock: Clock::manual(dawn()),
            pulse: ByHand::default(),
        }
    }

    fn engine(&self, owner: &str) -> EngineBuilder {
        let store = Arc::new(self.store.clone());
        Engine::builder(store, self.clock.clone()).owner(owner)
    }

    async fn first(&self) -> Engine {
        let engine = self.engine("first").pulse(self.pulse.clone()).build();
        engine.start().await.unwrap();
        engine.settle().await;
        engine
    }

    /// A minute in which the first engine tells the store that it is alive.
    async fn beat_for_a_minute(&self, engine: &Engine) {
        for _ in 0..60 {
            engine.advance(secs(1)).await;
            self.pulse.beat(Beat::Look).await;
            engine.settle().await;
        }
    }
}

fn idle() -> TaskSpec {
    TaskSpec::new("t", every(secs(10)), |_| async { Ok(()) })
}

#[tokio::test]
async fn a39_a_second_engine_is_refused_while_the_first_is_alive() {
    let pair = Pair::new();
    let first = pair.first().await;
    pair.beat_for_a_minute(&first).await;
    let second = pair.engine("second").build();
    let refused = second.start().await.unwrap_err();
    assert_eq!(refused.to_string(), "the task store is in use by first");
    let refused = second.register(idle()).await;
    assert!(
        matches!(refused, Err(Error::Occupied { .. })),
        "{refused:?}"
    );
    first.register(idle()).await.unwrap().stop().await.unwrap();
    first.shut_down(secs(1)).await;
    second.start().await.unwrap();
    let task = second.register(idle()).await.unwrap();
    assert_eq!(task.status().state, State::Stopped);
}

#[tokio::test]
async fn a39_an_engine_that_is_silent_for_its_lease_is_taken_over_and_its_late_write_refused() {
    let pair = Pair::new();
    let first = pair.first().await;
    let task = first.register(idle()).await.unwrap();
    pair.clock.advance(secs(14));
    let second = pair.engine("second").build();
    assert!(matches!(second.start().await, Err(Error::Occupied { .. })));
    pair.clock.advance(secs(2));
    second.start().await.unwrap();
    let late = task.stop().await;
    assert!(matches!(late, Err(Error::Fenced)), "{late:?}");
    let task = second.register(idle()).await.unwrap();
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn a39_an_idle_engine_learns_from_its_beat_that_it_was_taken_over() {
    let pair = Pair::new();
    let first = pair.first().await;
    pair.clock.advance(secs(16));
    let second = pair.engine("second").build();
    second.start().await.unwrap();
    pair.pulse.beat(Beat::Look).await;
    assert!(matches!(first.ended().await, Error::Fenced));
}

#[tokio::test]
async fn a39_an_engine_that_stands_by_begins_when_the_first_is_gone() {
    let pair = Pair::new();
    let first = pair.first().await;
    let second = pair.engine("second").stand_by().build();
    let waiting = {
        let second = second.clone();
        tokio::spawn(async move { second.start().await })
    };
    second.settle().await;
    pair.beat_for_a_minute(&first).await;
    assert!(!waiting.is_finished());
    first.kill().await;
    second.advance(Duration::from_secs(16)).await;
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_removal_that_is_refused_tells_why() {
    let stage = Stage::open().await;
    stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.settle().await;
    stage.store.open("another", dawn()).await.unwrap();
    let error = stage.engine.remove("t", "").await.unwrap_err();
    assert!(matches!(error, Error::Fenced), "{error}");
}

#[tokio::test]
async fn an_engine_that_stands_by_does_not_wait_for_the_store_when_it_is_told_to_end() {
    let pair = Pair::new();
    let first = pair.first().await;
    let second = pair.engine("second").stand_by().build();
    let closing = async {
        second.settle().await;
        second.shut_down(secs(25)).await;
        assert!(pair.clock.now() < dawn() + secs(5));
    };
    let (refused, (), ()) = tokio::join!(
        biased;
        second.start(),
        closing,
        pair.beat_for_a_minute(&first),
    );
    assert!(matches!(refused, Err(Error::Occupied { .. })));
}
