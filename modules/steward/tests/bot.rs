//! `/bot`.

use super::bot;

#[tokio::test]
async fn the_owner_sees_how_the_bot_is_doing() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    bot.guild("Gophers");
    bot.settle().await;
    let answer = guild.owner().slash("/bot status").await;
    assert!(answer.is_ephemeral());
    let text = answer.text();
    for part in [
        cogsmith::VERSION,
        "1 of 1 connected",
        "`#0` connected",
        "2 servers",
        "acknowledgement",
        "SQLite, answers in",
        "MiB",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    let version = guild.owner().slash("/bot version").await;
    assert!(version.text().contains(cogsmith::VERSION));
    let invite = guild.owner().slash("/bot invite").await;
    let expected = "https://discord.com/oauth2/authorize?client_id=";
    assert!(invite.text().starts_with(expected) && invite.is_ephemeral());
    let ann = guild.member("ann");
    assert!(ann.try_slash("/bot status").await.is_err());
}
