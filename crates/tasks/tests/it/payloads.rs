//! What tasks carry, and how far they got.

use std::collections::BTreeMap;

use cogsmith_tasks::{Error, OnCrash, Run, RunState, Store, TaskSpec, every, secs};
use serde::{Deserialize, Serialize};

use crate::stage::Stage;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Order {
    guild: u64,
    words: Vec<String>,
}

fn order() -> Order {
    Order {
        guild: u64::MAX,
        words: vec!["naïve".into(), "\"quoted\"\n".into()],
    }
}

/// A task that notes the order that it carries.
fn reading(stage: &Stage) -> TaskSpec {
    let diary = stage.diary.clone();
    TaskSpec::new("t", every(secs(10)), move |run: Run| {
        let diary = diary.clone();
        async move {
            diary.note(format!("{:?}", run.payload::<Option<Order>>()?));
            Ok(())
        }
    })
}

#[tokio::test]
async fn a_payload_reaches_every_run_and_outlives_the_process() {
    let mut stage = Stage::open().await;
    let task = stage.register(reading(&stage).payload(&order())).await;
    assert_eq!(task.payload::<Order>().unwrap(), order());
    stage.engine.settle().await;
    stage.crash().await;
    let task = stage.register(reading(&stage)).await;
    assert_eq!(task.payload::<Order>().unwrap(), order());
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(10)).await;
    let noted = format!("{:?}", Some(order()));
    assert_eq!(stage.diary.times(&noted), [0, 10_000]);
}

#[tokio::test]
async fn a_new_build_replaces_the_payload_and_one_that_says_nothing_keeps_it() {
    let mut stage = Stage::open().await;
    let mut carried = Vec::new();
    for spec in [
        reading(&stage),
        reading(&stage).payload(&1),
        reading(&stage),
        reading(&stage).payload(&2),
        reading(&stage).payload(&()),
    ] {
        let task = stage.register(spec).await;
        carried.push(task.payload::<Option<i32>>().unwrap());
        stage.crash().await;
    }
    assert_eq!(carried, [None, Some(1), Some(1), Some(2), None]);
}

#[tokio::test]
async fn a_payload_that_is_no_longer_readable_costs_its_run_and_nothing_else() {
    let stage = Stage::open().await;
    let spec = reading(&stage).payload(&BTreeMap::from([("guild", "seven")]));
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    assert_eq!(stage.states().await, [RunState::Error]);
    let error = task.status().last_error.unwrap();
    assert!(
        error
            .starts_with("payload of task t, expected core::option::Option<it::payloads::Order>: ")
            && error.contains("expected u64"),
        "{error}"
    );
    let error = task.payload::<Order>().unwrap_err();
    assert!(matches!(
        error,
        Error::BadPayload {
            what: "payload",
            ..
        }
    ));
    let kept = task.payload::<BTreeMap<String, String>>().unwrap();
    assert_eq!(kept["guild"], "seven");
}

#[tokio::test]
async fn a_payload_that_is_no_json_or_too_long_is_refused() {
    let stage = Stage::open().await;
    let not_json = BTreeMap::from([((1, 2), 3)]);
    let error = stage.engine.register(reading(&stage).payload(&not_json));
    let error = error.await.unwrap_err();
    assert!(matches!(error, Error::BadPayload { .. }), "{error}");
    let long = "x".repeat(64 * 1024 - 1);
    let error = stage.engine.register(reading(&stage).payload(&long));
    assert_eq!(
        error.await.unwrap_err().to_string(),
        "payload of task t, expected alloc::string::String: 65537 bytes, expected at most 65536"
    );
    assert!(stage.engine.tasks().is_empty());
    let fits = "x".repeat(64 * 1024 - 2);
    stage.register(reading(&stage).payload(&fits)).await;
}

/// A task that works through ten pieces, two seconds each, from its checkpoint on.
fn working(stage: &Stage) -> TaskSpec {
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    TaskSpec::new("t", every(secs(60)), move |run: Run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            let from = run.checkpoint::<u32>()?.unwrap_or(0);
            for piece in from..5 {
                diary.note(format!("piece {piece}"));
                run.save_checkpoint(&(piece + 1)).await?;
                assert_eq!(run.checkpoint::<u32>()?, Some(piece + 1));
                clock.sleep(secs(2)).await;
            }
            run.save_checkpoint(&()).await?;
            Ok(())
        }
    })
    .on_crash(OnCrash::Redo)
}

#[tokio::test]
async fn a_run_that_is_repeated_goes_on_at_its_checkpoint() {
    let mut stage = Stage::open().await;
    stage.register(working(&stage)).await;
    stage.engine.advance(secs(5)).await;
    stage.crash().await;
    stage.register(working(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(56)).await;
    let words = stage.diary.words();
    assert_eq!(
        words,
        [
            "piece 0", "piece 1", "piece 2", "piece 3", "piece 4", "piece 0"
        ],
        "each once, and then the next slot from the beginning"
    );
}

#[tokio::test]
async fn a_run_that_may_end_in_a_shutdown_puts_down_how_far_it_got() {
    let stage = Stage::open().await;
    stage.register(working(&stage)).await;
    stage.engine.advance(secs(1)).await;
    let closing = stage.engine.shut_down(secs(25));
    tokio::pin!(closing);
    assert!(futures_util::poll!(&mut closing).is_pending());
    stage.engine.advance(secs(3)).await;
    let rows = stage.store.tasks().await.unwrap();
    assert_eq!(rows[0].cursor.checkpoint.as_deref(), Some("3"));
    stage.engine.advance(secs(30)).await;
    closing.await;
    assert_eq!(stage.store.tasks().await.unwrap()[0].cursor.fails, 0);
}

#[tokio::test]
async fn a_run_that_is_told_to_end_puts_down_how_far_it_got() {
    let stage = Stage::open().await;
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    let spec = TaskSpec::new("t", every(secs(60)), move |run: Run| {
        let begun = begun.clone();
        async move {
            let told = run.token();
            begun.send(())?;
            told.cancelled().await;
            Ok(run.save_checkpoint(&7).await?)
        }
    });
    let task = stage.register(spec).await;
    begins.recv().await.unwrap();
    stage.engine.unregister("t").await;
    assert_eq!(task.history(1).await.unwrap()[0].state, RunState::Ok);
    let rows = stage.store.tasks().await.unwrap();
    assert_eq!(rows[0].cursor.checkpoint.as_deref(), Some("7"));
}
