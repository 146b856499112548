//! The connection that holds PostgreSQL's ownership lock, and what happens when it is lost.
//!
//! A restart or failover of the server ends the connection and frees the lock, so another process may take
//! over at any moment: nothing is written until the lock is taken again. That counts only when the epoch is
//! still ours; else somebody has taken over meanwhile, and this process is at its end.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection, PgConnection, PgPool, postgres::PgConnectOptions};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{Instrument, error, warn};

use super::{
    condition::Owner,
    status::{Ownership, Status},
};

/// Tells this program's advisory locks from those of others in the same database.
const ADVISORY_NAME: &str = "cogsmith";

/// Tells the locks that note who has the database from that which it is owned by.
const HOLDER_NAME: &str = "cogsmith holder ";

/// A server notices the end of a killed process's connection a moment later than we can start again.
const TRIES: [Duration; 4] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_millis(1_000),
];

/// Makes the schema that the address names when it is missing; the lock is named after it.
const MAKE_SCHEMA: &str = "do $$
    declare name text := trim(both ' \"' from split_part(current_setting('search_path'), ',', 1));
    begin
        if current_schema() is null and name not in ('', '$user') then
            execute format('create schema if not exists %I', name);
        end if;
    end $$";

/// Lets the server notice within half a minute that the machine of the lock's owner is gone.
const KEEP_ALIVE: &str =
    "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 4";

const LOOK_EVERY: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
const TRY_EVERY: Duration = Duration::from_millis(250);

/// How long somebody else may hold the lock without taking over.
const HELD_BY_ANOTHER: Duration = Duration::from_secs(60);

/// The lock, or who has it.
pub(super) enum Taken {
    Ours(PgConnection),
    Held(Option<u32>),
}

/// Takes the lock, unless another process has it.
pub(super) async fn take(options: &PgConnectOptions) -> sqlx::Result<Taken> {
    let mut connection = connect(options).await?;
    sqlx::raw_sql(MAKE_SCHEMA).execute(&mut connection).await?;
    for pause in TRIES {
        if try_lock(&mut connection).await? {
            note_holder(&mut connection).await?;
            return Ok(Taken::Ours(connection));
        }
        sleep(pause).await;
    }
    Ok(Taken::Held(holder(&mut connection).await))
}

/// As a second lock of the session, which excludes nobody, of the number of its process: the server shows it to
/// everyone, unlike names of sessions.
async fn note_holder(connection: &mut PgConnection) -> sqlx::Result<()> {
    let sql = "select pg_advisory_lock_shared(hashtext($1 || current_schema()), $2)";
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    let noted = sqlx::query(sql).bind(HOLDER_NAME).bind(pid);
    noted.execute(connection).await.map(drop)
}

/// The process that has noted itself, if it can be told.
async fn holder(connection: &mut PgConnection) -> Option<u32> {
    let sql = "select objid::bigint from pg_locks where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = (hashtext($1 || current_schema())::bigint & 4294967295)::oid";
    let found: Vec<i64> = sqlx::query_scalar(sql)
        .bind(HOLDER_NAME)
        .fetch_all(connection)
        .await
        .ok()?;
    found.first().and_then(|pid| u32::try_from(*pid).ok())
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let mut connection = PgConnection::connect_with(options).await?;
    sqlx::raw_sql(KEEP_ALIVE).execute(&mut connection).await?;
    Ok(connection)
}

/// The lock's number is derived from the schema, so that schemas of one database do not exclude each other.
async fn try_lock(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let sql = "select pg_try_advisory_lock(hashtext($1), hashtext(current_schema()))";
    sqlx::query_scalar(sql)
        .bind(ADVISORY_NAME)
        .fetch_one(connection)
        .await
}

/// Who has the lock, whatever connection asks.
pub(super) async fn owner(pool: &PgPool) -> sqlx::Result<Owner> {
    let sql = "select exists (select from pg_locks where locktype = 'advisory' and granted
        and database = (select oid from pg_database where datname = current_database())
        and classid = (hashtext($1)::bigint & 4294967295)::oid
        and objid = (hashtext(current_schema())::bigint & 4294967295)::oid)";
    let held = sqlx::query_scalar(sql).bind(ADVISORY_NAME);
    Ok(match held.fetch_one(pool).await? {
        true => Owner::Process(None),
        false => Owner::Nobody,
    })
}

/// A task that looks after the lock. Dropping it frees the lock too, a moment later.
pub(super) struct Watch {
    stop: DropGuard,
    task: JoinHandle<()>,
}

impl Watch {
    pub(super) fn start(
        connection: PgConnection,
        options: PgConnectOptions,
        status: Arc<Status>,
    ) -> Self {
        let stop = CancellationToken::new();
        let watched = Watched { options, status };
        let task = tokio::spawn(watched.keep(connection, stop.clone()).in_current_span());
        Self {
            stop: stop.drop_guard(),
            task,
        }
    }

    pub(super) async fn end(self) {
        drop(self.stop);
        if let Err(error) = self.task.await {
            error!("the watch over the database's lock failed: {error}");
        }
    }
}

struct Watched {
    options: PgConnectOptions,
    status: Arc<Status>,
}

/// What became of an attempt to take the lock again.
enum Attempt {
    Taken(PgConnection),
    /// Another session has it, without having taken over.
    Held,
    Superseded,
}

impl Watched {
    async fn keep(self, mut connection: PgConnection, stop: CancellationToken) {
        loop {
            let lost = lost(&mut connection);
            if stop.run_until_cancelled(lost).await.is_none() {
                // A connection that cannot be closed in order is dropped by the server all the same.
                drop(connection.close().await);
                return;
            }
            self.status.set_ownership(Ownership::Lost);
            error!(
                "the connection that holds the database's lock is gone; nothing is written until it is taken again"
            );
            match stop.run_until_cancelled(self.take_again()).await {
                Some(Some(taken)) => connection = taken,
                Some(None) => {
                    error!(
                        "another process has taken over the database; this one writes nothing more"
                    );
                    return self.status.set_ownership(Ownership::Superseded);
                }
                None => return,
            }
            self.status.set_ownership(Ownership::Held);
            warn!("the database's lock is taken again; nobody had taken over");
        }
    }

    /// `None` when another process has taken over.
    async fn take_again(&self) -> Option<PgConnection> {
        let mut held_since = None;
        let mut superseded = 0;
        loop {
            match self.attempt().await {
                Ok(Attempt::Taken(connection)) => return Some(connection),
                Ok(Attempt::Held) => {
                    let since = *held_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= HELD_BY_ANOTHER {
                        return None;
                    }
                }
                // An epoch of our own may have been written and not yet noted.
                Ok(Attempt::Superseded) if superseded > 0 => return None,
                Ok(Attempt::Superseded) => superseded += 1,
                Err(error) => {
                    held_since = None;
                    warn!("taking the database's lock again: {error}");
                }
            }
            sleep(TRY_EVERY).await;
        }
    }

    async fn attempt(&self) -> sqlx::Result<Attempt> {
        let attempt = async {
            let mut connection = connect(&self.options).await?;
            let is_ours = try_lock(&mut connection).await?;
            let epoch = epoch(&mut connection).await?;
            Ok(match (epoch == self.status.epoch(), is_ours) {
                (false, _) => Attempt::Superseded,
                (true, true) => {
                    note_holder(&mut connection).await?;
                    Attempt::Taken(connection)
                }
                (true, false) => Attempt::Held,
            })
        };
        let attempt = timeout(ANSWER_WITHIN, attempt).await;
        attempt.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))
    }
}

async fn epoch(connection: &mut PgConnection) -> sqlx::Result<i64> {
    let epoch = sqlx::query_scalar("select epoch from task_engine where id = 1");
    Ok(epoch.fetch_optional(connection).await?.unwrap_or(0))
}

/// Resolves when the connection no longer answers.
async fn lost(connection: &mut PgConnection) {
    while let Ok(Ok(())) = timeout(ANSWER_WITHIN, connection.ping()).await {
        sleep(LOOK_EVERY).await;
    }
}
