//! Tasks and runs as rows.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Backfill, Cause, Cursor, Epoch, RunRecord, RunState, State, StoreError, TaskId, TaskRow,
};
use sqlx::FromRow;

use crate::store::{Rows, Value};

#[derive(FromRow)]
pub(super) struct Task {
    id: i64,
    name: String,
    scope: String,
    state: String,
    default_trigger: String,
    override_trigger: Option<String>,
    life: i64,
    anchor_at: Option<i64>,
    next_at: Option<i64>,
    wake_at: Option<i64>,
    retry_slot: Option<i64>,
    attempt: i64,
    loop_index: i64,
    fails: i64,
    runs_total: i64,
    skipped: i64,
    missed: i64,
    abandoned: i64,
    records: i64,
    answered: i64,
    backfill_at: Option<i64>,
    backfill_until: Option<i64>,
    backfill_left: Option<i64>,
    payload: Option<String>,
    checkpoint: Option<String>,
    last_run_at: Option<i64>,
    last_ok_at: Option<i64>,
    last_duration_ms: Option<i64>,
    last_error: Option<String>,
    updated_by: Option<String>,
    updated_at: i64,
    version: i64,
}

#[derive(FromRow)]
pub(super) struct Run {
    task_id: i64,
    number: i64,
    life: i64,
    slot_at: i64,
    attempt: i64,
    cause: String,
    state: String,
    missed: i64,
    started_at: i64,
    finished_at: Option<i64>,
    error: Option<String>,
}

impl TryFrom<Task> for TaskRow {
    type Error = StoreError;

    fn try_from(row: Task) -> Result<Self, StoreError> {
        let cursor = Cursor {
            state: State::from_text(&row.state)?,
            default_trigger: row.default_trigger.into(),
            override_trigger: row.override_trigger.map(Arc::from),
            life: row.life.cast_unsigned(),
            anchor_at: optional(row.anchor_at)?,
            next_at: optional(row.next_at)?,
            wake_at: optional(row.wake_at)?,
            retry_slot: optional(row.retry_slot)?,
            attempt: small(row.attempt)?,
            loop_index: row.loop_index.cast_unsigned(),
            fails: row.fails.cast_unsigned(),
            runs_total: row.runs_total.cast_unsigned(),
            skipped: row.skipped.cast_unsigned(),
            missed: row.missed.cast_unsigned(),
            abandoned: row.abandoned.cast_unsigned(),
            records: row.records.cast_unsigned(),
            answered: row.answered.cast_unsigned(),
            backfill: backfill(row.backfill_at, row.backfill_until, row.backfill_left)?,
            payload: row.payload.map(Arc::from),
            checkpoint: row.checkpoint.map(Arc::from),
            last_run_at: optional(row.last_run_at)?,
            last_ok_at: optional(row.last_ok_at)?,
            last_duration_ms: row.last_duration_ms.map(i64::cast_unsigned),
            last_error: row.last_error.map(Arc::from),
            updated_by: row.updated_by.map(Arc::from),
            updated_at: instant(row.updated_at)?,
            version: row.version.cast_unsigned(),
        };
        Ok(Self {
            id: TaskId(row.id),
            name: row.name.into(),
            scope: row.scope.into(),
            cursor,
        })
    }
}

impl TryFrom<Run> for RunRecord {
    type Error = StoreError;

    fn try_from(row: Run) -> Result<Self, StoreError> {
        Ok(Self {
            task: TaskId(row.task_id),
            number: row.number.cast_unsigned(),
            life: row.life.cast_unsigned(),
            slot_at: instant(row.slot_at)?,
            attempt: small(row.attempt)?,
            cause: Cause::from_text(&row.cause)?,
            state: RunState::from_text(&row.state)?,
            missed: row.missed.cast_unsigned(),
            started_at: instant(row.started_at)?,
            finished_at: optional(row.finished_at)?,
            error: row.error.map(Arc::from),
        })
    }
}

/// Replaces the cursors of these tasks.
pub(super) fn cursor_rows<'a>(cursors: impl Iterator<Item = (TaskId, &'a Cursor)>) -> Rows {
    let mut rows = Rows::new(
        "insert into task_cursor (task_id, state, default_trigger, override_trigger, life, anchor_at, next_at, \
         wake_at, retry_slot, attempt, loop_index, fails, runs_total, skipped, missed, abandoned, records, \
         answered, backfill_at, backfill_until, backfill_left, payload, checkpoint, \
         last_run_at, last_ok_at, last_duration_ms, last_error, updated_by, updated_at, version)",
        "on conflict (task_id) do update set state = excluded.state, default_trigger = excluded.default_trigger, \
         override_trigger = excluded.override_trigger, life = excluded.life, anchor_at = excluded.anchor_at, \
         next_at = excluded.next_at, wake_at = excluded.wake_at, retry_slot = excluded.retry_slot, \
         attempt = excluded.attempt, loop_index = excluded.loop_index, fails = excluded.fails, \
         runs_total = excluded.runs_total, skipped = excluded.skipped, missed = excluded.missed, \
         abandoned = excluded.abandoned, records = excluded.records, \
         answered = excluded.answered, backfill_at = excluded.backfill_at, \
         backfill_until = excluded.backfill_until, backfill_left = excluded.backfill_left, \
         payload = excluded.payload, checkpoint = excluded.checkpoint, last_run_at = excluded.last_run_at, \
         last_ok_at = excluded.last_ok_at, last_duration_ms = excluded.last_duration_ms, \
         last_error = excluded.last_error, updated_by = excluded.updated_by, \
         updated_at = excluded.updated_at, version = excluded.version",
    );
    for (task, cursor) in cursors {
        rows.push([
            task.0.into(),
            cursor.state.as_str().into(),
            (&*cursor.default_trigger).into(),
            text(cursor.override_trigger.as_deref()),
            cursor.life.into(),
            cursor.anchor_at.into(),
            cursor.next_at.into(),
            cursor.wake_at.into(),
            cursor.retry_slot.into(),
            cursor.attempt.into(),
            cursor.loop_index.into(),
            cursor.fails.into(),
            cursor.runs_total.into(),
            cursor.skipped.into(),
            cursor.missed.into(),
            cursor.abandoned.into(),
            cursor.records.into(),
            cursor.answered.into(),
            cursor.backfill.map(|backfill| backfill.at).into(),
            cursor.backfill.map(|backfill| backfill.until).into(),
            cursor
                .backfill
                .map(|backfill| i64::from(backfill.left))
                .into(),
            text(cursor.payload.as_deref()),
            text(cursor.checkpoint.as_deref()),
            cursor.last_run_at.into(),
            cursor.last_ok_at.into(),
            cursor.last_duration_ms.map(u64::cast_signed).into(),
            text(cursor.last_error.as_deref()),
            text(cursor.updated_by.as_deref()),
            cursor.updated_at.into(),
            cursor.version.into(),
        ]);
    }
    rows
}

/// Adds these runs, or replaces what may change about them.
pub(super) fn run_rows<'a>(epoch: Epoch, runs: impl Iterator<Item = &'a RunRecord>) -> Rows {
    let mut rows = Rows::new(
        "insert into task_run (task_id, number, life, slot_at, attempt, cause, state, missed, epoch, started_at, \
         finished_at, error)",
        "on conflict (task_id, number) do update set state = excluded.state, \
         finished_at = excluded.finished_at, error = excluded.error",
    );
    for run in runs {
        rows.push([
            run.task.0.into(),
            run.number.into(),
            run.life.into(),
            run.slot_at.into(),
            run.attempt.into(),
            run.cause.as_str().into(),
            run.state.as_str().into(),
            run.missed.into(),
            epoch.0.into(),
            run.started_at.into(),
            run.finished_at.into(),
            text(run.error.as_deref()),
        ]);
    }
    rows
}

fn text(text: Option<&str>) -> Value {
    Value::from(text.map(str::to_owned))
}

fn backfill(
    at: Option<i64>,
    until: Option<i64>,
    left: Option<i64>,
) -> Result<Option<Backfill>, StoreError> {
    let (Some(at), Some(until), Some(left)) = (at, until, left) else {
        return Ok(None);
    };
    Ok(Some(Backfill {
        at: instant(at)?,
        until: instant(until)?,
        left: small(left)?,
    }))
}

fn instant(millis: i64) -> Result<DateTime<Utc>, StoreError> {
    let instant = DateTime::from_timestamp_millis(millis);
    instant.ok_or_else(|| {
        StoreError::Unreadable(format!("instant {millis}, expected UTC milliseconds"))
    })
}

fn optional(millis: Option<i64>) -> Result<Option<DateTime<Utc>>, StoreError> {
    millis.map(instant).transpose()
}

fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number)
        .map_err(|_| StoreError::Unreadable(format!("number {number}, expected 0 to {}", u32::MAX)))
}
