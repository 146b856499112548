//! A bot that loses the lock of its database, and another that takes over.

use std::{fs, path::PathBuf, time::Duration};

use cogsmith::{config::DatabaseUrl, testing::Database};
use cogsmith_simulator::Simulator;
use sqlx::{ConnectOptions, Connection, PgConnection, sqlite::SqliteConnectOptions};

use crate::{
    crash::messages_counted,
    process::{Bot, Folder, signal},
};

/// What an operator should not do, and a server's restart does: frees a database whose owner lives.
pub(crate) async fn break_lock(database: &Database) {
    match database.url() {
        DatabaseUrl::Sqlite(path) => fs::remove_file(lock_file(path)).unwrap(),
        DatabaseUrl::Postgres(url) => end_connections(url).await,
    }
}

/// Pauses a process while it has no transaction open: one that is paused within one keeps a SQLite file locked for
/// everybody, which no takeover can mend.
pub(crate) async fn pause(process: u32, database: &Database) {
    loop {
        signal(process, "STOP").await;
        if can_write(database).await {
            return;
        }
        signal(process, "CONT").await;
        tokio::task::yield_now().await;
    }
}

async fn can_write(database: &Database) -> bool {
    let DatabaseUrl::Sqlite(path) = database.url() else {
        return true;
    };
    let options = SqliteConnectOptions::new().filename(path);
    let options = options.busy_timeout(Duration::ZERO);
    let mut connection = options.connect().await.unwrap();
    let begun = sqlx::query("begin immediate")
        .execute(&mut connection)
        .await;
    connection.close().await.unwrap();
    begun.is_ok()
}

fn lock_file(path: &std::path::Path) -> PathBuf {
    let mut lock = path.to_owned().into_os_string();
    lock.push(".lock");
    lock.into()
}

/// Ends those of this test's schema, after which they are named, and no others of the server.
async fn end_connections(url: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = current_schema() and pid <> pg_backend_pid()";
    sqlx::query(end).execute(&mut connection).await.unwrap();
}

fn spawn(simulator: &Simulator, folder: &Folder, database: &Database) -> Bot {
    Bot::spawn_on(
        simulator,
        folder.path(),
        database.url(),
        &[("RUST_LOG", "info"), ("DATABASE_WAIT_SECONDS", "0")],
    )
}

async fn start(simulator: &Simulator, folder: &Folder, database: &Database) -> Bot {
    let mut bot = spawn(simulator, folder, database);
    bot.until_logged("cogsmith::app: ready").await;
    bot
}

#[tokio::test]
async fn a_paused_process_that_finds_another_in_its_place_ends_and_counts_nothing_twice() {
    for database in Database::each().await {
        let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
        let ann = simulator.guild("Rustaceans").member("ann");
        let first = start(&simulator, &folder, &database).await;
        for _ in 0..50 {
            ann.says("hello").await;
        }
        assert_eq!(messages_counted(&ann).await, 50);
        for _ in 0..30 {
            ann.says("read by the first, and perhaps not written").await;
        }
        pause(first.id(), &database).await;
        break_lock(&database).await;

        let _second = start(&simulator, &folder, &database).await;
        for _ in 0..40 {
            ann.says("read by the second").await;
        }
        signal(first.id(), "CONT").await;
        let (status, log) = first.end().await;
        assert_eq!(status.code(), Some(1), "{log}");
        let last = log.lines().last().unwrap();
        assert!(last.contains("has taken over"), "{log}");
        for _ in 0..10 {
            ann.says("after the first has ended").await;
        }
        assert_eq!(messages_counted(&ann).await, 130, "{}", database.url());
    }
}

#[tokio::test]
async fn a_lock_that_is_lost_is_taken_again_and_each_message_counts_once() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let DatabaseUrl::Postgres(url) = database.url() else {
        unreachable!("it is PostgreSQL")
    };
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let mut bot = start(&simulator, &folder, &database).await;
    for _ in 0..3 {
        for _ in 0..50 {
            ann.says("hello").await;
        }
        end_connections(url).await;
        for _ in 0..50 {
            ann.says("while the lock is nobody's").await;
        }
        bot.until_logged_with("lock is taken again; nobody had taken over")
            .await;
    }
    assert_eq!(messages_counted(&ann).await, 300);
    bot.kill().await;
    let _bot = start(&simulator, &folder, &database).await;
    assert_eq!(messages_counted(&ann).await, 300);
}

/// Whoever of the two has the lock at the end counts for both.
#[tokio::test]
async fn a_process_that_races_for_a_lost_lock_is_refused_or_takes_over_and_each_message_counts_once()
 {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let DatabaseUrl::Postgres(url) = database.url() else {
        unreachable!("it is PostgreSQL")
    };
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let mut owner = start(&simulator, &folder, &database).await;
    for round in 1..=3 {
        let owners = connections(url).await;
        let racer = spawn(&simulator, &folder, &database);
        let ((), ()) = tokio::join!(end_once_another_is_there(url, owners), async {
            for _ in 0..100 {
                ann.says("while two race").await;
            }
        });
        owner = winner(owner, racer).await;
        assert_eq!(messages_counted(&ann).await, round * 100);
    }
    owner.kill().await;
    let _last = start(&simulator, &folder, &database).await;
    assert_eq!(messages_counted(&ann).await, 300);
}

async fn connections(url: &str) -> Vec<i32> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let all = "select pid from pg_stat_activity
        where application_name = current_schema() and pid <> pg_backend_pid()";
    let all = sqlx::query_scalar(all).fetch_all(&mut connection).await;
    all.unwrap()
}

/// The other may wait for the lock by then.
async fn end_once_another_is_there(url: &str, owners: Vec<i32>) {
    while connections(url)
        .await
        .iter()
        .all(|one| owners.contains(one))
    {}
    let mut connection = PgConnection::connect(url).await.unwrap();
    let end = sqlx::query("select pg_terminate_backend(pid) from unnest($1) as pid");
    end.bind(owners).execute(&mut connection).await.unwrap();
}

/// The one that goes on, once it is ready and the other has ended and said why. A command that arrives earlier
/// may be dropped, as it may have begun.
async fn winner(owner: Bot, mut racer: Bot) -> Bot {
    const REFUSED: &str = "in use by another process";
    let has_outcome = |line: &str| line.ends_with("cogsmith::app: ready") || line.contains(REFUSED);
    let outcome = racer.until_line("an outcome", has_outcome).await;
    let (winner, loser, reason) = if outcome.contains(REFUSED) {
        (owner, racer, "")
    } else {
        (racer, owner, "has taken over")
    };
    let (status, log) = loser.end().await;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains(reason), "{log}");
    winner
}
