//! `cogsmith task` and `cogsmith module`, on a bot that runs and on one that rests.

mod resting;
mod running;
mod socket;

use std::path::PathBuf;

use cogsmith::{config::DatabaseUrl, testing::Database};
use cogsmith_simulator::Simulator;
use serde_json::Value;

use crate::process::{Bot, Folder, address, cogsmith, output};

/// A Discord, a folder, and a database of either kind.
struct Place {
    simulator: Simulator,
    folder: Folder,
    url: DatabaseUrl,
}

/// What a verb said, and its exit code.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    async fn on(url: DatabaseUrl) -> Self {
        Self {
            simulator: Simulator::builder().start().await.unwrap(),
            folder: Folder::new(),
            url,
        }
    }

    /// On a file in the folder.
    async fn new() -> Self {
        let folder = Folder::new();
        let url = DatabaseUrl::Sqlite(folder.database());
        let place = Self::on(url).await;
        Self { folder, ..place }
    }

    fn spawn(&self) -> Bot {
        let info = [("RUST_LOG", "info")];
        Bot::spawn_on(&self.simulator, self.folder.path(), &self.url, &info)
    }

    async fn start(&self) -> Bot {
        let mut bot = self.spawn();
        bot.until_logged("cogsmith::app: ready").await;
        bot
    }

    async fn cogsmith(&self, arguments: &[&str]) -> Said {
        let mut command = cogsmith(self.folder.path());
        command.args(arguments);
        let ended = output(command.env("DATABASE_URL", address(&self.url))).await;
        Said {
            code: ended.status.code(),
            out: String::from_utf8(ended.stdout).unwrap(),
            err: String::from_utf8(ended.stderr).unwrap(),
        }
    }

    /// What a verb says that succeeds.
    async fn done(&self, arguments: &[&str]) -> Said {
        let said = self.cogsmith(arguments).await;
        assert_eq!(said.code, Some(0), "{arguments:?}: {said:?}");
        said
    }

    /// The facts about one task.
    async fn fact(&self, task: &str) -> Value {
        let said = self.done(&["task", "show", task, "--json"]).await;
        let facts: Value = serde_json::from_str(&said.out).unwrap();
        facts[0].clone()
    }

    fn socket(&self) -> PathBuf {
        let place = cogsmith::admin::Place::of(&self.url, None);
        place.path().to_owned()
    }
}

const UPDATE: &str = "leaderboard.update";

/// On each kind of database that can be had here; the databases live as long as what is returned.
async fn each() -> Vec<(Place, Database)> {
    let mut places = Vec::new();
    for database in Database::each().await {
        places.push((Place::on(database.url().clone()).await, database));
    }
    places
}
