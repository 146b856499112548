//! Threads that go to sleep; tests/it/operations/threads.txt has the requests.

use std::time::Duration;

use cogsmith_simulator::{Permissions, Simulator};
use serde_json::json;

use crate::client::{Gateway, Rest, identify};

const GUILDS: u64 = 1;
const MESSAGES: u64 = 1 << 9;
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
    let place = bot.event("THREAD_MEMBER_UPDATE").await;
    assert_eq!(
        (&place["id"], &place["user_id"], &place["guild_id"]),
        (
            &json!(thread),
            &json!(sim.bot_user_id()),
            &json!(guild.id())
        )
    );
    sim.advance(HOUR).await.unwrap();
    let update = bot.event("THREAD_UPDATE").await;
    assert_eq!(update["thread_metadata"]["archived"], true);
}

#[tokio::test]
async fn a_private_thread_is_for_those_who_are_in_it() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let other = sim.other_bot("other");
    guild.invites(&other);
    let rest = Rest::new(&sim);
    let outside = Rest::with_token(&sim, &format!("Bot {}", other.token()));
    let roles = format!("guilds/{}/roles", guild.id());
    let listed = rest.get(&roles).await.with(200);
    let theirs = listed
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "other");
    let theirs = theirs.unwrap()["id"].as_str().unwrap().parse().unwrap();
    guild.allow(
        theirs,
        Permissions::VIEW_CHANNEL | Permissions::READ_MESSAGE_HISTORY,
    );

    let path = format!("channels/{}/threads", guild.channel("general").id());
    let body = json!({ "name": "Hush", "type": 12 });
    let thread = rest.post(&path, body).await.with(201);
    let thread = thread["id"].as_str().unwrap();
    outside
        .get(&format!("channels/{thread}"))
        .await
        .refused(403, 50001);
    let mut bot = Gateway::connect(&sim).await;
    bot.send(&identify(&other.token(), GUILDS | MESSAGES)).await;
    bot.event("READY").await;
    bot.event("GUILD_CREATE").await;
    let said = format!("channels/{thread}/messages");
    rest.post(&said, json!({ "content": "hush" }))
        .await
        .with(200);
    assert_eq!(bot.events().await, [""; 0]);
    let member = format!("channels/{thread}/thread-members/{}", other.id());
    rest.put(&member, json!({})).await.with(204);
    let shown = bot.event("THREAD_CREATE").await;
    assert_eq!(
        (&shown["id"], &shown["member"]["user_id"]),
        (&json!(thread), &json!(other.id()))
    );
    bot.event("THREAD_MEMBERS_UPDATE").await;
    rest.post(&said, json!({ "content": "hello" }))
        .await
        .with(200);
    bot.event("MESSAGE_CREATE").await;
    outside.get(&format!("channels/{thread}")).await.with(200);
}

#[tokio::test]
async fn threads_are_shown_to_a_bot_that_sees_their_channel_anew() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let general = guild.channel("general").id();
    let body = json!({ "name": "Talk", "type": 11 });
    let thread = rest
        .post(&format!("channels/{general}/threads"), body)
        .await
        .with(201);
    guild.allow(guild.bot_role(), Permissions::MANAGE_ROLES);
    let hidden = json!({ "type": 0, "deny": "1024" });
    let boss = Rest::with_token(&sim, &format!("user {}", guild.owner().id()));
    let overwrite = format!("channels/{general}/permissions/{}", guild.id());
    boss.put(&overwrite, hidden).await.with(204);
    let mut bot = Gateway::identified(&sim, GUILDS).await;
    bot.event("GUILD_CREATE").await;
    boss.delete(&overwrite).await.with(204);
    bot.event("CHANNEL_UPDATE").await;
    let shown = bot.event("THREAD_LIST_SYNC").await;
    assert_eq!(shown["channel_ids"], json!([general]));
    assert_eq!(shown["threads"][0]["id"], thread["id"]);
    assert_eq!(shown["members"][0]["id"], thread["id"]);
}

#[tokio::test]
async fn a_bot_hears_of_its_own_place_in_a_thread_with_fewer_intents() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let boss = Rest::with_token(&sim, &format!("user {}", guild.owner().id()));
    let (general, ann) = (guild.channel("general").id(), guild.member("ann").id());
    let body = json!({ "name": "Talk", "type": 11 });
    let thread = boss
        .post(&format!("channels/{general}/threads"), body)
        .await
        .with(201);
    let thread = thread["id"].as_str().unwrap();
    let mut bot = Gateway::identified(&sim, GUILDS).await;
    let mut deaf = Gateway::identified(&sim, MESSAGES).await;
    bot.event("GUILD_CREATE").await;

    let place = format!("channels/{thread}/thread-members");
    rest.put(&format!("{place}/@me"), json!({})).await.with(204);
    let shown = bot.event("THREAD_CREATE").await;
    assert_eq!(
        (&shown["id"], shown.get("newly_created")),
        (&json!(thread), None)
    );
    let change = bot.event("THREAD_MEMBERS_UPDATE").await;
    assert_eq!(
        change["added_members"][0]["user_id"],
        json!(sim.bot_user_id())
    );
    rest.put(&format!("{place}/{ann}"), json!({}))
        .await
        .with(204);
    assert_eq!(bot.events().await, [""; 0]);

    guild.allow(guild.bot_role(), Permissions::NONE);
    guild.allow(guild.id(), Permissions::NONE);
    for archived in [true, false] {
        let asleep = json!({ "archived": archived });
        boss.patch(&format!("channels/{thread}"), asleep)
            .await
            .with(200);
    }
    let own = format!("{place}/{}", sim.bot_user_id());
    boss.delete(&own).await.with(204);
    let heard = bot.events().await;
    assert_eq!(heard.last().unwrap(), "THREAD_MEMBERS_UPDATE");
    assert!(
        !heard.contains(&"THREAD_MEMBER_UPDATE".to_owned()),
        "{heard:?}"
    );
    assert_eq!(deaf.events().await, [""; 0]);
}

#[tokio::test]
async fn a_bot_is_given_the_threads_that_it_sees_with_its_own_place() {
    let sim = Simulator::builder().start().await.unwrap();
    let (guild, rest) = (sim.guild("Rustaceans"), Rest::new(&sim));
    let boss = Rest::with_token(&sim, &format!("user {}", guild.owner().id()));
    let threads = format!("channels/{}/threads", guild.channel("general").id());
    let hush = json!({ "name": "Hush", "type": 12 });
    boss.post(&threads, hush).await.with(201);
    let loud = json!({ "name": "Loud", "type": 11 });
    let loud = rest.post(&threads, loud).await.with(201)["id"].clone();
    guild.allow(guild.bot_role(), Permissions::VIEW_CHANNEL);
    let mut bot = Gateway::identified(&sim, GUILDS).await;
    let home = bot.event("GUILD_CREATE").await;
    let threads: Vec<_> = home["threads"].as_array().unwrap().iter().collect();
    let [shown] = threads[..] else {
        panic!("{threads:?}");
    };
    let path = format!("channels/{}", loud.as_str().unwrap());
    for thread in [shown, &rest.get(&path).await.with(200)] {
        let place = (&thread["id"], &thread["member"]["user_id"]);
        assert_eq!(place, (&loud, &json!(sim.bot_user_id())));
    }
    let seen = boss.get(&path).await.with(200);
    assert_eq!(seen.get("member"), None);
}
