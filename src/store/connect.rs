//! From an address to a database that is owned, tuned and migrated.

use std::{fs, path::Path, str::FromStr, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use sqlx::{
    Connection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use tracing::warn;

use super::{Db, Error, Pools, Result, lock};
use crate::config::DatabaseUrl;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const BUSY: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

impl Db {
    /// Opens the database, takes ownership of it and applies pending migrations.
    ///
    /// A missing SQLite file is created, with its folder.
    ///
    /// # Errors
    /// [`Error::Open`] when it cannot be reached or read, [`Error::InUse`] when another process owns it,
    /// [`Error::Migrate`] when its schema is newer than this program or a step fails.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        let place = url.to_string();
        let db = match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, &place).await?,
            DatabaseUrl::Postgres(url) => open_postgres(url, &place).await?,
        };
        db.migrate()
            .await
            .map_err(|source| Error::Migrate { place, source })?;
        Ok(db)
    }

    async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match &self.pools {
            Pools::Sqlite { writer, .. } => SQLITE.run(writer).await,
            Pools::Postgres(pool) => POSTGRES.run(pool).await,
        }
    }
}

async fn open_sqlite(path: &Path, place: &str) -> Result<Db> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| cannot_open(place, &error))?;
    }
    let lock = lock::file(path).map_err(|refused| refusal(place, refused))?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(BUSY);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .after_release(|connection, _| is_sound(connection));
    let writer = writer
        .connect_with(options.clone())
        .await
        .map_err(|error| cannot_open(place, &error))?;
    let reader: SqlitePool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_lazy_with(options.read_only(true));
    Ok(Db {
        pools: Pools::Sqlite { writer, reader },
        lock: Arc::new(Mutex::new(Some(lock))),
    })
}

async fn open_postgres(url: &str, place: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url).map_err(|error| cannot_open(place, &error))?;
    let lock = lock::session(&options)
        .await
        .map_err(|refused| refusal(place, refused))?;
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .after_release(|connection, _| is_sound(connection));
    let pool: PgPool = pool
        .connect_with(options)
        .await
        .map_err(|error| cannot_open(place, &error))?;
    Ok(Db {
        pools: Pools::Postgres(pool),
        lock: Arc::new(Mutex::new(Some(lock))),
    })
}

/// Whether a connection that comes back can be used again; one that cannot is closed, and replaced by the next
/// that is asked for.
///
/// On a full disk, a failed read or write, want of memory and an interrupt SQLite rolls a transaction back by
/// itself; the rollback that follows fails then, and the connection counts as in a transaction for ever.
fn is_sound<C: Connection>(connection: &mut C) -> BoxFuture<'_, sqlx::Result<bool>> {
    async move {
        // The rollback of a dropped transaction is only queued; a ping is answered after it.
        connection.ping().await?;
        let is_sound = !connection.is_in_transaction();
        if !is_sound {
            warn!("a database connection is replaced, because its transaction could not be rolled back");
        }
        Ok(is_sound)
    }
    .boxed()
}

fn refusal(place: &str, refused: lock::Refused) -> Error {
    match refused {
        lock::Refused::InUse => Error::InUse {
            place: place.to_owned(),
        },
        lock::Refused::Failed(reason) => cannot_open(place, &reason),
    }
}

fn cannot_open(place: &str, reason: &impl ToString) -> Error {
    Error::Open {
        place: place.to_owned(),
        reason: reason.to_string(),
    }
}
