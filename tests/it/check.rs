//! `cogsmith check` tells what the bot lacks.

use std::path::Path;

use cogsmith::testing::{Database, Permissions};
use cogsmith_simulator::Simulator;
use serde_json::Value;
use tokio::process::Command;

use crate::process::{Bot, Folder, address, cogsmith, output};

fn at(simulator: &Simulator, folder: &Path) -> Command {
    let mut command = cogsmith(folder);
    command
        .args(["check", "--json"])
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url());
    command
}

async fn findings(command: &mut Command) -> (Option<i32>, Vec<Value>, String) {
    let ended = output(command).await;
    let log = String::from_utf8(ended.stderr).unwrap();
    let findings = serde_json::from_slice(&ended.stdout);
    let findings = findings.unwrap_or_else(|error| panic!("{error}: {log}"));
    (ended.status.code(), findings, log)
}

/// The levels and texts of what was looked at under this name.
fn of<'f>(findings: &'f [Value], check: &str) -> Vec<(&'f str, &'f str)> {
    let of = findings.iter().filter(|it| it["check"] == check);
    of.map(|it| (it["level"].as_str().unwrap(), it["text"].as_str().unwrap()))
        .collect()
}

#[tokio::test]
async fn where_nothing_is_lacking_every_line_is_ok() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    simulator.name_application_owner("olivia");
    simulator.guild("Rustaceans");
    let (code, findings, log) = findings(&mut at(&simulator, folder.path())).await;
    assert_eq!(code, Some(0), "{findings:#?}\n{log}");
    for (check, expected) in [
        ("token", "application"),
        ("owners", "olivia"),
        ("intents", "GUILD_MESSAGES (leaderboard, welcome)"),
        ("permissions", "nothing is lacking in the one server"),
        ("clock", "as Discord's"),
        ("database", "is not there yet"),
        ("disk", "free at"),
    ] {
        let found = of(&findings, check);
        assert!(
            matches!(&found[..], [("ok" | "warning", text)] if text.contains(expected)),
            "{check}: {found:?}"
        );
    }
    assert!(!folder.path().join("data").exists());
}

#[tokio::test]
async fn beside_a_running_bot_it_tells_who_has_the_database() {
    for database in Database::each().await {
        let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
        let mut command = at(&simulator, folder.path());
        command.env("DATABASE_URL", address(database.url()));
        let mut bot = Bot::spawn_on(&simulator, folder.path(), database.url(), &[]);
        bot.until_logged("cogsmith::app: ready").await;
        let (code, beside, log) = findings(&mut command).await;
        assert_eq!(code, Some(0), "{beside:#?}\n{log}");
        let [("ok", state), ("ok", owner)] = of(&beside, "database")[..] else {
            panic!("{beside:#?}");
        };
        assert!(state.ends_with("is up to date"), "{state}");
        assert!(owner.ends_with("has it"), "{owner}");
        bot.terminate().await;
        let (_, alone, _) = findings(&mut command).await;
        let owner = of(&alone, "database")[1].1;
        assert_eq!(owner, "no process has it: the bot does not run");
    }
}

#[tokio::test]
async fn a_permission_that_a_module_lacks_is_told_with_the_server() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    guild.allow(guild.id(), Permissions::NONE);
    guild.allow(guild.bot_role(), Permissions::VIEW_CHANNEL);
    simulator.guild("Another");
    let (code, findings, _) = findings(&mut at(&simulator, folder.path())).await;
    assert_eq!(code, Some(0), "{findings:#?}");
    let [("warning", text)] = of(&findings, "permissions")[..] else {
        panic!("{findings:#?}");
    };
    assert!(text.starts_with("Rustaceans ("), "{text}");
    assert!(text.contains("welcome lacks Send Messages"), "{text}");
    assert!(!text.contains("leaderboard"), "{text}");
}

#[tokio::test]
async fn a_token_that_is_refused_exits_3_and_the_rest_is_looked_at_all_the_same() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut command = at(&simulator, folder.path());
    let (code, findings, log) = findings(command.env("DISCORD_TOKEN", "wrong.token.here")).await;
    assert_eq!(code, Some(3), "{log}");
    assert_eq!(of(&findings, "token")[0].0, "problem");
    assert_eq!(of(&findings, "database").len(), 1);
    assert!(!log.contains("wrong.token.here"), "{log}");
}

#[tokio::test]
async fn a_problem_exits_1_and_says_what_to_do() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    std::fs::write(folder.database(), "no database").unwrap();
    let mut command = at(&simulator, folder.path());
    let url = format!("sqlite://{}", folder.database().display());
    let (code, findings, log) = findings(command.env("DATABASE_URL", &url)).await;
    assert_eq!(code, Some(1), "{findings:#?}");
    assert!(log.trim_end().ends_with("cogsmith: 1 problem"), "{log}");
    let [("problem", text)] = of(&findings, "database")[..] else {
        panic!("{findings:#?}");
    };
    assert!(
        text.contains("not a database") || text.contains("damaged"),
        "{text}"
    );
    let wrong = at(&simulator, folder.path())
        .env("DRAIN_SECONDS", "soon")
        .status()
        .await;
    assert_eq!(wrong.unwrap().code(), Some(2));
}
