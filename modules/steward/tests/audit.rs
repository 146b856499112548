//! Who changed what, and why, as owners and servers see it.

use cogsmith::{
    audit::{By, Filter, Recorded},
    prelude::*,
    testing::{Guild, Permissions, Person, TestBot},
};

use super::bot;

async fn recorded(bot: &TestBot) -> Vec<Recorded> {
    let all = bot.host().audit().list(&Filter::default(), 100).await;
    all.unwrap()
}

fn manager(guild: &Guild, name: &str) -> Person {
    let person = guild.member(name);
    let role = guild.role(&format!("of {name}"), Permissions::MANAGE_GUILD);
    guild.give_role(&person, role);
    person
}

#[tokio::test]
async fn every_change_is_recorded_with_who_where_what_and_why() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (owner, ann) = (guild.owner(), guild.member("ann"));
    let id = guild.id().to_string();
    owner.slash("/challenge_config create").await;
    ann.slash("/challenge join").await;
    for (command, change, is_here) in [
        (
            "/settings set key:leaderboard.lines value:3",
            "settings set leaderboard.lines: 10 (default) → 3",
            true,
        ),
        (
            "/settings reset key:leaderboard.lines",
            "settings reset leaderboard.lines: 3 → 10 (default)",
            true,
        ),
        (
            "/module disable name:welcome",
            "module disable welcome: on → off",
            true,
        ),
        (
            "/module enable name:welcome",
            "module enable welcome: off → on",
            true,
        ),
        (
            "/module_everywhere disable name:welcome",
            "module disable welcome: on → off",
            false,
        ),
        (
            "/leaderboard_config set_time_between_updates minutes:5",
            "task interval leaderboard.update: 10m → 5m",
            false,
        ),
        (
            "/leaderboard_config stop",
            "task stop leaderboard.update: active → stopped",
            false,
        ),
        (
            "/leaderboard_config restart",
            "task restart leaderboard.update:  → active",
            false,
        ),
        (
            "/challenge_config sport name:chess minutes:9",
            "challenge_config sport the challenge: 3 points, tolerance 2 min",
            true,
        ),
        (
            "/dues paid user:@ann amount:5",
            "dues paid 2026:  → 5.00 €",
            true,
        ),
        (
            "/presence set activity:\"chess\" status:\"idle\"",
            "presence set the bot: online → idle, `chess`",
            false,
        ),
        (
            "/task stop name:leaderboard.update",
            "task stop leaderboard.update: active → stopped",
            false,
        ),
        (
            "/task start name:leaderboard.update",
            "task start leaderboard.update: stopped → active",
            false,
        ),
        (
            "/task interval name:leaderboard.update time:1h",
            "task interval leaderboard.update: every 5m → every 1h",
            false,
        ),
        (
            "/task reset name:leaderboard.update",
            "task reset leaderboard.update: every 1h → every 10m",
            false,
        ),
        (
            "/task restart name:leaderboard.update",
            "task restart leaderboard.update:  → active",
            false,
        ),
        (
            "/task run name:leaderboard.update",
            "task run leaderboard.update:",
            false,
        ),
        (
            "/task cancel name:leaderboard.update",
            "task cancel leaderboard.update:  → stopped",
            false,
        ),
        (
            "/task stop name:challenges.nudge",
            "task stop challenges.nudge: all 1: 1 active → 1 stopped",
            false,
        ),
        (
            "/task remove name:challenges.nudge confirm:1",
            "task remove challenges.nudge: 1 member →",
            false,
        ),
    ] {
        owner.slash(&format!("{command} reason:\"so it is\"")).await;
        let newest = recorded(&bot).await.remove(0).change;
        let [before, after] =
            [&newest.before, &newest.after].map(|it| it.as_deref().unwrap_or_default());
        let found = format!("{} {}: {before} → {after}", newest.verb, newest.target);
        assert!(found.starts_with(change), "{command}: {found}");
        assert_eq!(
            newest.by,
            By::user(owner.id().get().into()).because(Some("so it is".into()))
        );
        assert_eq!(
            newest.guild.map(|guild| guild.to_string()),
            is_here.then(|| id.clone()),
            "{command}"
        );
    }
    let count = recorded(&bot).await.len();
    for nothing in [
        "/settings reset key:leaderboard.lines",
        "/module enable name:welcome",
        "/task stop name:leaderboard.update",
        "/task list",
    ] {
        owner.slash(nothing).await;
        assert_eq!(recorded(&bot).await.len(), count, "{nothing}");
    }
}

#[tokio::test]
async fn a_server_sees_its_own_changes_and_the_owner_all() {
    let mut bot = bot().await;
    let [here, there] = ["Rustaceans", "Pythonistas"].map(|name| bot.guild(name));
    let (owner, mia, max) = (here.owner(), manager(&here, "mia"), manager(&there, "max"));
    mia.slash("/settings set key:leaderboard.lines value:3 reason:\"too long\"")
        .await;
    max.slash("/module disable name:welcome").await;
    owner.slash("/presence set status:\"idle\"").await;
    bot.restart().await;
    let [here, there] = ["Rustaceans", "Pythonistas"].map(|name| bot.guild(name));
    let (owner, mia) = (here.owner(), here.member("mia"));
    let seen = mia.slash("/audit list").await;
    assert!(seen.is_ephemeral());
    let hers = "mia: **settings set** `leaderboard.lines`: 10 (default) → 3. Why: too long";
    let text = seen.text();
    assert!(text.contains(hers), "{text}");
    assert!(
        !text.contains("welcome") && !text.contains("presence"),
        "{text}"
    );
    let all = owner.slash("/audit list").await.text();
    for part in [
        "**settings set**",
        "**module disable** `welcome`, in server ",
        "**presence set**",
    ] {
        assert!(all.contains(part), "{all}");
    }
    let one = owner.slash("/audit list who:@mia").await.text();
    assert!(
        one.contains("settings set") && !one.contains("presence"),
        "{one}"
    );
    let one = owner.slash("/audit list what:WELC").await.text();
    assert!(
        one.contains("module disable") && !one.contains("settings"),
        "{one}"
    );
    let none = owner.slash("/audit list what:nothing").await.text();
    assert_eq!(none, "No such change is recorded.");
    let ann = there.member("ann");
    assert!(ann.try_slash("/audit list").await.is_err());
    let direct = ann
        .try_slash_in(&ann.direct(), "/audit list")
        .await
        .unwrap();
    assert!(
        direct.text().starts_with("Only the bot's owner"),
        "{}",
        direct.text()
    );
}

#[tokio::test]
async fn pages_are_turned_with_what_was_asked_for_and_only_by_who_may() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let mia = guild.member("mia");
    let role = guild.role("managers", Permissions::MANAGE_GUILD);
    guild.give_role(&mia, role);
    let by = By::user(mia.id().get().into());
    for number in 0..45 {
        let change = by.did_in(guild.id().get().into(), "test:change%", number.to_string());
        bot.host().audit().record(change).await.unwrap();
    }
    mia.slash("/module disable name:welcome").await;
    let first = mia.slash("/audit list what:\"test:change%\"").await;
    let message = first.message().unwrap();
    assert!(first.text().contains("Page 1 of 3"), "{}", first.text());
    let next = "audit-list:0:test%3Achange%25:2";
    let turned = mia.uses(message, next, &[]).await.unwrap().text();
    assert!(
        turned.contains("`24`") && turned.contains("Page 2 of 3"),
        "{turned}"
    );
    guild.allow(role, Permissions::SEND_MESSAGES);
    let third = "audit-list:0:test%3Achange%25:3";
    let refused = mia.uses(message, third, &[]).await.unwrap().text();
    assert!(refused.starts_with("Only the bot's owner"), "{refused}");
}

#[tokio::test]
async fn what_is_older_than_it_is_kept_is_deleted_by_a_task() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner.slash("/module disable name:welcome").await;
    bot.advance(hours(24 * 364)).await;
    assert_eq!(recorded(&bot).await.len(), 1);
    bot.advance(hours(24 * 2)).await;
    bot.settle().await;
    assert_eq!(recorded(&bot).await, []);
}

#[tokio::test]
async fn verbs_are_suggested() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner.slash("/module disable name:welcome").await;
    let suggested = owner.completes("/audit list what:DIS").await.unwrap();
    let choices = suggested.choices().unwrap().to_string();
    assert!(choices.contains("module disable"), "{choices}");
}
