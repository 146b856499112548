//! Threads that go to sleep; tests/it/operations/threads.txt has the requests.

use std::time::Duration;

use cogsmith_simulator::Simulator;
use serde_json::json;

use crate::client::{Gateway, Rest};

const GUILDS: u64 = 1;
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_thread_is_archived_when_nothing_is_said_for_long_enough() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let path = format!("channels/{}/threads", guild.channel("general").id());
    let body = json!({ "name": "Talk", "type": 11, "auto_archive_duration": 60 });
    let thread = rest.post(&path, body).await.with(201);
    let thread = thread["id"].as_str().unwrap();
    let mut bot = Gateway::identified(&sim, GUILDS).await;
    bot.events().await;

    sim.advance(HOUR / 2).await.unwrap();
    let said = format!("channels/{thread}/messages");
    rest.post(&said, json!({ "content": "still here" }))
        .await
        .with(200);
    sim.advance(HOUR / 2).await.unwrap();
    assert_eq!(bot.events().await, [""; 0]);
    sim.advance(HOUR / 2).await.unwrap();
    let update = bot.event("THREAD_UPDATE").await;
    assert_eq!(update["thread_metadata"]["archived"], true);

    rest.post(&said, json!({ "content": "awake" }))
        .await
        .with(200);
    let update = bot.event("THREAD_UPDATE").await;
    assert_eq!(update["thread_metadata"]["archived"], false);
    sim.advance(HOUR).await.unwrap();
    let update = bot.event("THREAD_UPDATE").await;
    assert_eq!(update["thread_metadata"]["archived"], true);
}
