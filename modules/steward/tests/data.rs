//! What is kept about a person or a server, over every table there is.

use std::collections::BTreeSet;

use cogsmith::{
    prelude::*,
    tasks::TaskSpec,
    testing::{Database, Permissions, Person, TestBot},
};
use serde_json::Value;

use super::bot;

/// A bot that keeps something about ann, ben and their server in every table that can.
async fn lived_in(database: Database) -> TestBot {
    let bot = TestBot::start_on(database, crate::modules::all()).await;
    let guild = bot.guild("Rustaceans");
    let (owner, ann) = (guild.owner(), guild.member("ann"));
    for command in [
        "/settings set key:leaderboard.lines value:3",
        "/module disable name:welcome",
    ] {
        owner.slash(command).await;
    }
    let reminder = TaskSpec::new("test.reminder", every(hours(1)), async |_| Ok(()));
    let engine = bot.host().engine();
    let reminders = engine.family(reminder).await.unwrap();
    for scope in [
        format!("user:{}:1", ann.id()),
        format!("guild:{}", guild.id()),
    ] {
        let payload = ann.id().to_string();
        reminders.add(scope, &payload).await.unwrap();
    }
    for person in [&ann, &guild.member("ben")] {
        person.says("hello").await;
    }
    bot.advance(mins(11)).await;
    bot
}

/// Ann takes part in a challenge, and pays for it.
async fn challenged(bot: &TestBot) {
    let guild = bot.guild("Rustaceans");
    let (owner, ann) = (guild.owner(), guild.member("ann"));
    owner
        .slash("/challenge_config create zone:Europe/Prague")
        .await;
    for command in [
        "/challenge join",
        "/challenge checkin sport:run minutes:90",
        "/challenge joker",
    ] {
        ann.slash(command).await;
    }
    owner.slash("/dues paid user:@ann amount:1").await;
    let by = By::user(ann.id().get().into()).because(Some("I am ann".to_owned()));
    let change = by.did("task stop", "test.reminder");
    bot.host().audit().record(change).await.unwrap();
}

/// The members are looked at, and ann agrees to be shown.
async fn looked_at(bot: &TestBot) {
    let guild = bot.guild("Rustaceans");
    let role = guild.role("makers", Permissions::NONE);
    for command in [
        "/module enable name:members".to_owned(),
        format!("/settings set key:members.showcase_role value:{role}"),
        "/task run name:members.snapshot".to_owned(),
    ] {
        guild.owner().slash(&command).await;
    }
    guild.member("ann").slash("/members showcase join").await;
}

async fn mentions(bot: &TestBot, id: impl ToString) -> Vec<String> {
    bot.host().db().mentions(&id.to_string()).await.unwrap()
}

async fn file(person: &Person, command: &str) -> Value {
    let answer = person.slash(command).await;
    assert!(answer.is_ephemeral(), "{command}");
    let message = answer.message().unwrap();
    let [(name, bytes)] = message.files() else {
        panic!("{command}: {:?}", message.files());
    };
    assert!(name.ends_with(".json"), "{name}");
    serde_json::from_slice(bytes).unwrap()
}

#[tokio::test]
async fn every_table_is_declared_and_none_keeps_who_was_deleted() {
    for database in Database::each().await {
        let bot = lived_in(database).await;
        challenged(&bot).await;
        looked_at(&bot).await;
        let tables = bot.host().db().tables().await.unwrap();
        let there: BTreeSet<_> = tables.keys().map(String::as_str).collect();
        let declared: BTreeSet<_> = bot.registry().tables().into_iter().collect();
        assert_eq!(
            there, declared,
            "tables that are there, and that are declared"
        );

        let guild = bot.guild("Rustaceans");
        let (owner, ann, ben) = (guild.owner(), guild.member("ann"), guild.member("ben"));
        let before = mentions(&bot, ann.id()).await;
        for (table, columns) in &tables {
            let keeps_people = columns.iter().any(|column| column == "user_id");
            let is_planted = before.contains(&format!("{table}.user_id"));
            assert_eq!(
                keeps_people, is_planted,
                "{table} keeps nobody in this test"
            );
        }
        assert!(before.contains(&"task.scope".to_owned()), "{before:?}");
        let kept = mentions(&bot, ben.id()).await;
        owner
            .slash("/user_data delete user:@ann confirm:delete")
            .await;
        let left = mentions(&bot, ann.id()).await;
        // The reminder of the server carries her id in this test.
        assert_eq!(left, ["task_cursor.payload"]);
        assert_eq!(mentions(&bot, ben.id()).await, kept);

        owner.slash("/server_data delete confirm:delete").await;
        assert_eq!(mentions(&bot, guild.id()).await, [""; 0]);
        assert_eq!(mentions(&bot, ann.id()).await, [""; 0]);
        bot.advance(mins(11)).await;
        assert_eq!(mentions(&bot, ben.id()).await, [""; 0]);
    }
}

#[tokio::test]
async fn people_are_handed_what_is_kept_about_them_and_nothing_else() {
    let bot = lived_in(Database::sqlite()).await;
    let guild = bot.guild("Rustaceans");
    let (owner, ann, sam) = (guild.owner(), guild.member("ann"), guild.member("sam"));
    let kept = file(&ann, "/data export").await;
    let score = &kept["leaderboard"][0];
    assert_eq!(score["user"], ann.id().to_string());
    assert_eq!(score["messages"], 1);
    assert_eq!(kept["leaderboard"].as_array().unwrap().len(), 1);
    assert_eq!(kept["tasks"][0]["task"], "test.reminder");
    assert_eq!(file(&owner, "/user_data export user:@ann").await, kept);
    assert_eq!(sam.slash("/data export").await.text(), "Nothing is kept.");
    let refused = sam.try_slash("/user_data export user:@ann").await;
    assert!(refused.is_err());

    let whole = file(&owner, "/server_data export").await;
    assert_eq!(whole["leaderboard"].as_array().unwrap().len(), 2);
    assert_eq!(whole["settings"]["leaderboard.lines"], "3");
    assert_eq!(whole["modules"]["welcome"], false);
    assert!(ann.try_slash("/server_data export").await.is_err());
}

#[tokio::test]
async fn nothing_is_deleted_before_it_is_confirmed_or_by_somebody_else() {
    let bot = lived_in(Database::sqlite()).await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let asked = ann.slash("/data delete").await.text();
    assert!(
        asked.contains("Kept by `leaderboard`, `tasks`. Nothing has been deleted."),
        "{asked}"
    );
    for (person, command) in [
        (&ben, "/user_data delete user:@ann confirm:delete"),
        (&ann, "/server_data delete confirm:delete"),
    ] {
        assert!(person.try_slash(command).await.is_err(), "{command}");
    }
    assert!(ann.slash("/rank").await.text().contains("from 1 message"));
    let done = ann.slash("/data delete confirm:Delete").await.text();
    assert_eq!(done, "Deleted for good, from `leaderboard`, `tasks`.");
    assert_eq!(ann.slash("/rank").await.text(), "You have no XP yet.");
}

#[tokio::test]
async fn what_a_module_keeps_in_memory_is_deleted_too_and_what_one_that_is_off_keeps() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (owner, ann) = (guild.owner(), guild.member("ann"));
    owner.slash("/task stop name:leaderboard.flush").await;
    ann.says("not written yet").await;
    bot.settle().await;
    ann.slash("/data delete confirm:delete").await;
    assert_eq!(ann.slash("/rank").await.text(), "You have no XP yet.");
    ann.says("again").await;
    owner
        .slash("/module_everywhere disable name:leaderboard")
        .await;
    assert!(!mentions(&bot, ann.id()).await.is_empty());
    assert_eq!(
        file(&ann, "/data export").await["leaderboard"][0]["messages"],
        1
    );
    ann.slash("/data delete confirm:delete").await;
    assert_eq!(mentions(&bot, ann.id()).await, [""; 0]);
}
