//! The database: SQLite or PostgreSQL behind one [`Db`], one SQL text for both.
//!
//! SQLite has one writer connection, whose transactions begin immediately, and a pool of readers.
//! Statements use `$1` placeholders, `on conflict` and `returning`, which both databases understand;
//! ids and instants are 64-bit integers (snowflakes, UTC milliseconds), truth values are 0 and 1.
//! One process at a time owns a database: a second one is refused.
//! After a crash a database holds exactly the transactions that were committed.

mod connect;
mod error;
mod lock;
mod mark;
mod query;
mod rows;
mod tasks;
mod transaction;
mod value;

use std::sync::Arc;

use parking_lot::Mutex;
use sqlx::{PgPool, SqlitePool};

pub use error::{Error, Result};
pub use query::{Query, Record};
pub use rows::Rows;
pub use transaction::Transaction;
pub use value::Value;

/// A database that is migrated and owned by this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
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
    /// # Errors
    /// The database cannot be reached, or another writer holds it for longer than 5 s.
    pub async fn begin(&self) -> Result<Transaction> {
        Transaction::begin(&self.pools).await
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
