//! Presences and voice states: what a bot shows, and where it is.

use cogsmith_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Gateway, Heard};

const GUILDS: u64 = 1;
const VOICE: u64 = 1 << 7;
const PRESENCES: u64 = 1 << 8;

fn idle() -> Value {
    let activity = json!({ "name": "chess", "type": 0 });
    json!({ "since": null, "activities": [activity], "status": "idle", "afk": false })
}

#[tokio::test]
async fn a_presence_is_heard_by_the_others_who_asked_for_presences() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut bot = Gateway::identified(&sim, PRESENCES).await;
    let mut other = Gateway::identified(&sim, PRESENCES).await;
    let mut deaf = Gateway::identified(&sim, VOICE).await;
    bot.send(&json!({ "op": 3, "d": idle() })).await;
    let heard = other.event("PRESENCE_UPDATE").await;
    assert_eq!(heard["user"]["id"], sim.bot_user_id().to_string());
    assert_eq!(heard["guild_id"], guild.id().to_string());
    assert_eq!(heard["status"], "idle");
    assert_eq!(heard["activities"][0]["name"], "chess");
    assert_eq!(bot.events().await, [""; 0]);
    assert_eq!(deaf.events().await, [""; 0]);

    let mut late = Gateway::identified(&sim, GUILDS | PRESENCES).await;
    let home = late.event("GUILD_CREATE").await;
    assert_eq!(home["presences"][0]["status"], "idle");
    let query = json!({ "guild_id": guild.id(), "query": "bot", "presences": true });
    late.send(&json!({ "op": 8, "d": query })).await;
    let chunk = late.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(chunk["presences"][0]["status"], "idle");
    deaf.send(&json!({ "op": 8, "d": query })).await;
    let chunk = deaf.event("GUILD_MEMBERS_CHUNK").await;
    assert_eq!(chunk["presences"], json!([]));
}

#[tokio::test]
async fn a_presence_may_come_with_the_identification_and_invisible_is_offline() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut other = Gateway::identified(&sim, PRESENCES).await;
    let mut bot = Gateway::connect(&sim).await;
    let mut frame = crate::client::identify(&sim.token(), 0);
    frame["d"]["presence"] = idle();
    bot.send(&frame).await;
    bot.event("READY").await;
    assert_eq!(other.event("PRESENCE_UPDATE").await["status"], "idle");
    let mut unseen = idle();
    unseen["status"] = json!("invisible");
    bot.send(&json!({ "op": 3, "d": unseen })).await;
    assert_eq!(other.event("PRESENCE_UPDATE").await["status"], "offline");
    guild.member("ann").shows("dnd");
    assert_eq!(other.event("PRESENCE_UPDATE").await["status"], "dnd");
}

#[tokio::test]
async fn a_presence_of_the_older_form_that_libraries_identify_with_is_understood() {
    let sim = Simulator::builder().start().await.unwrap();
    sim.guild("Rustaceans");
    let chess = json!({ "name": "chess", "state": null, "type": 0, "url": null });
    for (presence, status, name) in [
        (json!({ "game": chess, "status": "dnd" }), "dnd", "chess"),
        (json!({ "game": chess, "status": null }), "online", "chess"),
        (json!({ "game": null, "status": "idle" }), "idle", ""),
        (json!({ "since": null, "afk": false }), "online", ""),
    ] {
        let mut other = Gateway::identified(&sim, PRESENCES).await;
        let mut bot = Gateway::connect(&sim).await;
        let mut frame = crate::client::identify(&sim.token(), 0);
        frame["d"]["presence"] = presence;
        bot.send(&frame).await;
        bot.event("READY").await;
        let heard = other.event("PRESENCE_UPDATE").await;
        assert_eq!(heard["status"], status);
        let shown = heard["activities"][0]["name"].as_str().unwrap_or("");
        assert_eq!(shown, name);
    }
}

#[tokio::test]
async fn a_bot_enters_changes_and_leaves_voice_channels() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let (lounge, attic) = (guild.voice_channel("lounge"), guild.voice_channel("attic"));
    let mut bot = Gateway::identified(&sim, VOICE).await;
    let mut other = Gateway::identified(&sim, VOICE).await;
    let moved = |channel: Value| {
        json!({ "op": 4, "d": {
            "guild_id": guild.id(), "channel_id": channel, "self_mute": true, "self_deaf": false,
        } })
    };
    for channel in [lounge.id(), attic.id()] {
        bot.send(&moved(json!(channel))).await;
        let state = bot.event("VOICE_STATE_UPDATE").await;
        assert_eq!(state["channel_id"], channel.to_string());
        assert_eq!(state["member"]["user"]["id"], state["user_id"]);
        assert_eq!(
            (&state["self_mute"], &state["self_deaf"]),
            (&json!(true), &json!(false))
        );
        let server = bot.event("VOICE_SERVER_UPDATE").await;
        assert_eq!(server["endpoint"], Value::Null);
        assert_eq!(other.event("VOICE_STATE_UPDATE").await, state);
    }
    let mut late = Gateway::identified(&sim, GUILDS).await;
    let home = late.event("GUILD_CREATE").await;
    assert_eq!(
        home["voice_states"][0]["channel_id"],
        attic.id().to_string()
    );
    for _ in 0..2 {
        bot.send(&moved(Value::Null)).await;
    }
    let state = bot.event("VOICE_STATE_UPDATE").await;
    assert_eq!(state["channel_id"], Value::Null);
    assert_eq!(bot.events().await, [""; 0]);
    other.event("VOICE_STATE_UPDATE").await;
    assert_eq!(other.events().await, [""; 0]);
}

#[tokio::test]
async fn where_the_bot_may_not_go_it_does_not_go() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let general = guild.channel("general");
    let mut bot = Gateway::identified(&sim, VOICE).await;
    for (guild, channel) in [
        (guild.id().to_string(), general.id().to_string()),
        (guild.id().to_string(), "17".to_owned()),
        ("17".to_owned(), general.id().to_string()),
    ] {
        let data = json!({ "guild_id": guild, "channel_id": channel });
        bot.send(&json!({ "op": 4, "d": data })).await;
    }
    assert_eq!(bot.events().await, [""; 0]);
    bot.send(&json!({ "op": 4, "d": { "guild_id": "here" } }))
        .await;
    assert_eq!(bot.hear().await, Heard::Closed(Some(4002)));
}

#[tokio::test]
async fn people_enter_and_leave_voice_channels_and_leave_them_with_the_guild() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let lounge = guild.voice_channel("lounge");
    let ann = guild.member("ann");
    let mut bot = Gateway::identified(&sim, VOICE).await;
    assert!(ann.enters_voice(&lounge));
    let state = bot.event("VOICE_STATE_UPDATE").await;
    assert_eq!(state["user_id"], ann.id().to_string());
    ann.leaves_voice();
    let state = bot.event("VOICE_STATE_UPDATE").await;
    assert_eq!(state["channel_id"], Value::Null);
    assert!(ann.enters_voice(&lounge));
    bot.event("VOICE_STATE_UPDATE").await;
    ann.leaves();
    bot.event("VOICE_STATE_UPDATE").await;
    assert!(!ann.enters_voice(&lounge));
    assert!(!guild.owner().enters_voice(&guild.channel("general")));
    assert_eq!(bot.events().await, [""; 0]);
}
