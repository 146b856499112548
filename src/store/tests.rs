//! The same promises on both databases.

mod rollbacks;

use super::*;
use crate::config::DatabaseUrl;
use crate::testing::Database;

async fn on_each(check: impl AsyncFn(Db)) {
    for database in Database::each().await {
        check(database.open().await).await;
    }
}

async fn with_table(db: &Db) {
    db.write("create table score (member bigint primary key, xp bigint not null)")
        .execute()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    on_each(async |db| {
        with_table(&db).await;
        let mut transaction = db.begin().await.unwrap();
        transaction
            .query("insert into score values ($1, $2)")
            .bind(1_i64)
            .bind(5_i64)
            .execute()
            .await
            .unwrap();
        drop(transaction);
        assert_eq!(
            db.read("select count(*) from score")
                .one::<(i64,)>()
                .await
                .unwrap(),
            (0,)
        );
    })
    .await;
}

#[tokio::test]
async fn many_rows_fold_into_what_is_there() {
    on_each(async |db| {
        with_table(&db).await;
        for _ in 0..2 {
            let mut rows = Rows::new(
                "insert into score (member, xp)",
                "on conflict (member) do update set xp = score.xp + excluded.xp",
            );
            (0..20_000_i64).for_each(|member| rows.push([member.into(), 15_i64.into()]));
            let mut transaction = db.begin().await.unwrap();
            transaction.write(rows).await.unwrap();
            transaction.commit().await.unwrap();
        }
        let sum = "select count(*), cast(sum(xp) as bigint) from score";
        assert_eq!(
            db.read(sum).one::<(i64, i64)>().await.unwrap(),
            (20_000, 600_000)
        );
    })
    .await;
}

#[tokio::test]
async fn a_database_has_one_owner() {
    for database in Database::each().await {
        let first = database.open().await;
        let second = Db::open(database.url()).await;
        assert!(
            matches!(second, Err(Error::InUse { .. })),
            "{}",
            database.url()
        );
        first.close().await;
        drop(first);
        database.open().await;
    }
}

#[tokio::test]
async fn what_is_not_a_database_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(
        &file,
        "these are notes, and long enough to be no database header at all",
    )
    .unwrap();
    for path in [folder.path(), &file] {
        let error = Db::open(&DatabaseUrl::Sqlite(path.into()))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(&path.display().to_string()), "{error}");
    }
}
