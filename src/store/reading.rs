//! A database that is read beside the process that owns it.

use std::{str::FromStr, sync::Arc};

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream, stream::BoxStream};
use parking_lot::Mutex;
use sqlx::{
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqlitePoolOptions},
};

use super::{
    Db, Error, Pools, Record, Result, Value,
    connect::{self, BUSY, IDLE_BOUND, READERS},
    query::{postgres_arguments, sqlite_arguments},
    status::Status,
};
use crate::config::DatabaseUrl;

const READ_ONLY: &str = "set session characteristics as transaction read only";

impl Db {
    /// Opens the database to read it, also while another process owns it: nothing is locked, created or migrated,
    /// and what would write fails with [`Error::ReadOnly`].
    ///
    /// # Errors
    /// [`Error::Open`] when it is not there or cannot be reached, [`Error::Older`] when it is not migrated,
    /// [`Error::Newer`] when a newer version of this program has used it.
    pub async fn open_to_read(url: &DatabaseUrl) -> Result<Self> {
        let place = url.to_string();
        let opened = async {
            let db = Self {
                pools: pools(url).await?,
                url: Arc::new(url.clone()),
                status: Arc::new(Status::reading(place.clone())),
                lock: Arc::new(Mutex::new(None)),
            };
            db.check_version().await?;
            Ok(db)
        };
        opened.await.map_err(|error| connect::named(error, &place))
    }

    /// The rows of a query that only reads, one after the other: all are of the moment at which it began, and no more
    /// than a few are in memory at once.
    ///
    /// Each is an error when the statement failed or the row does not fit `T`.
    pub fn stream<'d, T: Record + 'd>(
        &'d self,
        sql: &'static str,
        values: impl IntoIterator<Item = Value>,
    ) -> BoxStream<'d, Result<T>> {
        let values = values.into_iter().collect();
        let rows = match &self.pools {
            Pools::Sqlite { reader, .. } => sqlite_arguments(values)
                .map(|arguments| sqlx::query_as_with::<_, T, _>(sql, arguments).fetch(reader)),
            Pools::Postgres(pool) => postgres_arguments(values)
                .map(|arguments| sqlx::query_as_with::<_, T, _>(sql, arguments).fetch(pool)),
        };
        match rows {
            Ok(rows) => rows.map_err(|error| self.status.note(error)).boxed(),
            Err(error) => stream::once(async { Err(error.into()) }).boxed(),
        }
    }

    async fn check_version(&self) -> Result<()> {
        let place = self.status.place.clone();
        let known = self.newest_known();
        let found = self
            .read(connect::LIBRARY.newest)
            .one::<(Option<i64>,)>()
            .await;
        let found = match found {
            Ok((found,)) => found.unwrap_or(0),
            // There is no table of migrations.
            Err(error) if error.is_about_a_missing_table() => 0,
            Err(error) => return Err(error),
        };
        match found.cmp(&known) {
            std::cmp::Ordering::Less => Err(Error::Older {
                place,
                found,
                known,
            }),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Error::Newer {
                place,
                found,
                known,
            }),
        }
    }
}

async fn pools(url: &DatabaseUrl) -> Result<Pools> {
    match url {
        DatabaseUrl::Sqlite(path) => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .read_only(true)
                .busy_timeout(BUSY);
            let pool = SqlitePoolOptions::new().max_connections(READERS);
            let reader = pool.connect_with(options).await?;
            let writer = reader.clone();
            Ok(Pools::Sqlite { writer, reader })
        }
        DatabaseUrl::Postgres(url) => {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new().max_connections(READERS);
            let pool = pool.after_connect(|connection, _| {
                async move {
                    for setting in [IDLE_BOUND, READ_ONLY] {
                        sqlx::raw_sql(setting).execute(&mut *connection).await?;
                    }
                    Ok(())
                }
                .boxed()
            });
            Ok(Pools::Postgres(pool.connect_with(options).await?))
        }
    }
}
