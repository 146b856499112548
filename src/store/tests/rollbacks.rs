//! Transactions that the database rolls back by itself, and those that nobody waits for.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
};

use super::*;

/// The ids in the table, after one more was written.
async fn ids_after(db: &Db, id: i64) -> Vec<i64> {
    let insert = db.write("insert into note values ($1, '')").bind(id);
    insert.execute().await.unwrap();
    let rows = db.read("select id from note order by id");
    let rows = rows.all::<(i64,)>().await.unwrap();
    rows.into_iter().map(|(id,)| id).collect()
}

async fn with_notes(db: &Db) {
    let sql = "create table note (id bigint primary key, words text not null)";
    db.write(sql).execute().await.unwrap();
}

/// A transaction with one note, and what its next statement is refused with.
async fn refused(db: &Db, statement: &'static str) -> String {
    let mut transaction = db.begin().await.unwrap();
    let first = transaction.query("insert into note values (1, '')");
    first.execute().await.unwrap();
    let refused = transaction.query(statement).execute().await.unwrap_err();
    let third = transaction.query("insert into note values (3, '')");
    assert!(matches!(third.execute().await, Err(Error::RolledBack)));
    assert!(matches!(transaction.commit().await, Err(Error::RolledBack)));
    refused.to_string()
}

#[tokio::test]
async fn a_statement_that_fails_leaves_nothing_of_its_transaction() {
    on_each(async |db| {
        with_notes(&db).await;
        refused(&db, "insert into note values (1, 'again')").await;
        assert_eq!(ids_after(&db, 7).await, [7]);
    })
    .await;
}

#[tokio::test]
async fn a_constraint_that_rolls_back_by_itself_leaves_the_database_writable() {
    let database = Database::sqlite();
    let db = database.open().await;
    with_notes(&db).await;
    let said = refused(&db, "insert or rollback into note values (1, 'again')").await;
    assert!(said.contains("UNIQUE"), "{said}");
    assert_eq!(ids_after(&db, 7).await, [7]);
}

#[tokio::test]
async fn a_database_that_is_full_stops_writes_only_while_it_is_full() {
    let database = Database::sqlite();
    let db = database.open().await;
    with_notes(&db).await;
    let bound = db.write("pragma max_page_count = 1");
    bound.one::<(i64,)>().await.unwrap();
    let said = refused(&db, "insert into note values (2, hex(zeroblob(1000000)))").await;
    assert!(said.contains("full"), "{said}");
    let bound = db.write("pragma max_page_count = 1073741823");
    bound.one::<(i64,)>().await.unwrap();
    assert_eq!(ids_after(&db, 7).await, [7]);
}

#[tokio::test]
async fn an_interrupt_leaves_the_database_writable() {
    let database = Database::sqlite();
    let db = database.open().await;
    with_notes(&db).await;
    let Pools::Sqlite { writer, .. } = &db.pools else {
        unreachable!("it is SQLite")
    };
    let interrupts = Arc::new(AtomicBool::new(false));
    let (watched, mut connection) = (interrupts.clone(), writer.acquire().await.unwrap());
    let mut handle = connection.lock_handle().await.unwrap();
    handle.set_progress_handler(1, move || !watched.load(Ordering::Relaxed));
    drop(handle);
    drop(connection);

    let mut transaction = db.begin().await.unwrap();
    let first = transaction.query("insert into note values (1, '')");
    first.execute().await.unwrap();
    interrupts.store(true, Ordering::Relaxed);
    let second = transaction.query("insert into note values (2, '')");
    let said = second.execute().await.unwrap_err().to_string();
    assert!(said.contains("interrupted"), "{said}");
    drop(transaction);
    interrupts.store(false, Ordering::Relaxed);
    assert_eq!(ids_after(&db, 7).await, [7]);
}

/// Polls a future at most so often, and tells whether it was done by then.
async fn given_up_after<T>(polls: usize, future: impl Future<Output = T>) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        let mut context = Context::from_waker(Waker::noop());
        if future.as_mut().poll(&mut context).is_ready() {
            return true;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    false
}

#[tokio::test]
async fn a_transaction_that_is_given_up_anywhere_is_written_whole_or_not_at_all() {
    on_each(async |db| {
        with_notes(&db).await;
        let mut ended = 0;
        for polls in 0_i64.. {
            let work = async {
                let mut transaction = db.begin().await?;
                for id in [2 * polls, 2 * polls + 1] {
                    let insert = transaction.query("insert into note values ($1, 'a pair')");
                    insert.bind(id).execute().await?;
                }
                transaction.commit().await
            };
            let polls = usize::try_from(polls).unwrap();
            ended += i64::from(given_up_after(polls, work).await);
            // Alone in a transaction: what an open one would swallow.
            let insert = db.write("insert into note values ($1, 'alone')");
            let alone = -i64::try_from(polls).unwrap() - 1;
            insert.bind(alone).execute().await.unwrap();
            if ended == 3 {
                break;
            }
        }
        let pairs = "select id / 2 from note where id >= 0 group by id / 2 having count(*) <> 2";
        assert_eq!(db.read(pairs).all::<(i64,)>().await.unwrap(), []);
        let (last, alone) = db
            .read(
                "select max(id), cast(sum(case when id < 0 then 1 else 0 end) as bigint) from note",
            )
            .one::<(i64, i64)>()
            .await
            .unwrap();
        assert_eq!(
            (last + 1) / 2,
            alone,
            "every transaction in the last rounds and none is open"
        );
    })
    .await;
}
