//! Several statements that happen together or not at all.

use sqlx::{Postgres, Sqlite};

use super::{Pools, Query, Result, Rows, mark::Mark};

/// An open transaction; dropping it without [`Transaction::commit`] rolls it back.
pub enum Transaction {
    /// Begun immediately, so it never fails half-way for want of the write lock.
    #[doc(hidden)]
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    #[doc(hidden)]
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(super) async fn begin(pools: &Pools) -> Result<Self> {
        Ok(match pools {
            Pools::Sqlite { writer, .. } => {
                Self::Sqlite(writer.begin_with("begin immediate").await?)
            }
            Pools::Postgres(pool) => Self::Postgres(pool.begin().await?),
        })
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
        match self {
            Self::Sqlite(_) => Mark::Bare,
            Self::Postgres(_) => Mark::Numbered,
        }
    }

    /// Makes everything in it durable.
    ///
    /// # Errors
    /// Nothing of it was made durable.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}
