//! Two processes and one database.

use cogsmith::testing::Database;

use super::{invariants, victim::Victim};
use crate::{
    ownership::{break_lock, pause},
    process::signal,
};

#[tokio::test]
async fn a39_a_second_process_is_refused_and_takes_over_after_kill_9_of_the_first() {
    for database in Database::each().await {
        let mut first = Victim::crowd(3, &database);
        first.until_said("run").await;
        let (status, said) = Victim::crowd(3, &database).end().await;
        assert!(!status.success());
        assert!(said[0].contains("in use"), "{said:?}");
        first.until_said("run").await;
        first.kill().await;

        let mut second = Victim::crowd(3, &database);
        second.until_said("run").await;
        second.kill().await;
        check_epoch(&database, 2).await;
    }
}

#[tokio::test]
async fn a39_a_process_that_has_lost_its_lock_writes_nothing_more_and_ends() {
    for database in Database::each().await {
        let mut first = Victim::crowd(3, &database);
        first.until_said("run").await;
        // A process that runs would take its lock again.
        pause(first.id(), &database).await;
        break_lock(&database).await;
        let mut second = Victim::crowd(3, &database);
        second.until_said("run").await;
        signal(first.id(), "CONT").await;
        let (status, said) = first.end().await;
        assert!(!status.success());
        let last = said.last().unwrap();
        assert_eq!(last, "failed another engine has taken over the store");
        second.until_said("run").await;
        second.kill().await;
        check_epoch(&database, 2).await;
    }
}

async fn check_epoch(database: &Database, epoch: i64) {
    let db = database.open().await;
    assert_eq!(invariants::epoch(&db).await, epoch);
    invariants::check(&db).await;
    db.close().await;
}
