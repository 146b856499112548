//! One statement with its values, on whichever database is there.

use std::borrow::Cow;

use sqlx::{
    Arguments, AssertSqlSafe, FromRow,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{Db, Pools, Result, Transaction, Value, transaction::Open};

/// What a row can become: any tuple or `#[derive(FromRow)]` struct that both databases can fill.
pub trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Record for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// A statement being built: bind its values in order, then run it once.
#[must_use = "a query does nothing until it is run"]
pub struct Query<'c> {
    target: Target<'c>,
    sql: Cow<'static, str>,
    values: Vec<Value>,
}

enum Target<'c> {
    Reader(&'c Db),
    Writer(&'c Db),
    Transaction(&'c mut Transaction),
}

/// A statement with more values stays prepared only while it runs: made for just so many rows, it is
/// seldom seen again, and takes up megabytes.
const KEPT_VALUES: usize = 1_000;

/// Runs a call of sqlx on the right connection of the right database; a statement that writes gets a
/// transaction, and `$again` runs it in there.
macro_rules! run {
    ($query:ident, |$sql:ident, $arguments:ident, $on:ident, $kept:ident| $run:expr, $again:expr) => {{
        let $kept = $query.values.len() <= KEPT_VALUES;
        match $query.target {
            Target::Reader(db) => {
                let ($sql, values) = (AssertSqlSafe($query.sql), $query.values);
                let ended = match &db.pools {
                    Pools::Sqlite { reader: $on, .. } => {
                        let $arguments = sqlite_arguments(values)?;
                        $run
                    }
                    Pools::Postgres($on) => {
                        let $arguments = postgres_arguments(values)?;
                        $run
                    }
                };
                ended.map_err(|error| db.status.note(error))
            }
            Target::Writer(db) => {
                // Boxed, as a fence is a query too.
                let mut transaction = Box::pin(db.begin()).await?;
                let query = Query {
                    target: Target::Transaction(&mut transaction),
                    sql: $query.sql,
                    values: $query.values,
                };
                let ended = Box::pin($again(query)).await?;
                transaction.commit().await?;
                Ok(ended)
            }
            Target::Transaction(transaction) => {
                let ($sql, values) = (AssertSqlSafe($query.sql), $query.values);
                let ended = match transaction.begin_statement()? {
                    Open::Sqlite(open) => {
                        let ($arguments, $on) = (sqlite_arguments(values)?, &mut **open);
                        $run
                    }
                    Open::Postgres(open) => {
                        let ($arguments, $on) = (postgres_arguments(values)?, &mut **open);
                        $run
                    }
                };
                transaction.end_statement(ended)
            }
        }
    }};
}

impl<'c> Query<'c> {
    pub(super) fn on_reader(db: &'c Db, sql: Cow<'static, str>) -> Self {
        Self {
            target: Target::Reader(db),
            sql,
            values: Vec::new(),
        }
    }

    pub(super) fn on_writer(db: &'c Db, sql: Cow<'static, str>) -> Self {
        Self {
            target: Target::Writer(db),
            sql,
            values: Vec::new(),
        }
    }

    pub(super) fn in_transaction(transaction: &'c mut Transaction, sql: Cow<'static, str>) -> Self {
        Self {
            target: Target::Transaction(transaction),
            sql,
            values: Vec::new(),
        }
    }

    /// Binds the next placeholder.
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    pub(super) fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.values.extend(values);
        self
    }

    /// Runs it and tells how many rows it touched.
    ///
    /// # Errors
    /// The statement failed.
    pub async fn execute(self) -> Result<u64> {
        run!(
            self,
            |sql, arguments, on, kept| {
                sqlx::query_with(sql, arguments)
                    .persistent(kept)
                    .execute(on)
                    .await
                    .map(|done| done.rows_affected())
            },
            Query::execute
        )
    }

    /// Every row.
    ///
    /// # Errors
    /// The statement failed, or a row does not fit `T`.
    pub async fn all<T: Record>(self) -> Result<Vec<T>> {
        run!(
            self,
            |sql, arguments, on, kept| {
                sqlx::query_as_with::<_, T, _>(sql, arguments)
                    .persistent(kept)
                    .fetch_all(on)
                    .await
            },
            Query::all::<T>
        )
    }

    /// The only row.
    ///
    /// # Errors
    /// The statement failed, there is no row, or it does not fit `T`.
    pub async fn one<T: Record>(self) -> Result<T> {
        run!(
            self,
            |sql, arguments, on, kept| {
                sqlx::query_as_with::<_, T, _>(sql, arguments)
                    .persistent(kept)
                    .fetch_one(on)
                    .await
            },
            Query::one::<T>
        )
    }

    /// The row, if there is one.
    ///
    /// # Errors
    /// The statement failed, or the row does not fit `T`.
    pub async fn optional<T: Record>(self) -> Result<Option<T>> {
        run!(
            self,
            |sql, arguments, on, kept| {
                sqlx::query_as_with::<_, T, _>(sql, arguments)
                    .persistent(kept)
                    .fetch_optional(on)
                    .await
            },
            Query::optional::<T>
        )
    }
}

macro_rules! arguments {
    ($name:ident, $arguments:ty) => {
        pub(super) fn $name(values: Vec<Value>) -> Result<$arguments, sqlx::Error> {
            let mut arguments = <$arguments>::default();
            for value in values {
                match value {
                    Value::Integer(value) => Arguments::add(&mut arguments, value),
                    Value::Real(value) => Arguments::add(&mut arguments, value),
                    Value::Text(value) => Arguments::add(&mut arguments, value),
                }
                .map_err(sqlx::Error::Encode)?;
            }
            Ok(arguments)
        }
    };
}

arguments!(sqlite_arguments, SqliteArguments);
arguments!(postgres_arguments, PgArguments);
