//! Connecting, hearing, losing the connection and coming back.

use cogsmith_simulator::Simulator;

use crate::client::{Gateway, INTENTS};

#[tokio::test]
async fn a_bot_hears_ready_then_its_guilds_then_what_happens() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    let home = bot.event("GUILD_CREATE").await;
    assert_eq!(home["id"], guild.id().to_string());
    let ann = guild.member("ann");
    let joined = bot.event("GUILD_MEMBER_ADD").await;
    assert_eq!(joined["user"]["username"], "ann");
    ann.says("hello").await;
    let message = bot.event("MESSAGE_CREATE").await;
    assert_eq!(message["content"], "hello");
    assert_eq!(message["guild_id"], guild.id().to_string());
    assert_eq!(sim.sent_sequence(0), bot.sequence);
}
