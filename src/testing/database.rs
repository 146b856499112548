//! Databases that live as long as a test: a SQLite file always, PostgreSQL when there is one.

use cogsmith_tasks::Clock;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use crate::{config::DatabaseUrl, store::Db};

/// An empty database of one test's own. Dropping it removes the file;
/// a schema is removed by a test of a later hour.
pub struct Database {
    url: DatabaseUrl,
    #[expect(
        dead_code,
        reason = "held, so that the folder lives as long as the database"
    )]
    folder: Option<TempDir>,
}

impl Database {
    /// A SQLite file in a folder of its own.
    ///
    /// # Panics
    /// There is no room for temporary files.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = DatabaseUrl::Sqlite(folder.path().join("cogsmith.db"));
        Self {
            url,
            folder: Some(folder),
        }
    }

    /// A schema of its own on the server at `TEST_POSTGRES_URL`; `None` when that is not set. Unless the
    /// address names an `sslmode`, nothing is encrypted: a handshake takes longer than most tests.
    ///
    /// # Panics
    /// The server named there cannot be used: a test that asked for it must not pass without it.
    pub async fn postgres() -> Option<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").ok()?;
        let mut connection = PgConnection::connect(&server)
            .await
            .expect("the server at TEST_POSTGRES_URL");
        sweep(&mut connection)
            .await
            .expect("the schemas of earlier tests");
        let schema = format!("{PREFIX}{}_{:016x}", seconds(), rand::random::<u64>());
        let create = AssertSqlSafe(format!("create schema {schema}"));
        sqlx::query(create)
            .execute(&mut connection)
            .await
            .expect("a schema for this test");
        let separator = if server.contains('?') { '&' } else { '?' };
        let mut url = format!(
            "{server}{separator}application_name={schema}&options=-csearch_path%3D{schema}"
        );
        if !server.contains("sslmode=") {
            url.push_str("&sslmode=disable");
        }
        Some(Self {
            url: DatabaseUrl::Postgres(url),
            folder: None,
        })
    }

    /// One of each kind that can be had here.
    pub async fn each() -> Vec<Self> {
        std::iter::once(Self::sqlite())
            .chain(Self::postgres().await)
            .collect()
    }

    /// Its address.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Opens it, migrated.
    ///
    /// # Panics
    /// It cannot be opened.
    pub async fn open(&self) -> Db {
        Db::open(&self.url)
            .await
            .expect("a database of the test's own")
    }
}

const PREFIX: &str = "cogsmith_test_";
const KEPT_SECONDS: u64 = 3_600;

/// A dropped `Database` cannot wait for a server, so each test clears away what is an hour old.
async fn sweep(connection: &mut PgConnection) -> sqlx::Result<()> {
    let sql = "select nspname::text from pg_namespace where nspname like $1";
    let pattern = format!("{PREFIX}%");
    let schemas: Vec<String> = sqlx::query_scalar(sql)
        .bind(pattern)
        .fetch_all(&mut *connection)
        .await?;
    for schema in schemas.into_iter().filter(|schema| is_old(schema)) {
        let drop = AssertSqlSafe(format!("drop schema if exists {schema} cascade"));
        sqlx::query(drop).execute(&mut *connection).await?;
    }
    Ok(())
}

fn is_old(schema: &str) -> bool {
    let born = schema[PREFIX.len()..]
        .split('_')
        .next()
        .and_then(|born| born.parse().ok());
    born.is_some_and(|born: u64| seconds().saturating_sub(born) > KEPT_SECONDS)
}

fn seconds() -> u64 {
    Clock::system().now().timestamp().unsigned_abs()
}
