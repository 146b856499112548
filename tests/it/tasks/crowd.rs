//! kill -9 at random moments, while fifty loops of 100 ms to 1 s run and some of them are steered.

use std::collections::BTreeSet;

use cogsmith::{store::Db, testing::Database};
use cogsmith_tasks::{RunRecord, Store, TaskRow, Trigger};
use futures_util::future::join_all;

use super::{invariants, victim::Victim};

const KILLS: i64 = 20;
const LOOPS: u32 = 50;

/// What a process may say before it is killed: it registers fifty loops, starts, and runs for a while.
const MOST_LINES: usize = 150;

#[tokio::test]
async fn a29_killed_at_random_moments_fifty_loops_lose_no_slot_and_repeat_none() {
    let databases = Database::each().await;
    join_all(databases.iter().map(survive)).await;
}

async fn survive(database: &Database) {
    let mut said = Vec::new();
    for _ in 0..KILLS {
        let mut victim = Victim::crowd(LOOPS, database);
        victim.until_lines(rand::random_range(0..MOST_LINES)).await;
        said.extend(victim.kill().await);
    }
    let db = database.open().await;
    assert!((1..=KILLS).contains(&invariants::epoch(&db).await));
    invariants::check(&db).await;
    let recorded = check_loops(&db).await;
    check_bodies(&said, &recorded);
    db.close().await;
}

/// Checks the loops that nobody steered, and names all runs that were recorded.
async fn check_loops(db: &Db) -> BTreeSet<String> {
    let mut recorded = BTreeSet::new();
    for task in db.tasks().await.unwrap() {
        let mut runs = db.history(task.id, u32::MAX).await.unwrap();
        runs.reverse();
        recorded.extend(runs.iter().map(|run| called(&task, run)));
        if &*task.name == "loop" {
            let trigger: Trigger = task.cursor.default_trigger.parse().unwrap();
            invariants::check_every_slot(&task, &runs, trigger.interval().unwrap());
        }
    }
    recorded
}

/// How a body says that it is called.
fn called(task: &TaskRow, run: &RunRecord) -> String {
    let (slot, attempt) = (run.slot_at.timestamp_millis(), run.attempt);
    format!("run {} {slot} {attempt}", task.scope)
}

/// No body was called twice for one attempt, and none before its run was recorded.
fn check_bodies(said: &[String], recorded: &BTreeSet<String>) {
    let calls = said.iter().filter(|line| line.starts_with("run"));
    let mut seen = BTreeSet::new();
    for call in calls {
        assert!(seen.insert(call), "called twice: {call}");
        assert!(recorded.contains(call), "not recorded: {call}");
    }
    assert!(!seen.is_empty());
}
