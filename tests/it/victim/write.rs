//! Transactions, one after another, until somebody ends it.

use std::time::Duration;

use cogsmith::store::{Db, Result};

/// Between two transactions.
const PAUSE: Duration = Duration::from_millis(20);

/// Each writes two entries, with `statement` between them, and says whether it was made durable.
pub(super) async fn run(db: Db, statement: &'static str) -> anyhow::Result<()> {
    for table in [
        "create table entry (id bigint not null, part bigint not null)",
        "create table ballast (words text not null)",
    ] {
        db.write(table).execute().await?;
    }
    for id in 1.. {
        match write(&db, id, statement).await {
            Ok(()) => println!("wrote {id}"),
            Err(error) => println!("refused {id} {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn write(db: &Db, id: i64, statement: &'static str) -> Result<()> {
    let mut transaction = db.begin().await?;
    for part in 1..=2_i64 {
        let insert = transaction.query("insert into entry values ($1, $2)");
        insert.bind(id).bind(part).execute().await?;
        if part == 1 {
            transaction.query(statement).execute().await?;
        }
    }
    transaction.commit().await
}
