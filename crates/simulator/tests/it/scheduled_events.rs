//! Scheduled events as people meet them; tests/it/operations/scheduled_events.txt has the requests.

use std::time::Duration;

use chrono::TimeDelta;
use cogsmith_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};

const EVENTS: u64 = 1 << 16;

/// In an hour, for an hour.
fn party(sim: &Simulator) -> Value {
    let hours = |count| (sim.now() + TimeDelta::hours(count)).to_rfc3339();
    json!({
        "name": "Party",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": { "location": "here" },
        "scheduled_start_time": hours(1),
        "scheduled_end_time": hours(2),
    })
}

#[tokio::test]
async fn an_event_elsewhere_that_has_begun_ends_at_its_time() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let path = format!("guilds/{}/scheduled-events", guild.id());
    let held = rest.post(&path, party(&sim)).await.with(200);
    rest.post(&path, party(&sim)).await.with(200);
    let event = format!("{path}/{}", held["id"].as_str().unwrap());
    rest.patch(&event, json!({ "status": 2 })).await.with(200);
    let mut bot = Gateway::identified(&sim, EVENTS).await;
    sim.advance(Duration::from_secs(2 * 60 * 60)).await.unwrap();
    let ended = bot.event("GUILD_SCHEDULED_EVENT_UPDATE").await;
    assert_eq!((&ended["id"], &ended["status"]), (&held["id"], &json!(3)));
    assert_eq!(bot.events().await, [""; 0]);
    assert_eq!(rest.get(&event).await.with(200)["status"], 3);
}

#[tokio::test]
async fn who_follows_an_event_is_heard_of_and_listed() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let (rest, mut bot) = (Rest::new(&sim), Gateway::identified(&sim, EVENTS).await);
    let path = format!("guilds/{}/scheduled-events", guild.id());
    let event = rest.post(&path, party(&sim)).await.with(200);
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
