//! `/_sim/worlds`, people and voice: a world is planted, and lived in.

use serde_json::{Value, json};

use crate::client::{Gateway, INTENTS, Rest};
use crate::control::Control;

#[tokio::test]
async fn worlds_are_planted_and_people_join_them() {
    let control = Control::new().await;
    let plan = json!({ "guild": [{ "name": "Second", "voice_channels": ["lounge"],
        "role": [{ "name": "Mods", "permissions": ["KICK_MEMBERS"] }],
        "member": [{ "name": "max", "roles": ["Mods"] }] }] });
    let seed = control.post("worlds", plan).await.with(200);
    assert_eq!(seed["moderator"]["username"], "max");
    let worlds = control.get("worlds").await;
    let second = worlds
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == "Second");
    let second = second.unwrap();
    assert_eq!(second["id"], seed["guild_id"]);
    let mut bot = Gateway::identified(&control.sim, INTENTS | 1 << 7).await;
    bot.event("GUILD_CREATE").await;
    bot.event("GUILD_CREATE").await;

    let new = json!({ "name": "zoe", "guild_id": seed["guild_id"], "roles": [seed["role_id"]] });
    let zoe = control.post("people", new).await.with(200);
    let heard = bot.event("GUILD_MEMBER_ADD").await;
    assert_eq!(heard["user"]["id"], zoe["id"]);
    bot.event("MESSAGE_CREATE").await;
    bot.event("GUILD_MEMBER_UPDATE").await;
    let client = Rest::with_token(&control.sim, zoe["token"].as_str().unwrap());
    assert_eq!(client.get("users/@me").await.with(200)["username"], "zoe");

    let lounge = &second["channels"][1];
    assert_eq!(lounge["name"], "lounge");
    let enter = json!({ "guild_id": seed["guild_id"], "user_id": zoe["id"],
        "channel_id": lounge["id"], "self_mute": true });
    control.post("voice", enter).await.with(200);
    let heard = bot.event("VOICE_STATE_UPDATE").await;
    assert_eq!(
        (&heard["channel_id"], &heard["self_mute"]),
        (&lounge["id"], &json!(true))
    );
    assert_eq!(control.get("voice").await[0]["user_id"], zoe["id"]);
    let leave = json!({ "guild_id": seed["guild_id"], "user_id": zoe["id"] });
    control.post("voice", leave).await.with(200);
    assert_eq!(
        bot.event("VOICE_STATE_UPDATE").await["channel_id"],
        Value::Null
    );
    let nowhere = json!({ "guild_id": seed["guild_id"], "user_id": zoe["id"],
        "channel_id": seed["channel_id"] });
    control.post("voice", nowhere).await.refused(400, 50035);
}

#[tokio::test]
async fn the_usual_world_has_what_its_file_says() {
    let control = Control::new().await;
    let seed = cogsmith_simulator::seed::Plan::test_bed().plant(&control.sim);
    let again = cogsmith_simulator::seed::Plan::test_bed().plant(&control.sim);
    assert_eq!(seed, again);
    let bot = Rest::new(&control.sim);
    let path = format!("guilds/{}", seed.guild_id);
    let channels = bot.get(&format!("{path}/channels")).await.with(200);
    assert_eq!(channels[0]["name"], "bot-test");
    assert_eq!(channels.as_array().map(Vec::len), Some(1));
    let messages = bot
        .get(&format!("channels/{}/messages", seed.channel_id))
        .await;
    assert_eq!(messages.with(200), json!([]));
    let members = bot
        .get(&format!("{path}/members?limit=100"))
        .await
        .with(200);
    assert_eq!(members.as_array().map(Vec::len), Some(4));
    let bed = control.sim.guild("Test Bed");
    assert_eq!(bed.id(), seed.guild_id);
    let may = Rest::with_token(&control.sim, &seed.moderator.token);
    let kick = format!("{path}/members/{}", seed.member.id);
    may.delete(&kick).await.with(204);
}
