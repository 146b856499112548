//! What people see of `/help`.

use cogsmith::testing::TestBot;

async fn bot() -> TestBot {
    TestBot::start(crate::modules::all()).await
}

#[tokio::test]
async fn everybody_sees_what_they_may_use() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let listed = guild.member("ann").slash("/help").await;
    assert!(listed.is_ephemeral());
    let text = listed.text();
    assert!(
        text.contains("/leaderboard") && text.contains("/help"),
        "{text}"
    );
    assert!(!text.contains("/task"), "{text}");
    let owner = guild.owner();
    let mut text = String::new();
    for page in 1..=4 {
        text += &owner.slash(&format!("/help page:{page}")).await.text();
    }
    assert!(text.contains("/task list"), "{text}");
}

#[tokio::test]
async fn commands_of_a_module_that_is_off_here_are_not_listed() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner.slash("/module disable name:leaderboard").await;
    let text = owner.slash("/help").await.text();
    assert!(!text.contains("/leaderboard"), "{text}");
    let there = bot.guild("Pythonistas").owner();
    let text = there.slash("/help").await.text();
    assert!(text.contains("/leaderboard"), "{text}");
}

#[tokio::test]
async fn a_command_is_shown_with_its_options() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let text = owner.slash("/help command:\"/task show\"").await.text();
    assert!(
        text.contains("/task show") && text.contains("name"),
        "{text}"
    );
    let text = owner.slash("/help command:nothing").await.text();
    assert_eq!(text, "There is no such command for you here.");
}

#[tokio::test]
async fn names_are_suggested_while_they_are_typed() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let suggested = owner.completes("/help command:task").await.unwrap();
    let choices = suggested.choices().unwrap().to_string();
    assert!(choices.contains("/task list"), "{choices}");
}
