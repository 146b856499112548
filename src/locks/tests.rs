//! Who gets a lock when, and what is said when nobody does.

use std::{panic::AssertUnwindSafe, thread};

use futures_util::FutureExt;

use super::*;
use crate::activity::Activity;

fn locks() -> Locks {
    Locks::new(Clock::manual(DateTime::UNIX_EPOCH))
}

fn ann() -> Activity {
    Activity::new("till", "/total")
}

fn ben() -> Activity {
    Activity::new("till", "Till::close")
}

/// Lets whatever is spawned on this runtime, which has one thread, come to where it waits.
async fn settle() {
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn whoever_asks_first_is_first() {
    let locks = locks();
    let first = locks.lock("dues").await.unwrap();
    let (told, mut tells) = tokio::sync::mpsc::unbounded_channel();
    for turn in 0..100 {
        let (locks, told) = (locks.clone(), told.clone());
        tokio::spawn(async move {
            let _guard = locks.lock("dues").await.unwrap();
            tokio::task::yield_now().await;
            told.send(turn).unwrap();
        });
        settle().await;
    }
    drop(first);
    for turn in 0..100 {
        assert_eq!(tells.recv().await, Some(turn));
    }
    settle().await;
    assert_eq!(locks.held(), []);
}

#[tokio::test]
async fn another_key_is_not_waited_for() {
    let locks = locks();
    let _none = locks.lock("dues").await.unwrap();
    let _one = locks.lock(("dues", 1)).await.unwrap();
    let _other = locks.lock(("dues", 2)).await.unwrap();
    let _both = locks.lock(("dues", 1, 2)).await.unwrap();
    let keys: Vec<_> = locks.held().iter().map(|it| it.key.to_string()).collect();
    assert_eq!(keys, ["dues", "dues 1", "dues 1 2", "dues 2"]);
}

#[tokio::test]
async fn a_time_out_names_key_holder_and_waiter() {
    let locks = locks();
    let clock = locks.registry.clock.clone();
    let held = ann().hold(locks.lock(("dues", 7))).await.unwrap();
    clock.advance(Duration::from_secs(60));
    let waiting = tokio::spawn(ben().hold(locks.lock(("dues", 7))));
    settle().await;
    clock.advance(PATIENCE);
    let line = |text: String| {
        let lines = text
            .split(':')
            .filter(|part| !part.starts_with(|c: char| c.is_ascii_digit()));
        lines.collect::<Vec<_>>().join(":")
    };
    let error = waiting.await.unwrap().unwrap_err();
    let LockError::TimedOut {
        key,
        holder,
        since,
        waiter,
        patience,
    } = error.clone()
    else {
        panic!("{error}");
    };
    assert_eq!(line(holder), "till: /total (src/locks/tests.rs");
    assert_eq!(line(waiter), "till: Till::close (src/locks/tests.rs");
    assert_eq!((key, since), (("dues", 7).into(), DateTime::UNIX_EPOCH));
    assert_eq!(patience, PATIENCE);
    let text = error.to_string();
    assert!(
        text.contains("waited 30s for the lock \"dues 7\", which is held by till: /total"),
        "{text}"
    );
    drop(held);
    assert_eq!(locks.held(), []);
}

#[tokio::test]
async fn the_same_holder_is_refused_at_once() {
    let locks = locks();
    let ann = ann();
    let nested = ann.clone().hold(async {
        let _guard = locks.lock("dues").await.unwrap();
        locks.lock("dues").await.unwrap_err()
    });
    let error = nested.await;
    assert!(matches!(error, LockError::Again { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("asks for the lock \"dues\" that it holds itself"),
        "{error}"
    );

    let _guard = ann.clone().hold(locks.lock("dues")).await.unwrap();
    let blocking = locks.clone();
    let inside = move || ann.enter(|| blocking.lock_blocking("dues").map(drop));
    let error = tokio::task::spawn_blocking(inside)
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, LockError::Again { .. }), "{error}");
}

#[tokio::test]
async fn a_panic_of_the_holder_frees_the_lock() {
    let locks = locks();
    let panics = AssertUnwindSafe(async {
        let _guard = locks.lock("dues").await.unwrap();
        panic!("no money");
    });
    panics.catch_unwind().await.unwrap_err();
    locks
        .lock("dues")
        .now_or_never()
        .unwrap()
        .map(drop)
        .unwrap();
}

#[tokio::test]
async fn a_waiter_that_is_dropped_leaves_the_queue_also_when_it_was_its_turn() {
    let locks = locks();
    let held = ann().hold(locks.lock("dues")).await.unwrap();
    let mut gone = Box::pin(ben().hold(locks.lock("dues")));
    let mut given = Box::pin(ben().hold(locks.lock("dues")));
    let mut last = Box::pin(ben().hold(locks.lock("dues")));
    for waiter in [&mut gone, &mut given, &mut last] {
        assert!(waiter.now_or_never().is_none());
    }
    assert_eq!(locks.held()[0].waiting.len(), 3);
    drop(gone);
    assert_eq!(locks.held()[0].waiting.len(), 2);
    drop(held);
    drop(given);
    drop(last.now_or_never().unwrap().unwrap());
    assert_eq!(locks.held(), []);
}

#[tokio::test]
async fn async_and_blocking_callers_wait_in_one_queue() {
    let locks = locks();
    let held = locks.lock("dues").await.unwrap();
    let blocking = locks.clone();
    let thread = thread::spawn(move || blocking.lock_blocking("dues").map(drop));
    while locks.held()[0].waiting.is_empty() {
        tokio::task::yield_now().await;
    }
    let mut later = Box::pin(ann().hold(locks.lock("dues")));
    assert!((&mut later).now_or_never().is_none());
    assert!(locks.held()[0].waiting[0].waiter.starts_with("ThreadId"));
    drop(held);
    drop(later.await.unwrap());
    thread.join().unwrap().unwrap();
    assert_eq!(locks.held(), []);
}

#[tokio::test]
async fn waiting_is_counted_by_name() {
    let locks = locks();
    let held = locks.lock(("dues", 1)).await.unwrap();
    let mut waiter = Box::pin(ann().hold(locks.lock(("dues", 1))));
    assert!((&mut waiter).now_or_never().is_none());
    locks.registry.clock.advance(Duration::from_secs(3));
    drop(held);
    drop(waiter.await.unwrap());
    let three = Duration::from_secs(3);
    let waits = Waits {
        count: 1,
        total: three,
        longest: three,
    };
    assert_eq!(locks.waits(), [("dues", waits)].into());
}

#[tokio::test]
async fn a_hundred_thousand_keys_leave_nothing_behind() {
    let locks = locks();
    let mut guards = Vec::new();
    for id in 0..100_000 {
        guards.push(locks.lock(("dues", id)).await.unwrap());
    }
    assert_eq!(locks.held().len(), 100_000);
    drop(guards);
    assert_eq!(locks.held(), []);
    assert!(locks.waits().is_empty());
}
