//! Several statements that happen together or not at all.

use std::sync::Arc;

use sqlx::{PgPool, Postgres, Sqlite};

use super::{Error, Pools, Query, Result, Rows, mark::Mark, status::Status};

/// An open transaction; dropping it without [`Transaction::commit`] rolls it back.
///
/// After a statement that failed, or whose future was dropped, nothing more can be written in it: SQLite
/// may have rolled it back by itself, and would make each later statement durable on its own.
pub struct Transaction {
    open: Open,
    status: Arc<Status>,
    /// A statement is under way, or has failed, or was given up.
    in_doubt: bool,
}

/// The transaction of either database.
pub(super) enum Open {
    /// Begun immediately, so it never fails half-way for want of the write lock.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(super) async fn begin(pools: &Pools, status: Arc<Status>) -> Result<Self> {
        let open = match pools {
            Pools::Sqlite { writer, .. } => {
                Open::Sqlite(writer.begin_with("begin immediate").await?)
            }
            Pools::Postgres(pool) => Open::Postgres(begin_to_the_end(pool).await?),
        };
        Ok(Self {
            open,
            status,
            in_doubt: false,
        })
    }

    /// Refuses any epoch but the newest, and keeps it the newest until the transaction ends. No epoch, 0, is
    /// that of a database that nobody has claimed yet.
    pub(super) async fn fence(&mut self, epoch: i64) -> Result<()> {
        if epoch == 0 {
            return Ok(());
        }
        let hold = match self.open {
            // The transaction is the only one that writes.
            Open::Sqlite(_) => "select 1 from task_engine where id = 1 and epoch = $1",
            Open::Postgres(_) => "select 1 from task_engine where id = 1 and epoch = $1 for share",
        };
        let held = self.query(hold).bind(epoch).optional::<(i32,)>().await?;
        held.map(drop).ok_or(Error::Superseded)
    }

    /// A statement inside this transaction.
    pub fn query(&mut self, sql: &'static str) -> Query<'_> {
        Query::in_transaction(self, sql.into())
    }

    /// Writes many rows with as few statements as possible: statement count is what costs.
    ///
    /// # Errors
    /// A statement failed; the transaction can only be rolled back then.
    pub async fn write(&mut self, rows: Rows) -> Result<()> {
        for (sql, values) in rows.into_statements(self.mark()) {
            Query::in_transaction(self, sql.into())
                .bind_all(values)
                .execute()
                .await?;
        }
        Ok(())
    }

    pub(super) fn mark(&self) -> Mark {
        match self.open {
            Open::Sqlite(_) => Mark::Bare,
            Open::Postgres(_) => Mark::Numbered,
        }
    }

    /// What the next statement runs on; it is in doubt until [`Transaction::end_statement`].
    pub(super) fn begin_statement(&mut self) -> Result<&mut Open> {
        if std::mem::replace(&mut self.in_doubt, true) {
            return Err(Error::RolledBack);
        }
        Ok(&mut self.open)
    }

    pub(super) fn end_statement<T>(&mut self, ended: sqlx::Result<T>) -> Result<T> {
        self.in_doubt = !matches!(ended, Ok(_) | Err(sqlx::Error::RowNotFound));
        ended.map_err(|error| self.status.note(error))
    }

    /// Makes everything in it durable.
    ///
    /// # Errors
    /// Nothing of it was made durable; where the connection was lost meanwhile, that is not known.
    pub async fn commit(self) -> Result<()> {
        if self.in_doubt {
            return Err(Error::RolledBack);
        }
        match self.open {
            Open::Sqlite(transaction) => transaction.commit().await?,
            Open::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

/// Begins in a task of its own: sqlx takes a begin that is dropped half-way for none, and the connection
/// would go back to the pool with an open transaction.
async fn begin_to_the_end(pool: &PgPool) -> Result<sqlx::Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin().await }).await;
    Ok(begun.map_err(|_| sqlx::Error::WorkerCrashed)??)
}
