//! Scheduled events as people meet them; tests/it/operations/scheduled_events.txt has the requests.

use cogsmith_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};

const EVENTS: u64 = 1 << 16;

#[tokio::test]
async fn who_follows_an_event_is_heard_of_and_listed() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let (rest, mut bot) = (Rest::new(&sim), Gateway::identified(&sim, EVENTS).await);
    let event = json!({
        "name": "Party",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": { "location": "here" },
        "scheduled_start_time": "2126-03-02T09:00:00Z",
        "scheduled_end_time": "2126-03-02T10:00:00Z",
    });
    let path = format!("guilds/{}/scheduled-events", guild.id());
    let event = rest.post(&path, event).await.with(200);
    bot.event("GUILD_SCHEDULED_EVENT_CREATE").await;
    let id = event["id"].as_str().unwrap();
    let users = format!("{path}/{id}/users");

    ann.follows(id.parse().unwrap(), true);
    let heard = bot.event("GUILD_SCHEDULED_EVENT_USER_ADD").await;
    assert_eq!(heard["user_id"], ann.id().to_string());
    assert_eq!(heard["guild_scheduled_event_id"], event["id"]);
    let listed = rest.get(&users).await.with(200);
    assert_eq!(listed[0]["user"]["username"], "ann");

    ann.follows(id.parse().unwrap(), false);
    let heard = bot.event("GUILD_SCHEDULED_EVENT_USER_REMOVE").await;
    assert_eq!(heard["user_id"], ann.id().to_string());
    assert_eq!(rest.get(&users).await.with(200), Value::Array(vec![]));
}
