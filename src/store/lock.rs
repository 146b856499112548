//! One process owns a database at a time, and its death frees it at once.
//!
//! SQLite: a lock on `<file>.lock`, which the kernel drops with the process, kill -9 included.
//! PostgreSQL: an advisory lock of a connection kept for it, which the server drops with the connection.

use std::{fs::File, path::Path, time::Duration};

use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};

/// Held for as long as the process owns the database. Dropping it frees the database too, a moment later.
pub(super) enum Lock {
    File(File),
    Session(PgConnection),
}

impl Lock {
    pub(super) async fn free(self) {
        match self {
            Self::File(file) => drop(file),
            // A connection that cannot be closed in order is dropped by the server all the same.
            Self::Session(connection) => drop(connection.close().await),
        }
    }
}

/// Why there is no lock.
pub(super) enum Refused {
    InUse,
    Failed(String),
}

/// Tells this program's advisory locks from those of others in the same database.
const ADVISORY_NAME: &str = "cogsmith";

/// A server notices the end of a killed process's connection a moment later than we can start again.
const PATIENCE: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_millis(1_000),
];

pub(super) fn file(database: &Path) -> Result<Lock, Refused> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(|error| Refused::Failed(format!("{}: {error}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock::File(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Refused::InUse),
        Err(std::fs::TryLockError::Error(error)) => Err(Refused::Failed(error.to_string())),
    }
}

/// The lock's number is derived from the schema, so that schemas of one database do not exclude each other.
pub(super) async fn session(options: &PgConnectOptions) -> Result<Lock, Refused> {
    let failed = |error: sqlx::Error| Refused::Failed(error.to_string());
    let mut connection = PgConnection::connect_with(options).await.map_err(failed)?;
    for pause in PATIENCE {
        if try_session(&mut connection).await.map_err(failed)? {
            return Ok(Lock::Session(connection));
        }
        tokio::time::sleep(pause).await;
    }
    Err(Refused::InUse)
}

async fn try_session(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "select pg_try_advisory_lock(hashtext($1), hashtext(current_schema()))";
    sqlx::query_scalar(sql)
        .bind(ADVISORY_NAME)
        .fetch_one(connection)
        .await
}
