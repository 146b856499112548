//! A process that is made to be killed (`tests/it/victim/`), as those see it who kill it.

use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};

use chrono::{DateTime, Utc};
use cogsmith::{config::DatabaseUrl, testing::Database};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

use super::script::Script;
use crate::process::unlimited;

/// Longer than anything here takes, shorter than anybody's patience.
const LIMIT: Duration = Duration::from_secs(60);

pub(crate) struct Victim {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it has said so far.
    said: Vec<String>,
}

impl Victim {
    /// A process that plays `script`.
    pub(crate) fn playing(script: &Script, database: &Database) -> Self {
        let script = serde_json::to_string(script).unwrap();
        Self::spawn(&["script", &script], database)
    }

    /// A process that writes transactions with `statement` in their midst.
    pub(crate) fn write(statement: &str, database: &Database) -> Self {
        Self::spawn(&["write", statement], database)
    }

    /// A process that runs loops.
    pub(crate) fn crowd(loops: u32, database: &Database) -> Self {
        Self::spawn(&["crowd", &loops.to_string()], database)
    }

    fn spawn(words: &[&str], database: &Database) -> Self {
        let mut child = unlimited(env!("CARGO_BIN_EXE_victim"))
            .args(words)
            .env_clear()
            .env("DATABASE_URL", address(database))
            .kill_on_drop(true)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Waits for a line that begins with `word`, and gives the rest of it.
    pub(crate) async fn until_said(&mut self, word: &str) -> String {
        let line = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.said.push(line.clone());
                if let Some(rest) = line.strip_prefix(word) {
                    return rest.trim_start().to_owned();
                }
            }
            panic!("it ended without saying {word:?}: {:?}", self.said)
        };
        let line = tokio::time::timeout(LIMIT, line).await;
        line.unwrap_or_else(|_| panic!("it hangs and does not say {word:?}"))
    }

    /// Reads so many lines more.
    pub(crate) async fn until_lines(&mut self, lines: usize) {
        for _ in 0..lines {
            self.until_said("").await;
        }
    }

    /// Waits until the point of its script is reached, and tells what its clock shows there.
    pub(crate) async fn until_reached(&mut self) -> DateTime<Utc> {
        let millis = self.until_said("reached").await.parse().unwrap();
        DateTime::from_timestamp_millis(millis).unwrap()
    }

    /// kill -9; gives all that it has said.
    pub(crate) async fn kill(mut self) -> Vec<String> {
        self.child.kill().await.unwrap();
        self.end().await.1
    }

    /// Waits until it ends by itself; gives all that it has said.
    pub(crate) async fn end(mut self) -> (ExitStatus, Vec<String>) {
        let rest = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.said.push(line);
            }
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(LIMIT, rest).await;
        (status.expect("a process that ends"), self.said)
    }
}

fn address(database: &Database) -> String {
    match database.url() {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}
