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

#[tokio::test]
async fn a_bot_that_is_there_hears_of_a_new_guild_when_it_is_whole() {
    let control = Control::new().await;
    let mut bot = Gateway::identified(&control.sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let plan = |name: &str| {
        json!({ "guild": [{ "name": name, "channels": ["bot-test"], "voice_channels": ["lounge"],
            "role": [{ "name": "Mods", "permissions": ["KICK_MEMBERS"] }], "crowd": 3,
            "member": [{ "name": "max", "roles": ["Mods"] }, { "name": "owner" }] }] })
    };
    control.post("worlds", plan("Second")).await.with(200);
    let heard = bot.event("GUILD_CREATE").await;
    let names = |list: &str| {
        let items = heard[list].as_array().unwrap();
        items
            .iter()
            .map(|it| it["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("channels"), ["bot-test", "lounge"]);
    assert_eq!(names("roles").len(), 3);
    assert_eq!(heard["member_count"], 6); // the bot, its owner, max, and the crowd
    assert_eq!(bot.events().await, [""; 0]);

    control.post("worlds", plan("Rustaceans")).await.with(200);
    let heard = [
        "CHANNEL_CREATE",
        "CHANNEL_CREATE",
        "GUILD_ROLE_CREATE",
        "GUILD_MEMBER_ADD",
        "MESSAGE_CREATE",
        "GUILD_MEMBER_UPDATE",
    ];
    assert_eq!(bot.events().await, heard);
    control.post("worlds", plan("Rustaceans")).await.with(200);
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn the_usual_world_is_the_documented_one() {
    let control = Control::new().await;
    let seed = cogsmith_simulator::seed::Plan::test_bed().plant(&control.sim);
    let bot = Rest::new(&control.sim);
    let guild = bot
        .get(&format!("guilds/{}", seed.guild_id))
        .await
        .with(200);
    let roles = guild["roles"].as_array().unwrap();
    let role = |name: &str| roles.iter().find(|it| it["name"] == name).unwrap();
    let moderate = 1 << 1 | 1 << 2 | 1_u64 << 40;
    assert_eq!(role("Mods")["permissions"], moderate.to_string());
    assert_eq!(
        (&role("tester")["id"], &role("tester")["permissions"]),
        (&json!(seed.role_id), &json!("0"))
    );
    let of_bot = roles
        .iter()
        .find(|it| it["tags"]["bot_id"] == json!(seed.application_id));
    assert_eq!(of_bot.unwrap()["permissions"], "8");
    assert_eq!(roles.len(), 4);
    assert_eq!(guild["owner_id"], json!(seed.owner.id));
    for (person, expected) in [
        (&seed.owner, vec![]),
        (&seed.member, vec![]),
        (&seed.moderator, vec![role("Mods")["id"].clone()]),
    ] {
        let path = format!("guilds/{}/members/{}", seed.guild_id, person.id);
        assert_eq!(bot.get(&path).await.with(200)["roles"], json!(expected));
        let own = Rest::with_token(&control.sim, &person.token)
            .get("users/@me")
            .await;
        assert_eq!(own.with(200)["username"], person.username);
    }
    let invite = bot.get(&format!("invites/{}", seed.invite)).await.with(200);
    assert_eq!(
        (&invite["channel"]["name"], &invite["expires_at"]),
        (&json!("bot-test"), &Value::Null)
    );
}

#[tokio::test]
async fn another_bot_is_registered_and_joins() {
    let control = Control::new().await;
    let new = json!({ "name": "helper", "guild_id": control.guild.id() });
    let helper = control.post("bots", new.clone()).await.with(200);
    assert_eq!(control.post("bots", new).await.with(200), helper);
    let token = format!("Bot {}", helper["bot_token"].as_str().unwrap());
    let rest = Rest::with_token(&control.sim, &token);
    assert_eq!(
        rest.get("users/@me").await.with(200)["id"],
        helper["application_id"]
    );
    let guilds = rest.get("users/@me/guilds").await.with(200);
    assert_eq!(guilds[0]["id"], json!(control.guild.id()));
    let listed = control.get("bots").await;
    let tokens = listed.as_array().unwrap().iter().map(|it| &it["bot_token"]);
    assert!(tokens.clone().any(|it| *it == control.sim.token()));
    assert_eq!(tokens.count(), 2);
    control
        .post("bots", json!({ "name": "" }))
        .await
        .refused(400, 50035);
}
