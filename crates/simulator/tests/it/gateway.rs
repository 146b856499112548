//! Connecting, identifying, hearing what happens.

use std::time::Duration;

use cogsmith_simulator::{Guild, Simulator};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Gateway, Heard, INTENTS, Rest, identify};

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
    let notice = bot.event("MESSAGE_CREATE").await;
    assert_eq!(notice["type"], 7);
    assert_eq!(notice["channel_id"], home["system_channel_id"]);
    assert_eq!(notice["author"], joined["user"]);
    assert_eq!(notice["content"], "");
    ann.says("hello").await;
    let message = bot.event("MESSAGE_CREATE").await;
    assert_eq!(message["content"], "hello");
    assert_eq!(message["guild_id"], guild.id().to_string());
    assert_eq!(sim.sent_sequence(0), bot.sequence);
}

#[tokio::test]
async fn ready_names_bot_application_shard_and_where_to_resume() {
    let sim = Simulator::builder().bot("cog").start().await.unwrap();
    let mut bot = Gateway::connect(&sim).await;
    bot.send(&identify(&sim.token(), INTENTS)).await;
    let ready = bot.event("READY").await;
    assert_eq!(ready["v"], 10);
    assert_eq!(ready["user"]["username"], "cog");
    assert_eq!(ready["user"]["id"], sim.bot_user_id().to_string());
    assert_eq!(ready["application"]["id"], sim.application_id().to_string());
    assert_eq!(ready["shard"], json!([0, 1]));
    assert_eq!(ready["resume_gateway_url"], sim.gateway_url());
    assert_eq!(bot.sequence, 1);
}

#[tokio::test]
async fn a_token_may_carry_its_kind() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::connect(&sim).await;
    bot.send(&identify(&format!("Bot {}", sim.token()), INTENTS))
        .await;
    bot.event("READY").await;
}

#[tokio::test]
async fn frames_may_be_binary() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::connect(&sim).await;
    let frame = identify(&sim.token(), INTENTS).to_string();
    bot.send_raw(Message::binary(frame.into_bytes())).await;
    bot.event("READY").await;
}

#[tokio::test]
async fn the_heartbeat_interval_is_that_of_the_builder_and_beats_are_acknowledged() {
    let builder = Simulator::builder().heartbeat_interval(Duration::from_millis(1234));
    let sim = builder.start().await.unwrap();
    let mut bot = Gateway::connect(&sim).await;
    assert_eq!(bot.hello["d"]["heartbeat_interval"], 1234);
    bot.send(&json!({ "op": 1, "d": null })).await;
    assert_eq!(bot.frame().await["op"], 11);
}

#[tokio::test]
async fn discords_heartbeat_interval_is_the_default() {
    let sim = Simulator::builder().start().await.unwrap();
    let bot = Gateway::connect(&sim).await;
    assert_eq!(bot.hello["d"]["heartbeat_interval"], 41_250);
}

#[tokio::test]
async fn a_heartbeat_can_be_asked_for() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    sim.ask_for_heartbeat();
    assert_eq!(bot.frame().await["op"], 1);
}

#[tokio::test]
async fn a_presence_is_accepted_and_can_be_looked_at() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    let presence = json!({ "since": null, "activities": [], "status": "idle", "afk": false });
    bot.send(&json!({ "op": 3, "d": presence })).await;
    assert_eq!(bot.events().await, [""; 0]);
    assert_eq!(sim.connections()[0].presence, Some(presence));
}

#[tokio::test]
async fn members_are_sent_in_chunks_with_the_nonce_of_the_request() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    for number in 0..1001 {
        guild.member(&format!("person {number}"));
    }
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let all = json!({ "guild_id": guild.id(), "query": "", "limit": 0, "nonce": "n" });
    bot.send(&json!({ "op": 8, "d": all })).await;
    let first = bot.event("GUILD_MEMBERS_CHUNK").await;
    let second = bot.event("GUILD_MEMBERS_CHUNK").await;
    let len = |chunk: &serde_json::Value| chunk["members"].as_array().unwrap().len();
    assert_eq!((len(&first), len(&second)), (1000, 3)); // with the owner and the bot
    assert_eq!(first["chunk_count"], 2);
    assert_eq!(
        (&first["chunk_index"], &second["chunk_index"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(second["nonce"], "n");
}

#[tokio::test]
async fn members_are_found_by_name_and_by_id() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let (ann, _anton) = (guild.member("ann"), guild.member("Anton"));
    guild.member("ben");
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let names = |chunk: &serde_json::Value| {
        let members = chunk["members"].as_array().unwrap().iter();
        let names = members.map(|it| it["user"]["username"].as_str().unwrap().to_owned());
        let mut names = names.collect::<Vec<_>>();
        names.sort();
        names
    };
    let by_name = json!({ "guild_id": guild.id(), "query": "an", "limit": 10 });
    bot.send(&json!({ "op": 8, "d": by_name })).await;
    assert_eq!(
        names(&bot.event("GUILD_MEMBERS_CHUNK").await),
        ["Anton", "ann"]
    );
    let by_id = json!({ "guild_id": guild.id(), "user_ids": [ann.id(), "17"], "limit": 0 });
    bot.send(&json!({ "op": 8, "d": by_id })).await;
    let chunk = bot.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(names(&chunk), ["ann"]);
    assert_eq!(chunk["not_found"], json!(["17"]));
}

#[tokio::test]
async fn sounds_are_told_on_request() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let sound = json!({ "name": "crack", "sound": "data:audio/ogg;base64,T2dnUw==" });
    let path = format!("guilds/{}/soundboard-sounds", guild.id());
    Rest::new(&sim).post(&path, sound).await.with(201);
    let mut bot = Gateway::identified(&sim, 0).await;
    let guilds = json!([guild.id(), "17"]);
    bot.send(&json!({ "op": 31, "d": { "guild_ids": guilds } }))
        .await;
    let told = bot.event("SOUNDBOARD_SOUNDS").await;
    assert_eq!(told["soundboard_sounds"][0]["name"], "crack");
    assert_eq!(bot.events().await, [""; 0]);
    bot.send(&json!({ "op": 31, "d": {} })).await;
    assert_eq!(bot.hear().await, Heard::Closed(Some(4002)));
}

#[tokio::test]
async fn events_go_to_the_shard_of_their_guild() {
    let sim = Simulator::builder().start().await.unwrap();
    let on_shard = |shard| -> Guild {
        let names = (0..).map(|number| format!("guild {number}"));
        let mut guilds = names.map(|name| sim.guild(&name));
        guilds.find(|it| it.id().shard(2) == shard).unwrap()
    };
    let (even, odd) = (on_shard(0), on_shard(1));
    let mut bots = Vec::new();
    for shard in 0..2 {
        let mut bot = Gateway::connect(&sim).await;
        let mut frame = identify(&sim.token(), INTENTS);
        frame["d"]["shard"] = json!([shard, 2]);
        bot.send(&frame).await;
        bot.event("READY").await;
        bot.events().await;
        bots.push(bot);
    }
    even.member("ann").says("even").await;
    odd.member("ann").says("odd").await;
    sim.application_owner().says("direct").await;
    assert_eq!(
        bots[0].events().await,
        [
            "GUILD_MEMBER_ADD",
            "MESSAGE_CREATE",
            "MESSAGE_CREATE",
            "MESSAGE_CREATE"
        ]
    );
    assert_eq!(
        bots[1].events().await,
        ["GUILD_MEMBER_ADD", "MESSAGE_CREATE", "MESSAGE_CREATE"]
    );
    assert_eq!(
        (sim.sent_sequence(0), sim.sent_sequence(1)),
        (bots[0].sequence, bots[1].sequence)
    );
}

#[tokio::test]
async fn ready_can_be_delivered_again_with_the_next_number() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    for number in 2..=5 {
        sim.redeliver_ready();
        assert_eq!(bot.event("READY").await["session_id"], bot.session);
        assert_eq!(bot.sequence, number);
    }
}

#[tokio::test]
async fn any_event_can_be_sent() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, 0).await;
    let deleted = json!({ "id": "1", "channel_id": "2" });
    sim.dispatch_raw("MESSAGE_DELETE", &deleted);
    assert_eq!(bot.event("MESSAGE_DELETE").await, deleted);
}

#[tokio::test]
async fn dropping_the_last_handle_ends_the_connections() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut bot = Gateway::identified(&sim, 0).await;
    drop(sim);
    assert_eq!(bot.events().await, [""; 0]);
    drop(guild);
    assert_eq!(bot.hear().await, Heard::Gone);
}

#[tokio::test]
async fn only_loopback_is_listened_on_unless_the_builder_allows_more() {
    let started = Simulator::builder().address("0.0.0.0:0").start().await;
    let error = started.err().unwrap().to_string();
    assert!(
        error.contains("0.0.0.0:0: expected a loopback address"),
        "{error}"
    );
    let anywhere = || {
        Simulator::builder()
            .address("0.0.0.0:0")
            .allow_any_address(true)
    };
    let sim = anywhere().start().await.unwrap();
    // What is listened on everywhere is told as it is reached from here, unless it has a name.
    assert!(sim.api_url().starts_with("http://127.0.0.1:"));
    let named = anywhere().host("discord.test").start().await.unwrap();
    assert!(named.gateway_url().starts_with("ws://discord.test:"));
}
