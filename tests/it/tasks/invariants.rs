//! What must hold of all rows, whatever happened to the processes that wrote them.

use std::{collections::BTreeSet, time::Duration};

use chrono::TimeDelta;
use cogsmith::store::Db;
use cogsmith_tasks::{Cause, RunRecord, RunState, State, Store, TaskRow};

/// How often the database was opened by an engine.
pub(super) async fn epoch(db: &Db) -> i64 {
    let (epoch,) = db
        .read("select epoch from task_engine")
        .one()
        .await
        .unwrap();
    epoch
}

/// Checks every task of a database that no engine has open.
pub(super) async fn check(db: &Db) {
    let running_and_old = "
        select count(*) from task_run where state = 'running'
        and epoch <> (select epoch from task_engine)";
    let old: (i64,) = db.read(running_and_old).one().await.unwrap();
    assert_eq!(old.0, 0, "runs of an older epoch are still running");
    for task in db.tasks().await.unwrap() {
        let mut runs = db.history(task.id, u32::MAX).await.unwrap();
        runs.reverse();
        check_runs(&task, &runs);
        check_cursor(&task, &runs);
    }
}

fn check_runs(task: &TaskRow, runs: &[RunRecord]) {
    let name = format!("{} {}", task.name, task.scope);
    let mut seen = BTreeSet::new();
    for (number, run) in (1..).zip(runs) {
        assert_eq!(run.number, number, "{name}: no record is lost");
        assert!(
            seen.insert((run.slot_at, run.attempt)),
            "{name}: claimed twice: {run:?}"
        );
        assert!(
            run.started_at >= run.slot_at,
            "{name}: before its slot: {run:?}"
        );
        let is_in_order = run.finished_at.is_none_or(|end| end >= run.started_at);
        assert!(is_in_order, "{name}: ends before it begins: {run:?}");
    }
    let slots: Vec<_> = first_attempts(runs).map(|run| run.slot_at).collect();
    assert!(slots.is_sorted(), "{name}: slots go back: {slots:?}");
    assert!(count(runs, RunState::Running) <= 1, "{name}: two live runs");
    let newest = runs.iter().rev().skip(1);
    let is_old_live = newest.clone().any(|run| run.state == RunState::Running);
    assert!(!is_old_live, "{name}: a live run is not the newest");
}

fn check_cursor(task: &TaskRow, runs: &[RunRecord]) {
    let (cursor, name) = (&task.cursor, format!("{} {}", task.name, task.scope));
    let is_active = cursor.state == State::Active;
    assert_eq!(is_active, cursor.wake_at.is_some(), "{name}");
    assert_eq!(is_active, cursor.next_at.is_some(), "{name}");
    assert_eq!(cursor.records, length(runs.iter()), "{name}");
    let attempts = runs.iter().filter(|run| run.state != RunState::Skipped);
    assert_eq!(cursor.runs_total, length(attempts), "{name}");
    let abandoned = runs.iter().filter(|run| run.state == RunState::Abandoned);
    let answered = abandoned.filter(|run| run.number <= cursor.answered);
    assert_eq!(cursor.abandoned, length(answered), "{name}");
    let missed: u64 = runs.iter().map(|run| run.missed).sum();
    assert_eq!(cursor.missed, missed, "{name}");
    let this_life = runs.iter().filter(|run| run.life == cursor.life);
    let successes = this_life.filter(|run| run.state == RunState::Ok);
    assert_eq!(cursor.loop_index, length(successes), "{name}");
    let last = first_attempts(runs).last().map(|run| run.slot_at);
    assert_eq!(cursor.anchor_at, last, "{name}");
}

/// Every slot of a loop whose interval never changed was run, skipped or missed, exactly once.
pub(super) fn check_every_slot(task: &TaskRow, runs: &[RunRecord], interval: Duration) {
    let (cursor, name) = (&task.cursor, format!("{} {}", task.name, task.scope));
    let Some(first) = runs.first() else { return };
    let interval = TimeDelta::from_std(interval).unwrap();
    let first_slot = first.slot_at - interval * i32::try_from(first.missed).unwrap();
    let passed = cursor.next_at.unwrap() - first_slot;
    let slots = passed.num_milliseconds() / interval.num_milliseconds();
    assert_eq!(
        interval * i32::try_from(slots).unwrap(),
        passed,
        "{name}: off its grid"
    );
    let ran = length(first_attempts(runs));
    let accounted = ran + cursor.skipped + cursor.missed;
    assert_eq!(
        i64::try_from(accounted).unwrap(),
        slots,
        "{name}: {cursor:?}"
    );
}

/// Runs that began or stand for a slot; those of retries aside.
fn first_attempts(runs: &[RunRecord]) -> impl Iterator<Item = &RunRecord> {
    runs.iter()
        .filter(|run| run.attempt == 1 && run.cause != Cause::Manual)
}

fn count(runs: &[RunRecord], state: RunState) -> usize {
    runs.iter().filter(|run| run.state == state).count()
}

fn length<'a>(runs: impl Iterator<Item = &'a RunRecord>) -> u64 {
    u64::try_from(runs.count()).unwrap()
}
