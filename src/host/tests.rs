//! What becomes of folded state when a commit goes wrong.

use cogsmith_tasks::{Engine, MemoryStore};

use super::*;
use crate::{events::Position, testing::Database};

async fn host(db: Db) -> Host {
    let audit = Audit::of(&db).await;
    let settings = Settings::open(db.clone(), audit.clone()).await.unwrap();
    let switches = Switches::open(db.clone(), audit.clone()).await.unwrap();
    let engine = Engine::new(Arc::new(MemoryStore::new()), Clock::system());
    let http = Arc::new(Http::new(""));
    Host::new(Parts {
        name: None,
        shared: SharedValues::default(),
        db,
        http,
        engine,
        audit,
        settings,
        switches,
        slots: Weak::new(),
        watchdog: Watchdog::start().unwrap(),
        progress: Progress::new(),
        owners: BTreeSet::new(),
    })
}

fn positions(sequence: u64) -> Positions {
    let mut positions = Positions::default();
    positions.note(&Position {
        shard: 0,
        session: "a".into(),
        sequence,
    });
    positions
}

/// A transaction that fails at its commit, and not before.
async fn doomed(db: &Db) -> Transaction {
    db.write("create table parent (id bigint primary key)")
        .execute()
        .await
        .unwrap();
    let child =
        "create table child (id bigint references parent (id) deferrable initially deferred)";
    db.write(child).execute().await.unwrap();
    let mut transaction = db.begin().await.unwrap();
    let orphan = transaction.query("insert into child values (7)");
    orphan.execute().await.unwrap();
    transaction
}

#[tokio::test]
async fn a_commit_that_fails_changes_nothing() {
    for database in Database::each().await {
        let host = host(database.open().await).await;
        let transaction = doomed(host.db()).await;
        let committed = host.commit_folded("xp", transaction, &positions(3)).await;
        assert!(committed.is_err(), "{}", database.url());
        assert!(!host.was_committed("xp", &positions(3)).await);
        let first = positions(3).of(0).cloned().unwrap();
        assert!(!host.progress().is_replay("xp", &first));
    }
}

#[tokio::test]
async fn what_became_of_a_commit_can_be_told() {
    for database in Database::each().await {
        let host = host(database.open().await).await;
        let transaction = host.db().begin().await.unwrap();
        let committed = host.commit_folded("xp", transaction, &positions(3)).await;
        committed.unwrap();
        assert!(
            host.was_committed("xp", &positions(3)).await,
            "{}",
            database.url()
        );
        assert!(!host.was_committed("xp", &positions(4)).await);
        assert!(!host.was_committed("streak", &positions(3)).await);
    }
}
