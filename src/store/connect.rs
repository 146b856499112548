//! From an address to a database that is owned, tuned, sound and migrated.

use std::{fs, path::Path, str::FromStr, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use sqlx::{
    Connection, PgPool, SqlitePool,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tracing::{debug, info};

use super::{
    Db, Error, Migrations, Pools, Result,
    error::says_damaged,
    lock, patience,
    session::{self, Taken},
    status::Status,
};
use crate::config::DatabaseUrl;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Migrations that follow each other, and are noted in a table of theirs.
pub(super) struct Line {
    /// What they are called to people.
    name: &'static str,
    /// Asks for the newest that was ever applied.
    pub(super) newest: &'static str,
}

pub(super) const LIBRARY: Line = Line {
    name: "Cogsmith's own migrations",
    newest: "select max(version) from _sqlx_migrations",
};
const PROJECT: Line = Line {
    name: "the project's migrations",
    newest: "select max(version) from _project_migrations",
};

pub(super) const BUSY: Duration = Duration::from_secs(5);
pub(super) const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// A transaction of a process that was paused must not keep another from taking over.
pub(super) const IDLE_BOUND: &str = "set idle_in_transaction_session_timeout = 60000";

impl Db {
    /// Opens the database, takes ownership of it, looks at a file that was not closed in order, and applies
    /// pending migrations. A database that is busy is waited for, up to a minute.
    ///
    /// A missing SQLite file is created, with its folder.
    ///
    /// # Errors
    /// [`Error::Open`] when it cannot be reached or read, [`Error::InUse`] when another process owns it,
    /// [`Error::Newer`] when a newer version of this program has used it, [`Error::Damaged`] when its file is
    /// damaged, [`Error::Migrate`] when a step fails.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        let place = url.to_string();
        let opened = match url {
            DatabaseUrl::Sqlite(path) => open_sqlite(path, &place).await,
            DatabaseUrl::Postgres(url) => open_postgres(url, &place).await,
        };
        opened.map_err(|error| named(error, &place))
    }

    /// As [`Db::open`]; another process that owns the database is waited for, for up to `limit`, as a deploy has two for a while.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_within(url: &DatabaseUrl, limit: Duration) -> Result<Self> {
        patience::while_owned(limit, || Self::open(url)).await
    }

    /// The newest step of the schema that this program knows.
    pub(crate) fn newest_step() -> i64 {
        SQLITE.iter().map(|step| step.version).max().unwrap_or(0)
    }

    /// Applies what is pending of a project's own migrations. A database that is busy is waited for, up to a minute.
    ///
    /// # Errors
    /// [`Error::Newer`] when a newer version of the project has used the database, [`Error::Migrate`] when a step
    /// fails, of which nothing was applied then.
    pub async fn migrate(&self, migrations: Migrations) -> Result<()> {
        if migrations.is_empty() {
            return Ok(());
        }
        let migrator = match &self.pools {
            Pools::Sqlite { .. } => migrations.sqlite(),
            Pools::Postgres(_) => migrations.postgres(),
        };
        patience::while_busy(|| self.apply(&migrator, &PROJECT)).await
    }

    async fn apply(&self, migrator: &Migrator, line: &Line) -> Result<()> {
        let applied = match &self.pools {
            Pools::Sqlite { writer, .. } => migrator.run(writer).await,
            Pools::Postgres(pool) => migrator.run(pool).await,
        };
        match applied {
            Ok(()) => Ok(()),
            Err(source) => Err(self.not_migrated(source, migrator, line).await),
        }
    }

    fn own(&self) -> &'static Migrator {
        match &self.pools {
            Pools::Sqlite { .. } => &SQLITE,
            Pools::Postgres(_) => &POSTGRES,
        }
    }

    /// The newest version of the schema that this program knows.
    pub(super) fn newest_known(&self) -> i64 {
        newest_of(self.own())
    }

    async fn prepare(&self) -> Result<()> {
        self.apply(self.own(), &LIBRARY).await?;
        let epoch = self.read("select epoch from task_engine where id = 1");
        if let Some((epoch,)) = epoch.optional::<(i64,)>().await? {
            self.status.set_epoch(epoch);
        }
        Ok(())
    }

    async fn not_migrated(&self, source: MigrateError, known: &Migrator, line: &Line) -> Error {
        let place = self.status.place.clone();
        let newest_known = newest_of(known);
        match source {
            MigrateError::VersionMissing(version) if version > newest_known => {
                let newest = self.read(line.newest).one::<(i64,)>().await;
                let found = newest.map_or(version, |(newest,)| newest);
                Error::Newer {
                    place,
                    found,
                    known: newest_known,
                }
            }
            MigrateError::Execute(error) => error.into(),
            source => Error::Migrate {
                place,
                whose: line.name,
                source,
            },
        }
    }

    /// Reads through a file whose last owner did not close it in order.
    async fn check_file(&self) -> Result<()> {
        let table = self.read("select count(*) from sqlite_master where name = 'task_engine'");
        if table.one::<(i64,)>().await? == (0,) {
            return Ok(());
        }
        let clean = self.read("select clean from task_engine where id = 1");
        if clean.optional::<(i64,)>().await? != Some((0,)) {
            return Ok(());
        }
        info!("the database was not closed in order; its file is checked");
        match self
            .read("pragma quick_check(1)")
            .one::<(String,)>()
            .await?
        {
            (found,) if found == "ok" => Ok(()),
            (found,) => Err(self.status.damage(&found)),
        }
    }
}

fn newest_of(migrator: &Migrator) -> i64 {
    let versions = migrator.iter().map(|step| step.version);
    versions.max().unwrap_or(0)
}

async fn open_sqlite(path: &Path, place: &str) -> Result<Db> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::open(place, &error))?;
    }
    let lock = lock::file(path, place)?;
    let url = Arc::new(DatabaseUrl::Sqlite(path.to_owned()));
    let db = patience::while_busy(|| async {
        let db = sqlite(path, place, Arc::clone(&url)).await?;
        db.check_file().await?;
        db.prepare().await?;
        Ok(db)
    });
    let db = db.await?;
    *db.lock.lock() = Some(lock);
    Ok(db)
}

async fn sqlite(path: &Path, place: &str, url: Arc<DatabaseUrl>) -> Result<Db> {
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
    let writer = writer.connect_with(options.clone()).await?;
    let reader: SqlitePool = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_lazy_with(options.read_only(true));
    Ok(Db {
        pools: Pools::Sqlite { writer, reader },
        url,
        status: Arc::new(Status::new(place.to_owned())),
        lock: Arc::new(Mutex::new(None)),
    })
}

async fn open_postgres(url: &str, place: &str) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)?;
    let lock = patience::while_busy(|| async { Ok(session::take(&options).await?) }).await?;
    let lock = match lock {
        Taken::Ours(lock) => lock,
        Taken::Held(holder) => {
            let place = place.to_owned();
            return Err(Error::InUse { place, holder });
        }
    };
    let url = Arc::new(DatabaseUrl::Postgres(url.to_owned()));
    let db = patience::while_busy(|| async {
        let db = postgres(options.clone(), place, Arc::clone(&url)).await?;
        db.prepare().await?;
        Ok(db)
    });
    let db = db.await?;
    let watch = session::Watch::start(lock, options, Arc::clone(&db.status));
    *db.lock.lock() = Some(lock::Lock::Session(watch));
    Ok(db)
}

async fn postgres(options: PgConnectOptions, place: &str, url: Arc<DatabaseUrl>) -> Result<Db> {
    let pool = PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .after_connect(|connection, _| {
            async move {
                sqlx::raw_sql(IDLE_BOUND).execute(connection).await?;
                Ok(())
            }
            .boxed()
        })
        .after_release(|connection, _| is_sound(connection));
    let pool: PgPool = pool.connect_with(options).await?;
    Ok(Db {
        pools: Pools::Postgres(pool),
        url,
        status: Arc::new(Status::new(place.to_owned())),
        lock: Arc::new(Mutex::new(None)),
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
            // Whoever wrote tells the error; on a full disk this happens with each write.
            debug!("a database connection is replaced, because its transaction could not be rolled back");
        }
        Ok(is_sound)
    }
    .boxed()
}

/// What stood in the way of opening, with the place.
pub(super) fn named(error: Error, place: &str) -> Error {
    match error {
        Error::Query(cause) if says_damaged(&cause) => Error::Damaged {
            place: place.to_owned(),
            reason: cause.to_string(),
        },
        Error::Query(cause) => Error::open(place, &cause),
        error => error,
    }
}
