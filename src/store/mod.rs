//! The database: SQLite or PostgreSQL behind one [`Db`], one SQL text for both.
//!
//! SQLite has one writer connection, whose transactions begin immediately, and a pool of readers.
//! Statements use `$1` placeholders, `on conflict` and `returning`, which both databases understand;
//! ids and instants are 64-bit integers (snowflakes, UTC milliseconds), truth values are 0 and 1.
//! One process at a time owns a database: a second one is refused, and each transaction is fenced by the
//! owner's epoch, so that a process that has lost its ownership can commit nothing.
//! After a crash a database holds exactly the transactions that were committed.

mod condition;
mod connect;
mod error;
mod lock;
mod mark;
mod migrations;
mod patience;
mod query;
mod reading;
mod rows;
mod session;
mod status;
mod tables;
mod tasks;
mod transaction;
mod value;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sqlx::{PgPool, SqlitePool};

pub(crate) use condition::Owner;
pub use error::{Error, Result};
pub use migrations::Migrations;
#[doc(hidden)]
pub use migrations::Step;
pub use query::{Query, Record};
pub use rows::Rows;
use status::Ownership;
pub use transaction::Transaction;
pub use value::Value;

use crate::config::DatabaseUrl;

/// An epoch of this process may be written a moment before it is noted.
const NOTING: Duration = Duration::from_millis(250);
const ASKING: Duration = Duration::from_secs(1);

/// A database that is migrated and owned by this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    status: Arc<status::Status>,
    url: Arc<DatabaseUrl>,
    /// Held, so that no second process opens this database.
    lock: Arc<Mutex<Option<lock::Lock>>>,
}

#[derive(Clone)]
enum Pools {
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Where it is.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The name of what keeps it: `SQLite` or `PostgreSQL`.
    pub fn product(&self) -> &'static str {
        match self.pools {
            Pools::Sqlite { .. } => "SQLite",
            Pools::Postgres(_) => "PostgreSQL",
        }
    }

    /// Asks a question that needs no table, and tells how long the answer took.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn ping(&self) -> Result<Duration> {
        let asked = Instant::now();
        let answer = self.read("select cast(1 as bigint)");
        answer.one::<(i64,)>().await?;
        Ok(asked.elapsed())
    }

    /// A query that only reads. On SQLite it runs beside a writer.
    pub fn read(&self, sql: &'static str) -> Query<'_> {
        Query::on_reader(self, sql.into())
    }

    /// A statement that writes, alone in its own transaction.
    pub fn write(&self, sql: &'static str) -> Query<'_> {
        Query::on_writer(self, sql.into())
    }

    /// Begins a transaction; dropping it without a commit rolls it back.
    ///
    /// No other process can take over before it ends.
    ///
    /// # Errors
    /// The database cannot be reached, or another writer holds it for longer than 5 s;
    /// [`Error::Superseded`] and [`Error::LockLost`] when this process no longer owns it.
    pub async fn begin(&self) -> Result<Transaction> {
        let epoch = self.status.epoch();
        match self.begin_at(epoch).await {
            Err(Error::Superseded) if self.status.epoch() != epoch => {
                self.begin_at(self.status.epoch()).await
            }
            begun => begun,
        }
    }

    /// Begins a transaction of the owner of this epoch.
    async fn begin_at(&self, epoch: i64) -> Result<Transaction> {
        self.status.check()?;
        let mut transaction = Transaction::begin(&self.pools, Arc::clone(&self.status)).await?;
        let held = transaction.fence(epoch).await;
        if matches!(held, Err(Error::Superseded)) {
            tokio::time::sleep(NOTING).await;
            if epoch == self.status.epoch() {
                self.status.set_ownership(Ownership::Superseded);
            }
        }
        held.map(|()| transaction)
    }

    /// Makes every transaction of an earlier owner impossible, before this one reads what to go on from.
    ///
    /// # Errors
    /// The database cannot be written to; a busy one is waited for.
    pub(crate) async fn claim(&self) -> Result<()> {
        patience::while_busy(|| async {
            let mut transaction = self.begin().await?;
            let raise = "
                insert into task_engine (id, epoch, owner, opened_at, beat_at, clean) values (1, 1, '', 0, 0, 0)
                on conflict (id) do update set epoch = task_engine.epoch + 1, clean = 0 returning epoch";
            let (epoch,) = transaction.query(raise).one::<(i64,)>().await?;
            transaction.commit().await?;
            self.status.set_epoch(epoch);
            Ok(())
        })
        .await
    }

    /// Whether another process has taken over; no, as long as the database does not answer within a second.
    pub(crate) async fn is_superseded(&self) -> bool {
        let newest = self.read("select epoch from task_engine where id = 1");
        let asked = tokio::time::timeout(ASKING, newest.optional::<(i64,)>()).await;
        let Ok(Ok(Some((newest,)))) = asked else {
            return false;
        };
        if newest > self.status.epoch() {
            tokio::time::sleep(NOTING).await;
        }
        let is_superseded = newest > self.status.epoch();
        if is_superseded {
            self.status.set_ownership(Ownership::Superseded);
        }
        is_superseded
    }

    /// Resolves when another process has taken over the database, with the error that says so.
    pub(crate) async fn superseded(&self) -> Error {
        self.status.superseded().await;
        Error::Superseded
    }

    /// Writes a little, to see whether that can be done. SQLite writes no page that stays the same.
    pub(crate) async fn check_writes(&self) -> Result<()> {
        if self.status.is_damaged() {
            return Err(self.status.damage(&"see the log"));
        }
        let mut transaction = self.begin().await?;
        let touch = transaction.query("update task_engine set beat_at = beat_at + 1 where id = 1");
        touch.execute().await?;
        transaction.commit().await
    }

    fn mark(&self) -> mark::Mark {
        match self.pools {
            Pools::Sqlite { .. } => mark::Mark::Bare,
            Pools::Postgres(_) => mark::Mark::Numbered,
        }
    }

    /// Lets SQLite renew what it knows of its tables for planning; PostgreSQL does so by itself.
    pub(crate) async fn tidy_up(&self) -> Result<()> {
        if let Pools::Sqlite { .. } = self.pools {
            self.write("pragma optimize").execute().await?;
        }
        Ok(())
    }

    /// Closes every connection, waiting for those in use, and frees the database for another process.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
        let lock = self.lock.lock().take();
        if let Some(lock) = lock {
            lock.free().await;
        }
    }
}

#[cfg(test)]
mod tests;
