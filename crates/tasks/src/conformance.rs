//! The suite that every [`Store`] must pass (feature `conformance`).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use std::sync::Arc;
//! use cogsmith_tasks::{MemoryStore, conformance};
//!
//! conformance::run_all(async || Arc::new(MemoryStore::new()) as _).await;
//! # }
//! ```

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Backfill, Cause, Change, Cursor, Epoch, Retention, RunRecord, RunState, State, Store,
    StoreError, TaskId, TaskRow,
};

/// Runs every check, each on a new and empty store that `make` gives.
///
/// # Panics
/// When the store breaks a promise; the message and the line name it.
pub async fn run_all(make: impl AsyncFn() -> Arc<dyn Store>) {
    a_task_keeps_its_number_and_its_cursor(&*make().await).await;
    scopes_are_tasks_of_their_own(&*make().await).await;
    everything_in_a_cursor_comes_back(&*make().await).await;
    a_run_is_added_and_then_replaced(&*make().await).await;
    one_batch_may_hold_several_steps_of_a_task(&*make().await).await;
    a_batch_is_written_whole_or_not_at_all(&*make().await).await;
    a_version_that_does_not_follow_is_refused(&*make().await).await;
    an_unknown_task_is_refused(&*make().await).await;
    an_older_epoch_can_write_nothing(&*make().await).await;
    taking_over_marks_running_runs_as_abandoned(&*make().await).await;
    history_is_newest_first_and_bounded(&*make().await).await;
    pruning_keeps_the_newest_and_the_running(&*make().await).await;
    a_large_batch_is_written(&*make().await).await;
    a_deleted_task_leaves_nothing(&*make().await).await;
    every_cause_comes_back(&*make().await).await;
}

fn dawn() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_772_345_678_901).unwrap_or_default()
}

fn at(seconds: i64) -> DateTime<Utc> {
    dawn() + TimeDelta::seconds(seconds)
}

fn fresh() -> Cursor {
    Cursor {
        default_trigger: "every 10m".into(),
        next_at: Some(dawn()),
        wake_at: Some(dawn()),
        updated_at: dawn(),
        ..Cursor::default()
    }
}

/// A cursor in which nothing has its default.
fn full() -> Cursor {
    Cursor {
        state: State::Active,
        default_trigger: "every 10m".into(),
        override_trigger: Some("every 90s".into()),
        life: 3,
        anchor_at: Some(at(1)),
        next_at: Some(at(2)),
        wake_at: Some(at(3)),
        retry_slot: Some(at(4)),
        attempt: 5,
        loop_index: 6,
        fails: 7,
        runs_total: 8,
        skipped: 9,
        missed: 10,
        abandoned: 11,
        records: 12,
        answered: 17,
        backfill: Some(Backfill {
            at: at(18),
            until: at(19),
            left: 20,
        }),
        payload: Some("{\"guild\": 7}".into()),
        checkpoint: Some("[1, \"§\"]".into()),
        last_run_at: Some(at(13)),
        last_ok_at: Some(at(14)),
        last_duration_ms: Some(15),
        last_error: Some("posting: \"closed\" – §".into()),
        updated_by: Some("user:7".into()),
        updated_at: at(16),
        version: 0,
    }
}

fn run(task: TaskId, number: u64, state: RunState) -> RunRecord {
    let slot_at = at(i64::try_from(number).unwrap_or(i64::MAX));
    RunRecord {
        task,
        number,
        life: 1,
        slot_at,
        attempt: 1,
        cause: Cause::Schedule,
        state,
        missed: 2,
        started_at: slot_at,
        finished_at: (state != RunState::Running).then_some(slot_at),
        error: None,
    }
}

fn step(row: &TaskRow, version: u64, run: Option<RunRecord>) -> Change {
    let cursor = Cursor {
        version,
        records: version,
        ..row.cursor.clone()
    };
    Change {
        task: row.id,
        cursor,
        run,
    }
}

async fn open(store: &dyn Store) -> Epoch {
    store
        .open("conformance", dawn())
        .await
        .expect("an empty store opens")
        .epoch
}

async fn register(store: &dyn Store, epoch: Epoch, name: &str) -> TaskRow {
    let row = store.register(epoch, name, "", &fresh()).await;
    row.expect("a task is registered")
}

async fn commit(store: &dyn Store, epoch: Epoch, changes: &[Change]) {
    store
        .commit(epoch, changes)
        .await
        .expect("the steps follow from what is stored");
}

async fn history(store: &dyn Store, task: TaskId) -> Vec<RunRecord> {
    store.history(task, 1_000).await.expect("history is read")
}

async fn only(store: &dyn Store) -> TaskRow {
    let mut rows = store.tasks().await.expect("tasks are read");
    assert_eq!(rows.len(), 1, "one task is registered");
    rows.remove(0)
}

async fn a_task_keeps_its_number_and_its_cursor(store: &dyn Store) {
    let epoch = open(store).await;
    let first = register(store, epoch, "a.b").await;
    assert_eq!((&*first.name, &*first.scope), ("a.b", ""));
    assert_eq!(first.cursor, fresh());
    let later = Cursor {
        fails: 9,
        ..fresh()
    };
    let again = store
        .register(epoch, "a.b", "", &later)
        .await
        .expect("it is known");
    assert_eq!(again, first, "what is stored wins over what is offered");
}

async fn scopes_are_tasks_of_their_own(store: &dyn Store) {
    let epoch = open(store).await;
    for scope in ["guild:2", "", "guild:1"] {
        store
            .register(epoch, "b", scope, &fresh())
            .await
            .expect("each scope is new");
    }
    register(store, epoch, "a").await;
    let rows = store.tasks().await.expect("tasks are read");
    let keys: Vec<_> = rows.iter().map(|row| (&*row.name, &*row.scope)).collect();
    assert_eq!(
        keys,
        [("a", ""), ("b", ""), ("b", "guild:1"), ("b", "guild:2")]
    );
}

async fn everything_in_a_cursor_comes_back(store: &dyn Store) {
    let epoch = open(store).await;
    let row = store
        .register(epoch, "a", "guild:1", &full())
        .await
        .expect("it is new");
    assert_eq!(row.cursor, full());
    assert_eq!(only(store).await.cursor, full());
    let nothing_due = [
        State::Active,
        State::Stopped,
        State::Failed,
        State::Finished,
    ];
    for (version, state) in (1..).zip(nothing_due) {
        let cursor = Cursor {
            state,
            version,
            next_at: None,
            wake_at: None,
            ..fresh()
        };
        let change = Change {
            task: row.id,
            cursor: cursor.clone(),
            run: None,
        };
        commit(store, epoch, &[change]).await;
        assert_eq!(only(store).await.cursor, cursor);
    }
}

async fn a_run_is_added_and_then_replaced(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let claimed = run(row.id, 1, RunState::Running);
    commit(store, epoch, &[step(&row, 1, Some(claimed.clone()))]).await;
    assert_eq!(history(store, row.id).await, std::slice::from_ref(&claimed));
    let ended = RunRecord {
        state: RunState::Error,
        finished_at: Some(at(60)),
        error: Some("no".into()),
        ..claimed
    };
    commit(store, epoch, &[step(&row, 2, Some(ended.clone()))]).await;
    assert_eq!(history(store, row.id).await, [ended]);
    assert_eq!(only(store).await.cursor.version, 2);
}

async fn one_batch_may_hold_several_steps_of_a_task(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Running))),
        step(&other, 1, Some(run(other.id, 1, RunState::Ok))),
        step(&row, 2, Some(run(row.id, 1, RunState::Ok))),
        step(&row, 3, None),
    ];
    commit(store, epoch, &steps).await;
    assert_eq!(history(store, row.id).await, [run(row.id, 1, RunState::Ok)]);
    assert_eq!(history(store, other.id).await.len(), 1);
    let rows = store.tasks().await.expect("tasks are read");
    assert_eq!(
        rows.iter()
            .map(|row| row.cursor.version)
            .collect::<Vec<_>>(),
        [3, 1]
    );
}

async fn a_batch_is_written_whole_or_not_at_all(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Ok))),
        step(&other, 7, Some(run(other.id, 1, RunState::Ok))),
    ];
    let refused = store.commit(epoch, &steps).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(history(store, row.id).await, []);
    let rows = store.tasks().await.expect("tasks are read");
    assert_eq!(rows[0].cursor, row.cursor, "the first step was taken back");
    commit(store, epoch, &[step(&row, 1, None)]).await;
}

async fn a_version_that_does_not_follow_is_refused(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    commit(store, epoch, &[step(&row, 1, None)]).await;
    for version in [0, 1, 3] {
        let refused = store.commit(epoch, &[step(&row, version, None)]).await;
        assert!(
            matches!(refused, Err(StoreError::Conflict(_))),
            "{version}: {refused:?}"
        );
    }
    let refused = store
        .commit(epoch, &[step(&row, 2, None), step(&row, 4, None)])
        .await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(only(store).await.cursor.version, 1);
}

async fn an_unknown_task_is_refused(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let stranger = TaskRow {
        id: TaskId(row.id.0 + 1),
        ..row
    };
    let refused = store.commit(epoch, &[step(&stranger, 1, None)]).await;
    assert!(
        matches!(refused, Err(StoreError::Conflict(_))),
        "{refused:?}"
    );
    assert_eq!(store.tasks().await.expect("tasks are read").len(), 1);
}

async fn an_older_epoch_can_write_nothing(store: &dyn Store) {
    let old = open(store).await;
    let row = register(store, old, "a").await;
    let new = open(store).await;
    assert!(new > old, "{new:?} follows {old:?}");
    let fenced = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Fenced));
    assert!(fenced(store.commit(old, &[step(&row, 1, None)]).await));
    assert!(fenced(
        store.register(old, "b", "", &fresh()).await.map(drop)
    ));
    assert!(fenced(
        store
            .prune(old, Retention::standard(dawn()))
            .await
            .map(drop)
    ));
    assert!(fenced(store.delete(old, &[row.id]).await.map(drop)));
    assert!(fenced(store.beat(old, at(1)).await));
    assert!(fenced(store.close(old).await));
    assert_eq!(only(store).await, row);
    commit(store, new, &[step(&row, 1, None)]).await;
    store.close(new).await.expect("the owner closes");
}

async fn taking_over_marks_running_runs_as_abandoned(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    commit(
        store,
        epoch,
        &[
            step(&row, 1, Some(run(row.id, 1, RunState::Ok))),
            step(&row, 2, Some(run(row.id, 2, RunState::Running))),
        ],
    )
    .await;
    let opened = store
        .open("next", at(99))
        .await
        .expect("taking over needs no leave");
    let abandoned = RunRecord {
        state: RunState::Abandoned,
        finished_at: Some(at(99)),
        ..run(row.id, 2, RunState::Running)
    };
    assert_eq!(opened.abandoned, std::slice::from_ref(&abandoned));
    assert_eq!(
        history(store, row.id).await,
        [abandoned.clone(), run(row.id, 1, RunState::Ok)]
    );
    let again = store.open("third", at(100)).await.expect("it opens again");
    assert_eq!(
        again.abandoned,
        [abandoned],
        "as it was, until somebody has answered for it"
    );
    let mut answer = step(&row, 3, None);
    answer.cursor.answered = 2;
    commit(store, again.epoch, &[answer]).await;
    let last = store.open("fourth", at(101)).await.expect("it opens again");
    assert_eq!(last.abandoned, []);
}

async fn history_is_newest_first_and_bounded(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let steps: Vec<_> = (1..=5)
        .map(|n| step(&row, n, Some(run(row.id, n, RunState::Ok))))
        .collect();
    commit(store, epoch, &steps).await;
    let newest = store.history(row.id, 2).await.expect("history is read");
    assert_eq!(
        newest.iter().map(|run| run.number).collect::<Vec<_>>(),
        [5, 4]
    );
    assert_eq!(
        history(store, TaskId(row.id.0 + 1)).await,
        [],
        "a task without runs has none"
    );
}

async fn pruning_keeps_the_newest_and_the_running(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let states = [
        RunState::Running,
        RunState::Ok,
        RunState::Error,
        RunState::Skipped,
        RunState::Abandoned,
        RunState::Ok,
        RunState::Ok,
    ];
    let steps = (1..)
        .zip(states)
        .map(|(n, state)| step(&row, n, Some(run(row.id, n, state))));
    commit(store, epoch, &steps.collect::<Vec<_>>()).await;
    let retention = Retention {
        per_task: 2,
        successes_since: at(5),
        failures_since: at(4),
    };
    assert_eq!(store.prune(epoch, retention).await.expect("old runs go"), 3);
    let left: Vec<_> = history(store, row.id)
        .await
        .iter()
        .map(|run| run.number)
        .collect();
    assert_eq!(
        left,
        [7, 6, 5, 1],
        "the newest two, a failure that is young enough, the running one"
    );
}

async fn a_large_batch_is_written(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let steps: Vec<_> = (1..=3_000)
        .map(|n| step(&row, n, Some(run(row.id, n, RunState::Ok))))
        .collect();
    commit(store, epoch, &steps).await;
    assert_eq!(history(store, row.id).await.len(), 1_000);
    assert_eq!(only(store).await.cursor.version, 3_000);
}

async fn a_deleted_task_leaves_nothing(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let other = register(store, epoch, "b").await;
    let steps = [
        step(&row, 1, Some(run(row.id, 1, RunState::Running))),
        step(&other, 1, Some(run(other.id, 1, RunState::Ok))),
    ];
    commit(store, epoch, &steps).await;
    store.beat(epoch, at(5)).await.expect("the owner beats");
    let gone = [row.id, TaskId(other.id.0 + 1)];
    let deleted = store.delete(epoch, &gone).await;
    assert_eq!(deleted.expect("the owner deletes"), 1);
    assert_eq!(history(store, row.id).await, []);
    assert_eq!(only(store).await.id, other.id);
    let again = register(store, epoch, "a").await;
    assert_ne!(again.id, row.id, "a number is never given twice");
    assert_eq!(again.cursor, fresh());
    let none = store.delete(epoch, &[]).await;
    assert_eq!(none.expect("nothing is deleted"), 0);
}

async fn every_cause_comes_back(store: &dyn Store) {
    let epoch = open(store).await;
    let row = register(store, epoch, "a").await;
    let causes = [
        Cause::Schedule,
        Cause::CatchUp,
        Cause::Retry,
        Cause::Manual,
        Cause::Backfill,
    ];
    let runs = (1..).zip(causes).map(|(number, cause)| RunRecord {
        cause,
        ..run(row.id, number, RunState::Ok)
    });
    let runs: Vec<_> = runs.collect();
    let steps = (1..)
        .zip(&runs)
        .map(|(n, run)| step(&row, n, Some(run.clone())));
    commit(store, epoch, &steps.collect::<Vec<_>>()).await;
    let mut kept = history(store, row.id).await;
    kept.reverse();
    assert_eq!(kept, runs);
}
