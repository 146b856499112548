//! A shutdown ends in time, whatever is still going on.

use std::time::{Duration, Instant};

use cogsmith_simulator::Simulator;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::process::{Bot, Folder};

/// Beyond any time that a shutdown may take, on a machine that is busy.
const FAR_TOO_LONG: Duration = Duration::from_secs(20);

/// Somebody who has begun a request and does not go on.
async fn half_a_request(address: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /livez HT").await.unwrap();
    stream
}

async fn answer(address: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn half_a_request_does_not_keep_the_process_from_ending() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let address = bot.http_address().await;
    bot.until_logged("cogsmith::app: ready").await;
    let _half = half_a_request(&address).await;
    let mut without_a_body = TcpStream::connect(&address).await.unwrap();
    let head = b"GET /livez HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\n";
    without_a_body.write_all(head).await.unwrap();

    let begun = Instant::now();
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(begun.elapsed() < FAR_TOO_LONG, "{log}");
    assert!(log.ends_with("cogsmith::app: stopped\n"), "{log}");
}

#[tokio::test]
async fn two_thousand_half_requests_cost_little_and_whoever_asks_is_answered() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let address = bot.http_address().await;
    bot.until_logged("cogsmith::app: ready").await;
    answer(&address).await;
    let before = bot.resident_bytes();

    let mut halves = Vec::new();
    for _ in 0..2_000 {
        halves.push(half_a_request(&address).await);
    }
    let answer = answer(&address).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"),
        "{answer}"
    );
    let more = bot.resident_bytes().saturating_sub(before);
    assert!(more < 16 * 1_024 * 1_024, "{more} bytes more");
    // The oldest have given way.
    assert!(matches!(halves[0].read(&mut [0]).await, Ok(0) | Err(_)));
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
}

#[tokio::test]
async fn half_a_request_is_given_up_after_a_while() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut bot = Bot::spawn(&simulator, &folder.database());
    let address = bot.http_address().await;
    let mut half = half_a_request(&address).await;
    let mut answer = Vec::new();
    let given_up = tokio::time::timeout(FAR_TOO_LONG, half.read_to_end(&mut answer));
    given_up.await.unwrap().unwrap();
    assert!(answer.is_empty(), "{answer:?}");
}

/// Another process that writes to the bot's database and does not commit.
async fn lock(folder: &Folder) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.database());
    let mut writer = SqliteConnection::connect_with(&options).await.unwrap();
    let begin = sqlx::raw_sql("begin immediate");
    begin.execute(&mut writer).await.unwrap();
    writer
}

#[tokio::test]
async fn a_database_that_stays_locked_does_not_stretch_the_drain_time() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let ann = simulator.guild("Rustaceans").member("ann");
    let drain = [("DRAIN_SECONDS", "3")];
    let mut bot = Bot::spawn_with(&simulator, &folder.database(), &drain);
    bot.until_logged("cogsmith::app: ready").await;
    let writer = lock(&folder).await;
    ann.says("there is XP to write").await;

    let begun = Instant::now();
    let (status, log) = bot.terminate().await;
    assert!(
        begun.elapsed() < FAR_TOO_LONG,
        "{:?}\n{log}",
        begun.elapsed()
    );
    assert_eq!(status.code(), Some(0), "{log}");
    for expected in [
        " tasks were cut off as by a crash",
        "leaderboard.update",
        "the database was not closed in time",
        "cogsmith::app: stopped\n",
    ] {
        assert!(log.contains(expected), "{expected:?} is missing:\n{log}");
    }
    drop(writer);

    // Nothing is lost: the session is resumed and what was not written comes again.
    let again = Bot::start(&simulator, &folder.database()).await;
    while ann.slash("/rank").await.text().contains("no XP") {}
    assert_eq!((simulator.identifies(), simulator.resumes()), (1, 1));
    let (status, log) = again.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
}
