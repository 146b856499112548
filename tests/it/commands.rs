//! Discord's list of commands, looked at and written from the shell.

use std::path::Path;

use cogsmith_simulator::Simulator;
use serde_json::Value;

use crate::process::{Bot, Folder, cogsmith, output};

struct Said {
    code: Option<i32>,
    data: String,
    log: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

async fn commands(simulator: &Simulator, folder: &Path, words: &str) -> Said {
    let mut command = cogsmith(folder);
    command
        .arg("commands")
        .args(words.split(' '))
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url())
        .env(
            "DATABASE_URL",
            format!("sqlite://{}", folder.join("cogsmith.db").display()),
        );
    let ended = output(&mut command).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said {
        code: ended.status.code(),
        data: text(ended.stdout),
        log: text(ended.stderr),
    }
}

fn names(list: &Value) -> Vec<&str> {
    let names = list.as_array().unwrap().iter();
    names.filter_map(Value::as_str).collect()
}

fn writes(simulator: &Simulator) -> usize {
    let requests = simulator.requests();
    requests.iter().filter(|it| it.method == "PUT").count()
}

#[tokio::test]
async fn a_list_is_compared_written_and_cleared() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let commands = async |words: &str| commands(&simulator, folder.path(), words).await;

    let differs = commands("diff --json").await;
    assert_eq!(differs.code, Some(1), "{}", differs.log);
    assert!(
        differs.log.contains("cogsmith commands sync"),
        "{}",
        differs.log
    );
    assert!(names(&differs.json()["missing"]).contains(&"/rank"));

    let synced = commands("sync --modules leaderboard").await;
    assert_eq!(synced.code, Some(0), "{}", synced.log);
    assert!(synced.data.contains("+ /rank\n"), "{}", synced.data);
    let same = commands("diff --modules leaderboard").await;
    assert_eq!((same.code, &*same.data), (Some(0), ""), "{}", same.log);
    let again = commands("sync --modules leaderboard").await;
    assert!(again.data.starts_with("nothing to do"), "{}", again.data);
    assert_eq!(writes(&simulator), 1);

    let differs = commands("diff --modules help").await;
    assert_eq!(differs.code, Some(1));
    assert!(differs.data.contains("+ /help\n"), "{}", differs.data);
    assert!(differs.data.contains("- /rank\n"), "{}", differs.data);

    let asked = commands("clear").await;
    assert_eq!(asked.code, Some(2));
    assert!(
        asked.log.contains("--yes") && asked.log.contains("/rank"),
        "{}",
        asked.log
    );
    let cleared = commands("clear --yes").await;
    assert_eq!(cleared.code, Some(0), "{}", cleared.log);
    assert!(cleared.data.contains("/rank"), "{}", cleared.data);
    let list = commands("list --json --modules leaderboard").await.json();
    let rows = list["commands"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["state"] == "missing"));
}

#[tokio::test]
async fn beside_a_running_bot_its_own_list_is_the_same() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let bot = Bot::start(&simulator, &folder.database()).await;
    let same = commands(&simulator, folder.path(), "diff").await;
    assert_eq!((same.code, &*same.data), (Some(0), ""), "{}", same.log);
    let list = commands(&simulator, folder.path(), "list").await;
    let rank = list.data.lines().find(|line| line.contains("/rank"));
    assert!(
        rank.is_some_and(|line| line.contains("leaderboard")),
        "{}",
        list.data
    );
    bot.kill().await;
}

#[tokio::test]
async fn the_list_of_a_guild_is_what_a_bot_would_register_there() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans").id();
    let ours = format!("--guild {guild} --owner-guild {guild}");
    let early = commands(&simulator, folder.path(), &format!("list {ours}")).await;
    assert_eq!(early.code, Some(1), "{}", early.log);
    assert!(
        early.log.contains("which modules are on there"),
        "{}",
        early.log
    );

    let owner_guild = guild.to_string();
    let settings = [("OWNER_GUILD", &*owner_guild)];
    let mut bot = Bot::spawn_with(&simulator, &folder.database(), &settings);
    bot.until_logged_with("in guild").await;
    let same = commands(&simulator, folder.path(), &format!("diff {ours}")).await;
    assert_eq!((same.code, &*same.data), (Some(0), ""), "{}", same.log);
    let list = commands(&simulator, folder.path(), &format!("list --json {ours}")).await;
    let list = list.json();
    assert_eq!(list["guild"], owner_guild);
    let rows = list["commands"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["name"] == "/task"), "{list}");
    bot.kill().await;
}
