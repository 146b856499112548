//! Habits of client libraries, with which Discord bears.

use cogsmith_simulator::{FaultRule, Permissions, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Rest;

#[tokio::test]
async fn discord_py_writes_ids_as_numbers() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let rest = Rest::new(&sim);
    let (ann, lounge) = (guild.member("ann"), guild.voice_channel("lounge"));
    ann.enters_voice(&lounge);
    let role = guild.role("Mods", Permissions::KICK_MEMBERS).get();
    let (general, user) = (guild.channel("general"), ann.id().get());
    let said = ann.says("hello").await.id().get();
    let others = [
        ann.says("one").await.id().get(),
        ann.says("two").await.id().get(),
    ];
    let messages = format!("channels/{}/messages", general.id());
    let home = format!("guilds/{}", guild.id());
    let member = format!("{home}/members/{user}");
    let replies = json!({ "content": "yes", "message_reference": { "message_id": said },
        "allowed_mentions": { "parse": [], "users": [user], "replied_user": true } });
    let place = json!([{ "id": general.id().get(), "position": 0 }]);
    let rank = json!([{ "id": role, "position": 1 }]);
    let overwrite = json!({ "id": role, "type": 0, "allow": "0", "deny": "0" });
    let hidden = json!({ "name": "hidden", "permission_overwrites": [overwrite] });
    for (method, path, body, status) in [
        (Method::POST, messages.clone(), replies, 200),
        (
            Method::POST,
            format!("{messages}/bulk-delete"),
            json!({ "messages": others }),
            204,
        ),
        (
            Method::PATCH,
            member.clone(),
            json!({ "roles": [role] }),
            200,
        ),
        (
            Method::PATCH,
            member,
            json!({ "channel_id": lounge.id().get() }),
            200,
        ),
        (Method::PATCH, format!("{home}/channels"), place, 204),
        (Method::PATCH, format!("{home}/roles"), rank, 200),
        (Method::POST, format!("{home}/channels"), hidden, 201),
        (
            Method::POST,
            "users/@me/channels".to_owned(),
            json!({ "recipient_id": user }),
            200,
        ),
        (
            Method::POST,
            format!("{home}/bulk-ban"),
            json!({ "user_ids": [user] }),
            200,
        ),
    ] {
        rest.call(method, &path, Some(body)).await.with(status);
    }
}

#[tokio::test]
async fn the_gate_lets_no_answer_have_an_id_as_a_number() {
    let sim = Simulator::builder().start().await.unwrap();
    let body = json!({ "id": 17 });
    sim.fail_next(FaultRule::new(200).body(body));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let path = format!("{}/api/v10/users/@me", sim.api_url());
    client.get(path).send().await.unwrap();
    let found = sim.violations();
    let is_told = |it: &String| it.starts_with("get_my_user answer 200 at /id");
    let is_held = std::env::var_os("DISCORD_OPENAPI").is_some();
    assert_eq!(found.iter().any(is_told), is_held, "{found:?}");
}

#[tokio::test]
async fn discord_js_gives_a_thread_at_a_message_a_type() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let said = guild.member("ann").says("hello").await;
    let general = guild.channel("general").id();
    let path = format!("channels/{general}/messages/{}/threads", said.id());
    let thread = json!({ "name": "talk", "type": 11 });
    let thread = Rest::new(&sim).post(&path, thread).await.with(201);
    assert_eq!(
        (&thread["type"], &thread["id"]),
        (&json!(11), &json!(said.id()))
    );
}

#[tokio::test]
async fn discord_js_edits_the_message_of_a_webhook_with_its_name() {
    let sim = Simulator::builder().start().await.unwrap();
    let rest = Rest::new(&sim);
    let general = sim.guild("Rustaceans").channel("general").id();
    let path = format!("channels/{general}/webhooks");
    let hook = rest.post(&path, json!({ "name": "hook" })).await.with(200);
    let text = |key: &str| hook[key].as_str().unwrap();
    let path = format!("webhooks/{}/{}", text("id"), text("token"));
    let said = rest
        .post(&format!("{path}?wait=true"), json!({ "content": "one" }))
        .await
        .with(200);
    let path = format!("{path}/messages/{}", said["id"].as_str().unwrap());
    let body = json!({ "content": "two", "username": "other", "tts": false });
    let edited = rest.patch(&path, body).await.with(200);
    assert_eq!(
        (&edited["content"], &edited["author"]["username"]),
        (&json!("two"), &json!("hook"))
    );
}

#[tokio::test]
async fn discord_py_says_in_the_address_how_far_back_a_ban_deletes() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.says("hello").await;
    let path = format!(
        "guilds/{}/bans/{}?delete_message_seconds",
        guild.id(),
        ann.id()
    );
    let rest = Rest::new(&sim);
    rest.put(&format!("{path}=604801"), Value::Null)
        .await
        .refused(400, 50035);
    rest.put(&format!("{path}=60"), Value::Null).await.with(204);
    assert_eq!(guild.channel("general").messages().len(), 0);
}
