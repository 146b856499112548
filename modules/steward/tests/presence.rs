//! What people see of the bot.

use cogsmith::testing::TestBot;

use super::bot;

fn shows(bot: &TestBot, status: &str, activity: &str, kind: u8) -> bool {
    let connections = bot.simulator().connections();
    let shown = connections.first().and_then(|it| it.presence.clone());
    shown.is_some_and(|shown| {
        let it = &shown["activities"][0];
        shown["status"] == status && it["name"] == activity && it["type"] == kind
    })
}

#[tokio::test]
async fn the_owner_sets_what_people_see_of_the_bot() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let set = "/presence set activity:\"Watching the clock\" status:\"do not disturb\"";
    let answer = guild.owner().slash(set).await;
    assert!(answer.is_ephemeral());
    assert!(
        answer.text().starts_with(
            "People see: online → do not disturb, `watching the clock`. So it is until"
        ),
        "{}",
        answer.text()
    );
    bot.simulator()
        .until(|_| shows(&bot, "dnd", "the clock", 3))
        .await;
    assert!(
        guild
            .member("ann")
            .try_slash("/presence set")
            .await
            .is_err()
    );
}
