//! Played against the simulator.

use cogsmith::testing::TestBot;

#[tokio::test]
async fn whoever_joins_is_greeted_once() {
    let bot = TestBot::start(crate::modules::all()).await;
    let guild = bot.guild("Rustaceans");

    let ann = guild.member("ann");
    bot.settle().await;

    let greeting = format!("Welcome, <@{}>!", ann.id());
    let greetings = bot
        .messages(&guild, "general")
        .into_iter()
        .filter(|text| *text == greeting);
    assert_eq!(greetings.count(), 1);
}

#[tokio::test]
async fn talking_is_not_joining() {
    let bot = TestBot::start(crate::modules::all()).await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    bot.settle().await;
    let before = bot.messages(&guild, "general").len();

    ann.says("hello").await;
    bot.settle().await;

    assert_eq!(bot.messages(&guild, "general").len(), before + 1);
}
