//! The same again: a second start on what the first one kept.

use std::{path::Path, process::Stdio, time::Duration};

use reqwest::Client;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::process::{Folder, cogsmith};

/// Longer than a start takes, shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that says on standard output when it is ready.
struct Started {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Started {
    fn new(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = cogsmith(folder);
        command.args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, said }
    }

    async fn until_said(&mut self, text: &str) {
        let said = async {
            while let Some(line) = self.said.next_line().await.unwrap() {
                if line.contains(text) {
                    return;
                }
            }
            panic!("it ended without saying {text:?}");
        };
        tokio::time::timeout(PATIENCE, said).await.expect(text);
    }

    /// Ctrl-C, and its exit code.
    async fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().await;
        assert!(sent.unwrap().success());
        // What it says on its way is read, so that it never waits for a reader.
        while let Ok(Some(_)) = self.said.next_line().await {}
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("a process that ends").unwrap().code()
    }
}

#[tokio::test]
async fn simulate_starts_as_often_as_asked_on_the_data_it_kept() {
    let folder = Folder::new();
    for _ in 0..3 {
        let mut simulate = Started::new(folder.path(), &["simulate", "--data", "kept"]);
        simulate.until_said("The bot is ready").await;
        assert_eq!(simulate.interrupt().await, Some(0));
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Starts a bot beside a Discord and waits until it is ready and its commands are registered.
async fn run_beside(folder: &Path, port: u16, health: u16) -> (Started, Started) {
    let port = port.to_string();
    let arguments = ["simulator", "--port", &port, "--seed", "seed.json"];
    let mut simulator = Started::new(folder, &arguments);
    simulator.until_said("Ctrl-C ends it").await;
    let seed: Value =
        serde_json::from_slice(&std::fs::read(folder.join("seed.json")).unwrap()).unwrap();
    let text = |name: &str| seed[name].as_str().unwrap().to_owned();
    std::fs::write(
        folder.join(".env"),
        format!(
            "DISCORD_TOKEN={}\nDISCORD_API_URL=http://127.0.0.1:{port}\nHTTP_ADDRESS=127.0.0.1:{health}\n",
            text("bot_token")
        ),
    )
    .unwrap();
    let bot = Started::new(folder, &["run"]);
    let client = Client::builder().no_proxy().build().unwrap();
    let ready = async {
        let mut again = tokio::time::interval(Duration::from_millis(50));
        let url = format!("http://127.0.0.1:{health}/readyz");
        while !client
            .get(&url)
            .send()
            .await
            .is_ok_and(|it| it.status() == 200)
        {
            again.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, ready)
        .await
        .expect("a ready bot");
    let commands = format!(
        "{}/applications/{}/commands",
        text("api"),
        text("application_id")
    );
    let registered = client.get(commands);
    let registered = registered.header("Authorization", format!("Bot {}", text("bot_token")));
    let registered = registered.send().await.unwrap().text().await.unwrap();
    assert!(registered.contains("\"leaderboard\""), "{registered}");
    (simulator, bot)
}

#[tokio::test]
async fn a_bot_and_a_simulator_that_are_both_restarted_find_each_other() {
    let (folder, port, health) = (Folder::new(), free_port(), free_port());
    for _ in 0..2 {
        let (simulator, bot) = run_beside(folder.path(), port, health).await;
        assert_eq!(bot.interrupt().await, Some(0));
        assert_eq!(simulator.interrupt().await, Some(0));
    }
}

#[tokio::test]
async fn a_start_that_has_not_ended_is_stopped_in_order() {
    let (folder, health) = (Folder::new(), free_port());
    // Discord takes the connection and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        format!("DISCORD_TOKEN=a.b.c\nDISCORD_API_URL=http://{address}\nHTTP_ADDRESS=127.0.0.1:{health}\n"),
    )
    .unwrap();
    let bot = Started::new(folder.path(), &["run"]);
    let accepted = tokio::task::spawn_blocking(move || silent.accept());
    let _asked = tokio::time::timeout(PATIENCE, accepted)
        .await
        .expect("a request");
    assert_eq!(bot.interrupt().await, Some(0));
    let journal = folder.path().join("data/cogsmith.db-wal");
    assert!(!journal.exists(), "the database was not closed");
}
