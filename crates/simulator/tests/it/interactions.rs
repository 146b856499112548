//! Commands registered, used and answered.

use cogsmith_simulator::Simulator;
use serde_json::json;

use crate::client::{Gateway, INTENTS, Rest};

#[tokio::test]
async fn a_command_is_registered_used_and_answered() {
    let sim = Simulator::builder().start().await.unwrap();
    let rest = Rest::new(&sim);
    let commands = format!("applications/{}/commands", sim.application_id());
    let rank = json!([{ "name": "rank", "description": "Your place" }]);
    rest.put(&commands, rank).await.with(200);
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;

    let answer = async {
        let used = bot.event("INTERACTION_CREATE").await;
        let (id, token) = (&used["id"], &used["token"]);
        let path = format!(
            "interactions/{}/{}/callback",
            id.as_str().unwrap(),
            token.as_str().unwrap()
        );
        let content = format!("<@{}> is number 1", ann.id());
        let body = json!({ "type": 4, "data": { "content": content } });
        rest.post(&path, body).await.with(204);
    };
    let (reply, ()) = tokio::join!(ann.slash("/rank"), answer);
    assert_eq!(reply.text(), "ann is number 1");
    assert!(!reply.is_ephemeral());
    bot.event("MESSAGE_CREATE").await;
}
