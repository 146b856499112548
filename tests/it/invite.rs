//! What the bot asks to be allowed when it is added to a server, and that it is enough.

use cogsmith::{
    prelude::*,
    testing::{Guild, Permissions, TestBot},
};
use cogsmith_simulator::Simulator;
use serde_json::Value;

use crate::process::{Folder, cogsmith, output};

const SENDING: &str = "Send Messages";

async fn invite(simulator: &Simulator, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .arg("invite")
        .args(arguments)
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url());
    let ended = output(&mut command).await;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        ended.status.code(),
        text(&ended.stdout),
        text(&ended.stderr),
    )
}

#[tokio::test]
async fn the_address_alone_is_on_standard_output_and_asks_for_what_the_modules_need() {
    let simulator = Simulator::builder().start().await.unwrap();
    let (code, said, reasons) = invite(&simulator, &["--modules", "welcome,help"]).await;
    assert_eq!(code, Some(0), "{reasons}");
    let expected = format!(
        "https://discord.com/oauth2/authorize?client_id={}&scope=bot+applications.commands&permissions=3072\n",
        simulator.application_id()
    );
    assert_eq!(said, expected);
    assert!(reasons.contains("View Channel"), "{reasons}");
    let reason = reasons.lines().find(|line| line.contains(SENDING)).unwrap();
    assert!(reason.contains("welcome greets whoever joins"), "{reasons}");
}

#[tokio::test]
async fn a_machine_reads_what_each_permission_is_for() {
    let simulator = Simulator::builder().start().await.unwrap();
    let arguments = ["--json", "--guild", "613425648685547541"];
    let (code, said, log) = invite(&simulator, &arguments).await;
    assert_eq!(code, Some(0), "{log}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let url = said["url"].as_str().unwrap();
    assert!(url.ends_with("&guild_id=613425648685547541&disable_guild_select=true"));
    assert!(url.contains(&format!(
        "&permissions={}&",
        said["permissions"].as_str().unwrap()
    )));
    let explained = said["explained"].as_array().unwrap();
    let sending = explained.iter().find(|it| it["name"] == SENDING).unwrap();
    let modules = sending["needed_by"].as_array().unwrap();
    assert!(modules.iter().any(|it| it["module"] == "welcome"), "{said}");
}

#[tokio::test]
async fn a_token_that_is_refused_exits_3_and_a_guild_that_is_none_2() {
    let simulator = Simulator::builder().start().await.unwrap();
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .arg("invite")
        .env("DISCORD_TOKEN", "wrong.token.here")
        .env("DISCORD_API_URL", simulator.api_url());
    assert_eq!(output(&mut command).await.status.code(), Some(3));
    let (code, _, said) = invite(&simulator, &["--guild", "Rustaceans"]).await;
    assert_eq!(code, Some(2));
    assert!(said.contains("'Rustaceans'"), "{said}");
}

/// A server where the bot may do just this, and everybody else what people may do at first.
fn allowing(bot: &TestBot, permissions: Permissions) -> Guild {
    let guild = bot.guild("Rustaceans");
    let people = guild.role("people", Permissions::EVERYONE_DEFAULT);
    guild.allow(guild.id(), Permissions::NONE);
    guild.allow(guild.bot_role(), permissions);
    for name in ["ann", "ben"] {
        guild.give_role(&guild.member(name), people);
    }
    guild
}

fn needed(bot: &TestBot) -> Permissions {
    let needs = bot.registry().needs().map(|(_, need)| need.permissions);
    let all = needs.fold(serenity::model::Permissions::empty(), |all, it| all | it);
    Permissions::from_bits(all.bits())
}

/// Joining, talking and a week of a challenge: what the built-in modules do beside answering.
#[tokio::test]
async fn what_the_modules_declare_is_enough() {
    let bot = TestBot::start(cogsmith::modules::all()).await;
    let guild = allowing(&bot, needed(&bot));
    let ann = guild.member("ann");
    guild.owner().slash("/challenge_config create").await;
    ann.slash("/challenge join").await;
    ann.says("hello").await;
    bot.advance(hours(7 * 24 + 1)).await;
    let said = bot.messages(&guild, "general").join("\n");
    let greeting = format!("Welcome, <@{}>!", ann.id());
    for expected in [&*greeting, "ends at midnight", "is over"] {
        assert!(said.contains(expected), "{expected}:\n{said}");
    }
    let rank = ann.slash("/rank").await.text();
    assert!(rank.contains("XP") && !rank.contains("no XP"), "{rank}");
}

#[tokio::test]
async fn without_what_a_module_declares_it_does_nothing() {
    let mut bot = TestBot::start(cogsmith::modules::all()).await;
    let guild = allowing(&bot, Permissions::VIEW_CHANNEL);
    bot.settle().await;
    let said = bot.messages(&guild, "general").join("\n");
    assert!(!said.contains("Welcome"), "{said}");
    bot.expect_failures(2);
}
