//! What automatic moderation does about what people say; tests/it/operations/moderation.txt has the
//! requests.

use cogsmith_simulator::Simulator;
use serde_json::json;

use crate::client::{Gateway, Rest};

const MESSAGES: u64 = 1 << 9;
const CONTENT: u64 = 1 << 15;
const EXECUTION: u64 = 1 << 21;

#[tokio::test]
async fn forbidden_words_are_blocked_told_and_punished() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let (ann, alerts) = (guild.member("ann"), guild.channel("alerts"));
    let rule = json!({
        "name": "no fish",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": { "keyword_filter": ["fish*"], "allow_list": ["fishing"] },
        "actions": [
            { "type": 1 },
            { "type": 2, "metadata": { "channel_id": alerts.id() } },
            { "type": 3, "metadata": { "duration_seconds": 60 } },
        ],
        "enabled": true,
    });
    let path = format!("guilds/{}/auto-moderation/rules", guild.id());
    let rule = rest.post(&path, rule).await.with(200);
    let person = Rest::with_token(&sim, &format!("user {}", ann.id()));
    let say = format!("channels/{}/messages", guild.channel("general").id());
    let mut bot = Gateway::identified(&sim, MESSAGES | CONTENT | EXECUTION).await;

    person
        .post(&say, json!({ "content": "gone fishing" }))
        .await
        .with(200);
    bot.event("MESSAGE_CREATE").await;
    let fish = json!({ "content": "Fishes!" });
    person.post(&say, fish.clone()).await.refused(400, 200_000);
    let blocked = bot.event("AUTO_MODERATION_ACTION_EXECUTION").await;
    assert_eq!(
        (&blocked["action"]["type"], &blocked["rule_id"]),
        (&json!(1), &rule["id"])
    );
    assert_eq!(blocked["content"], "Fishes!");
    assert_eq!(
        (&blocked["matched_keyword"], &blocked["matched_content"]),
        (&json!("fish*"), &json!("fishes!"))
    );
    let notice = bot.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&notice["type"], &notice["channel_id"]),
        (&json!(24), &json!(alerts.id()))
    );
    let told = bot.event("AUTO_MODERATION_ACTION_EXECUTION").await;
    assert_eq!(told["alert_system_message_id"], notice["id"]);
    bot.event("AUTO_MODERATION_ACTION_EXECUTION").await;
    person
        .post(&say, json!({ "content": "sorry" }))
        .await
        .refused(403, 50013);
    rest.post(&say, fish).await.with(200);
    let boss = Rest::with_token(&sim, &format!("user {}", guild.owner().id()));
    boss.post(&say, json!({ "content": "fish" }))
        .await
        .with(200);
}
