//! People over HTTP as Discord's own client does it: what it says beside, and the commands it shows.

use cogsmith_simulator::Permissions;
use serde_json::{Value, json};

use crate::client::{Gateway, Rest};
use crate::people_over_http::{as_person, place, text};

#[tokio::test]
async fn what_discords_client_says_beside_is_borne_with() {
    let place = place().await;
    let path = format!("channels/{}/messages", place.channel());
    let body = json!({ "mobile_network_type": "unknown", "content": "hi", "nonce": "1",
        "tts": false, "flags": 0 });
    let said = place.client.post(&path, body).await.with(200);
    let reactions = format!("{path}/{}/reactions/🔥", text(&said["id"]));
    let own = format!("{reactions}/@me?location=Message%20Inline%20Button&type=0");
    place.client.put(&own, Value::Null).await.with(204);
    let seen = place
        .client
        .get(&format!("{path}?limit=50"))
        .await
        .with(200);
    assert_eq!(seen[0]["reactions"][0]["me"], true);
    let own = format!("{reactions}/0/@me?location=Message&burst=false");
    place.client.delete(&own).await.with(204);
    let seen = place.client.get(&path).await.with(200);
    assert_eq!(seen[0].get("reactions"), None);
    assert_eq!(place.sim.gaps(), [""; 0]);
    let burst = format!("{reactions}/@me?location=Message&type=1");
    place.client.put(&burst, Value::Null).await.with(501);
    let of_bot = format!("{reactions}/@me?location=Message");
    place.rest.put(&of_bot, Value::Null).await.with(501);
}

#[tokio::test]
async fn the_index_lists_what_this_person_is_shown() {
    let place = place().await;
    place
        .register(json!({ "name": "rank", "description": "d" }))
        .await;
    let kick = json!({ "name": "kick", "description": "d", "default_member_permissions": "2" });
    place.register(kick).await;
    let max = place.guild.member("max");
    let mods = place.guild.role("Mods", Permissions::KICK_MEMBERS);
    place.guild.give_role(&max, mods);
    let path = format!("guilds/{}/application-command-index", place.guild.id());
    let names = async |client: &Rest| {
        let index = client.get(&path).await.with(200);
        let commands = index["application_commands"].as_array().unwrap().clone();
        commands
            .iter()
            .map(|it| text(&it["name"]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&place.client).await, ["rank"]);
    assert_eq!(names(&as_person(&place.sim, &max)).await, ["rank", "kick"]);
}

#[tokio::test]
async fn the_index_follows_what_those_who_run_the_guild_have_said() {
    let place = place().await;
    let kick = json!({ "name": "kick", "description": "d", "default_member_permissions": "2" });
    let kick = place.register(kick).await;
    let rank = place
        .register(json!({ "name": "rank", "description": "d" }))
        .await;
    let path = format!("guilds/{}/application-command-index", place.guild.id());
    let names = async || {
        let index = place.client.get(&path).await.with(200);
        let commands = index["application_commands"].as_array().unwrap().clone();
        commands
            .iter()
            .map(|it| text(&it["name"]).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["rank"]);
    let id = |command: &Value| text(&command["id"]).parse().unwrap();
    place.guild.allow_command(id(&kick), &place.ann, true);
    place.guild.allow_command(id(&rank), &place.ann, false);
    assert_eq!(names().await, ["kick"]);
}

#[tokio::test]
async fn a_component_that_cannot_be_used_is_named_as_discord_names_it() {
    let place = place().await;
    let button = json!({ "type": 2, "style": 1, "label": "go", "custom_id": "go" });
    let rows = json!([{ "type": 1, "components": [button] }]);
    let path = format!("channels/{}/messages", place.channel());
    let posted = place
        .rest
        .post(&path, json!({ "content": "press", "components": rows }))
        .await;
    let posted = posted.with(200);
    let press = |message: &Value, custom_id: &str| {
        let data = json!({ "component_type": 2, "custom_id": custom_id });
        let mut body = place.body(3, &data);
        body["message_id"] = message.clone();
        body
    };
    let post = async |body: Value| place.client.post("interactions", body).await;
    post(press(&json!("17"), "go")).await.refused(404, 10008);
    let refused = post(press(&posted["id"], "stop")).await.refused(400, 50035);
    let found = &refused["errors"]["data"]["custom_id"]["_errors"][0]["code"];
    assert_eq!(found, "COMPONENT_VALIDATION_FAILED");
    let form = json!({ "custom_id": "form", "components": [] });
    post(place.body(5, &form)).await.refused(400, 50035);
    let mut elsewhere = press(&posted["id"], "go");
    elsewhere["guild_id"] = json!("17");
    post(elsewhere).await.refused(404, 10003);
    post(press(&posted["id"], "go")).await.with(204);
}

#[tokio::test]
async fn of_two_forms_of_one_name_the_one_that_is_meant_is_sent() {
    let place = place().await;
    let ask = place
        .register(json!({ "name": "ask", "description": "d" }))
        .await;
    let mut bot = Gateway::identified(&place.sim, 0).await;
    let mut asked = Vec::new();
    for _ in 0..2 {
        let body = place.body(2, &json!({ "id": ask["id"], "name": "ask", "type": 1 }));
        place.client.post("interactions", body).await.with(204);
        asked.push(bot.event("INTERACTION_CREATE").await);
    }
    for (used, label) in asked.iter().zip(["Why", "Who"]) {
        let field = json!({ "type": 4, "custom_id": label, "label": label, "style": 1 });
        let form = json!({ "custom_id": "form", "title": "Form",
            "components": [{ "type": 1, "components": [field] }] });
        place.answer(used, json!({ "type": 9, "data": form })).await;
    }
    let sent = |id: &Value, field: &str| {
        let field = json!({ "type": 4, "custom_id": field, "value": "x" });
        let rows = json!([{ "type": 1, "components": [field] }]);
        place.body(
            5,
            &json!({ "id": id, "custom_id": "form", "components": rows }),
        )
    };
    let first = &asked[0]["id"];
    let wrong = sent(first, "Who");
    place
        .client
        .post("interactions", wrong)
        .await
        .refused(400, 50035);
    place
        .client
        .post("interactions", sent(first, "Why"))
        .await
        .with(204);
    let unknown = sent(&json!("17"), "Why");
    place
        .client
        .post("interactions", unknown)
        .await
        .refused(400, 50035);
    place
        .client
        .post("interactions", sent(&Value::Null, "Who"))
        .await
        .with(204);
}

#[tokio::test]
async fn the_commands_of_each_bot_are_shown_and_used() {
    let place = place().await;
    let helper = place.sim.other_bot("helper");
    place.guild.invites(&helper);
    let rest = Rest::with_token(&place.sim, &format!("Bot {}", helper.token()));
    let path = format!("applications/{}/commands", helper.id());
    let help = json!({ "name": "help", "description": "d" });
    let help = rest.post(&path, help).await.with(201);
    let path = format!("guilds/{}/application-command-index", place.guild.id());
    let index = place.client.get(&path).await.with(200);
    let bots = index["applications"].as_array().unwrap();
    let mut names: Vec<_> = bots.iter().map(|it| text(&it["name"])).collect();
    names.sort_unstable();
    assert_eq!(names, ["bot", "helper"]);
    assert_eq!(
        index["application_commands"][0]["application_id"],
        json!(helper.id())
    );

    let mut gateway = Gateway::connect(&place.sim).await;
    gateway
        .send(&crate::client::identify(&helper.token(), 0))
        .await;
    gateway.event("READY").await;
    let mut body = place.body(2, &json!({ "id": help["id"], "name": "help", "type": 1 }));
    place
        .client
        .post("interactions", body.clone())
        .await
        .refused(404, 10002);
    body["application_id"] = json!(helper.id());
    place
        .client
        .post("interactions", body.clone())
        .await
        .with(204);
    let heard = gateway.event("INTERACTION_CREATE").await;
    assert_eq!(heard["application_id"], json!(helper.id()));

    let recipient = json!({ "recipient_id": helper.id() });
    let direct = place
        .client
        .post("users/@me/channels", recipient)
        .await
        .with(200);
    assert_eq!(direct["recipients"][0]["username"], "helper");
    body["channel_id"] = direct["id"].clone();
    body["guild_id"] = Value::Null;
    place.client.post("interactions", body).await.with(204);
    assert_eq!(
        gateway.event("INTERACTION_CREATE").await["channel_id"],
        direct["id"]
    );
}
