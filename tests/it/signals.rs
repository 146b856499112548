//! SIGTERM during a start, and in a bot that has no thread left.

use std::{
    fs,
    process::{Output, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use chrono::DateTime;
use cogsmith_simulator::Simulator;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, unix::pipe},
    process::{Child, Command},
};

use crate::process::{Bot, Folder, cogsmith, victim_at};

fn spawn(command: &mut Command) -> Child {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

async fn terminate(child: &Child) {
    let pid = child.id().unwrap().to_string();
    let kill = Command::new("kill").args(["-TERM", &pid]).status().await;
    assert!(kill.unwrap().success());
}

async fn ended(child: Child) -> Output {
    child.wait_with_output().await.unwrap()
}

/// Waits until the process has a handler of its own for SIGTERM, which is signal 15.
async fn until_it_listens(child: &Child) {
    let status = format!("/proc/{}/status", child.id().unwrap());
    loop {
        let status = fs::read_to_string(&status).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
        if caught & (1 << 14) != 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A start reads its settings first: a named pipe for a token holds it there.
#[tokio::test]
async fn a_signal_while_the_settings_are_read_ends_the_start_in_order() {
    let folder = Folder::new();
    let token = folder.path().join("token");
    let made = Command::new("mkfifo").arg(&token).status().await;
    assert!(made.unwrap().success());
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("DISCORD_TOKEN_FILE", &token)
        .env("DISCORD_API_URL", "http://127.0.0.1:9")
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let bot = spawn(&mut command);
    let mut pipe = loop {
        // There is no reader yet while the bot has not come so far.
        match pipe::OpenOptions::new().open_sender(&token) {
            Ok(pipe) => break pipe,
            Err(_) => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    };
    terminate(&bot).await;
    pipe.write_all(b"abc").await.unwrap();
    drop(pipe);
    let ended = ended(bot).await;
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(0), "{said}");
    assert!(said.contains("stopped before the start was over"), "{said}");
}

#[tokio::test]
async fn a_signal_ends_a_start_that_waits_for_discord() {
    let (silent, folder) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        Folder::new(),
    );
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("DISCORD_TOKEN", "abc")
        .env(
            "DISCORD_API_URL",
            format!("http://{}", silent.local_addr().unwrap()),
        )
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let bot = spawn(&mut command);
    let (_connection, _) = silent.accept().await.unwrap();
    terminate(&bot).await;
    let ended = ended(bot).await;
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
}

/// A clock that stands still never lets the second session of a moment begin.
#[tokio::test]
async fn a_signal_ends_a_start_that_discord_does_not_let_in() {
    let now = DateTime::from_timestamp(1_772_442_000, 0).unwrap();
    let builder = Simulator::builder().now(Arc::new(move || now));
    let simulator = builder.rate_limits(true).start().await.unwrap();
    let (first, second) = (Folder::new(), Folder::new());
    let bot = Bot::start(&simulator, &first.database()).await;
    bot.kill().await;
    let mut bot = Bot::spawn(&simulator, &second.database());
    bot.until_logged_with("its session is invalid").await;
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(!log.contains("cogsmith::app: ready"), "{log}");
    assert!(log.ends_with("cogsmith::app: stopped\n"), "{log}");
}

/// What is cut off half-way is no success; a bot or a Discord that nobody needs any more is.
#[tokio::test]
async fn a_signal_ends_a_start_that_waits_for_the_database() {
    for (arguments, code) in [
        (&["run"][..], 0),
        (&["simulate", "--data", "."], 0),
        (&["simulate", "--data", ".", "--script", "day.toml"], 143),
        (&["migrate"], 143),
    ] {
        let folder = Folder::new();
        let day = include_str!("../../scripts/first-day.toml");
        fs::write(folder.path().join("day.toml"), day).unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.database())
            .create_if_missing(true);
        let mut writer = SqliteConnection::connect_with(&options).await.unwrap();
        let locked = sqlx::raw_sql("create table mine (id integer); begin exclusive");
        locked.execute(&mut writer).await.unwrap();

        let mut command = cogsmith(folder.path());
        command
            .args(arguments)
            .env("DISCORD_TOKEN", "abc")
            .env("DATABASE_URL", "sqlite://cogsmith.db")
            .env("HTTP_ADDRESS", "127.0.0.1:0");
        let child = spawn(&mut command);
        until_it_listens(&child).await;
        terminate(&child).await;
        let ended = ended(child).await;
        assert_eq!(ended.status.code(), Some(code), "{arguments:?}: {ended:?}");
        drop(writer);
    }
}

#[tokio::test]
async fn a_signal_ends_a_bot_whose_modules_hold_every_thread() {
    let simulator = Simulator::builder().start().await.unwrap();
    let folder = Folder::new();
    let mut command = victim_at(&simulator, folder.path());
    command.env("NO_COLOR", "1").env("DRAIN_SECONDS", "2");
    let mut bot = Bot::of(command);
    bot.until_logged("cogsmith::app: ready").await;
    // Each guild has a lane of its own, and whoever runs the bot has a thread besides.
    let threads = thread::available_parallelism().unwrap().get();
    for guild in 0..=threads {
        let guild = simulator.guild(&format!("Guild {guild}"));
        guild.member("ann").says("everybody is at work").await;
    }
    for _ in 0..threads {
        bot.until_logged_with("has held its thread for 1s and holds it still")
            .await;
    }
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.ends_with("cogsmith::app: stopped\n"), "{log}");
}

#[tokio::test]
async fn a_signal_ends_a_start_whose_module_holds_its_thread_while_it_is_loaded() {
    let simulator = Simulator::builder().start().await.unwrap();
    let folder = Folder::new();
    let mut command = victim_at(&simulator, folder.path());
    command.env("NO_COLOR", "1").env("DRAIN_SECONDS", "2");
    command.env("HOLD", "load");
    let mut bot = Bot::of(command);
    bot.until_logged_with("holder: load has held its thread for 1s")
        .await;
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("stopped before the start was over"), "{log}");
}
