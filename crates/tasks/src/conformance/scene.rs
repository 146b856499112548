//! What the promises are played with.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    Backfill, Cause, Change, Cursor, Epoch, Registration, RunRecord, RunState, State, Store,
    TaskId, TaskRow,
};

pub(super) fn dawn() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_772_345_678_901).unwrap_or_default()
}

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    dawn() + TimeDelta::seconds(seconds)
}

pub(super) fn fresh() -> Cursor {
    Cursor {
        default_trigger: "every 10m".into(),
        next_at: Some(dawn()),
        wake_at: Some(dawn()),
        updated_at: dawn(),
        ..Cursor::default()
    }
}

/// A cursor in which nothing has its default.
pub(super) fn full() -> Cursor {
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

pub(super) fn run(task: TaskId, number: u64, state: RunState) -> RunRecord {
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

pub(super) fn step(row: &TaskRow, version: u64, run: Option<RunRecord>) -> Change {
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

pub(super) async fn open(store: &dyn Store) -> Epoch {
    store
        .open("conformance", dawn())
        .await
        .expect("an empty store opens")
        .epoch
}

pub(super) fn registration(name: &str, scope: &str, cursor: Cursor) -> Registration {
    Registration {
        name: name.into(),
        scope: scope.into(),
        cursor,
    }
}

pub(super) async fn register(store: &dyn Store, epoch: Epoch, name: &str) -> TaskRow {
    register_as(store, epoch, registration(name, "", fresh())).await
}

pub(super) async fn register_as(store: &dyn Store, epoch: Epoch, task: Registration) -> TaskRow {
    let rows = store.register(epoch, &[task]).await;
    let mut rows = rows.expect("a task is registered");
    assert_eq!(rows.len(), 1, "one row for each registration");
    rows.remove(0)
}

pub(super) async fn commit(store: &dyn Store, epoch: Epoch, changes: &[Change]) {
    store
        .commit(epoch, changes)
        .await
        .expect("the steps follow from what is stored");
}

pub(super) async fn history(store: &dyn Store, task: TaskId) -> Vec<RunRecord> {
    store.history(task, 1_000).await.expect("history is read")
}

pub(super) async fn only(store: &dyn Store) -> TaskRow {
    let mut rows = store.tasks().await.expect("tasks are read");
    assert_eq!(rows.len(), 1, "one task is registered");
    rows.remove(0)
}
