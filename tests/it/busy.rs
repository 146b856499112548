//! A start on a database that is busy, damaged, or of a newer version; and health that judges writes.

use std::{fs, os::unix::fs::FileExt, path::Path, time::Duration};

use cogsmith::{config::DatabaseUrl, store::Db};
use cogsmith_simulator::Simulator;
use sqlx::{Connection, SqliteConnection};

use crate::process::{Bot, Folder, cogsmith, limit, output};

/// Another program that writes and does not come to an end.
async fn write_lock(database: &Path) -> SqliteConnection {
    let url = format!("sqlite://{}", database.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let begin = sqlx::query("begin immediate");
    begin.execute(&mut connection).await.unwrap();
    connection
}

async fn with_tables(database: &Path) -> DatabaseUrl {
    let url = DatabaseUrl::Sqlite(database.to_owned());
    Db::open(&url).await.unwrap().close().await;
    url
}

/// One statement waits for 5 s at the most; what is told twice has waited for longer.
async fn until_it_has_waited_long(bot: &mut Bot) {
    for _ in 0..2 {
        bot.until_logged_with("the database is busy (").await;
    }
}

#[tokio::test]
async fn a_start_waits_for_a_database_that_is_busy_and_says_so() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    with_tables(&folder.database()).await;
    let lock = write_lock(&folder.database()).await;
    let mut bot = Bot::spawn(&simulator, &folder.database());
    until_it_has_waited_long(&mut bot).await;
    lock.close().await.unwrap();
    bot.until_logged("cogsmith::app: ready").await;
}

#[tokio::test]
async fn migrate_waits_for_a_file_that_somebody_else_makes() {
    let folder = Folder::new();
    let url = format!("sqlite://{}?mode=rwc", folder.database().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let exclusive = sqlx::query("begin exclusive");
    exclusive.execute(&mut other).await.unwrap();
    let mut command = cogsmith(folder.path());
    let url = format!("sqlite://{}", folder.database().display());
    command.arg("migrate").env("DATABASE_URL", url);
    let mut migrating = Bot::of(command);
    until_it_has_waited_long(&mut migrating).await;
    other.close().await.unwrap();
    let (status, log) = migrating.end().await;
    assert_eq!(status.code(), Some(0), "{log}");
}

async fn migrate(database: &Path) -> String {
    let mut command = cogsmith(database.parent().unwrap());
    let url = format!("sqlite://{}", database.display());
    let ended = output(command.arg("migrate").env("DATABASE_URL", url)).await;
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    String::from_utf8(ended.stderr).unwrap()
}

#[tokio::test]
async fn a_newer_database_says_which_versions_there_are_and_what_to_do() {
    let folder = Folder::new();
    let url = with_tables(&folder.database()).await;
    let db = Db::open(&url).await.unwrap();
    let newer = "insert into _sqlx_migrations
        select 9007, 'later', installed_on, 1, checksum, 1 from _sqlx_migrations where version = 1";
    db.write(newer).execute().await.unwrap();
    let known = db.read("select max(version) from _sqlx_migrations where version < 9007");
    let (known,) = known.one::<(i64,)>().await.unwrap();
    db.close().await;

    let said = migrate(&folder.database()).await;
    let found = "has version 9007 of the schema, and this program knows versions up to";
    assert!(said.contains(&format!("{found} {known}")), "{said}");
    assert!(
        said.contains("a newer version of it has used the database"),
        "{said}"
    );
}

#[tokio::test]
async fn a_damaged_file_that_was_not_closed_in_order_is_said_plainly() {
    let folder = Folder::new();
    let url = with_tables(&folder.database()).await;
    let db = Db::open(&url).await.unwrap();
    let unclean = "insert into task_engine (id, epoch, owner, opened_at, beat_at, clean)
        values (1, 1, 'a machine that lost its power', 0, 0, 0)";
    db.write(unclean).execute().await.unwrap();
    let root = db.read("select rootpage from sqlite_master where name = 'leaderboard_score'");
    let (page,) = root.one::<(i64,)>().await.unwrap();
    db.close().await;
    let file = fs::OpenOptions::new().write(true).open(folder.database());
    let at = u64::try_from((page - 1) * 4_096).unwrap();
    file.unwrap().write_all_at(&[0x5a; 4_096], at).unwrap();

    let said = migrate(&folder.database()).await;
    for expected in ["is damaged (", "keep a copy", "restore a backup"] {
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn health_judges_writes() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let line = bot.until_logged("/readyz").await;
    bot.until_logged("cogsmith::app: ready").await;
    let address = line.split("http://").nth(1).unwrap();
    let address = address.trim_end_matches("/readyz");
    let health = async || {
        let mut command = cogsmith(folder.path());
        let command = command.args(["health", "--json"]);
        let ended = output(command.env("HTTP_ADDRESS", address)).await;
        String::from_utf8(ended.stdout).unwrap() + &String::from_utf8(ended.stderr).unwrap()
    };
    let until = async |expected: &str| {
        let said = async {
            while !health().await.contains(expected) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let said = tokio::time::timeout(Duration::from_secs(30), said).await;
        said.unwrap_or_else(|_| panic!("health does not say {expected:?}"));
    };
    until("\"ready\":true").await;
    let lock = write_lock(&folder.database()).await;
    until("\"ready\":false").await;
    lock.close().await.unwrap();
    until("\"ready\":true").await;
    limit(bot.id(), "fsize", "0").await;
    until("\"ready\":false").await;
    limit(bot.id(), "fsize", "unlimited").await;
    until("\"ready\":true").await;
}
