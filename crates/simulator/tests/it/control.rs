//! `/_sim/`: how a test in any language moves the world around a bot.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_simulator::{Guild, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answered, Gateway, Heard, INTENTS, Rest};

struct Control {
    sim: Simulator,
    guild: Guild,
    client: reqwest::Client,
}

impl Control {
    async fn new() -> Self {
        let sim = Simulator::builder().start().await.unwrap();
        Self {
            guild: sim.guild("Rustaceans"),
            sim,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let url = format!("{}/_sim/{path}", self.sim.api_url());
        let mut request = self.client.request(method, url);
        request = request.header("Accept", "application/json");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.json().await.unwrap();
        Answered {
            status,
            body,
            headers,
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await.with(200)
    }

    async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, Some(body)).await
    }
}

#[tokio::test]
async fn the_clock_goes_forward_by_seconds_or_until_a_moment() {
    let control = Control::new().await;
    let before = control.sim.now();
    control
        .post("clock", json!({ "seconds": 90 }))
        .await
        .with(200);
    assert!(control.sim.now() - before >= TimeDelta::seconds(90));
    let until = before + TimeDelta::days(3);
    let moved = control
        .post("clock", json!({ "until": until }))
        .await
        .with(200);
    let now: DateTime<Utc> = serde_json::from_value(moved["now"].clone()).unwrap();
    assert!(now >= until && now < until + TimeDelta::hours(1));
    control
        .post("clock", json!({ "seconds": -1 }))
        .await
        .refused(400, 50035);
    control.post("clock", json!({})).await.refused(400, 50035);
}

#[tokio::test]
async fn faults_strike_bots_as_often_as_asked_and_people_never() {
    let control = Control::new().await;
    let rest = Rest::new(&control.sim);
    let ann = control.guild.member("ann");
    let person = Rest::with_token(&control.sim, &format!("user {}", ann.id()));
    let fault = json!({ "method": "get", "path": "/api/v10/users/@me", "status": 403,
        "code": 50013, "message": "no", "times": 2 });
    let listed = control.post("faults", fault).await.with(200);
    assert_eq!(listed[0]["times"], 2);
    person.get("users/@me").await.with(200);
    for _ in 0..2 {
        let refused = rest.get("users/@me").await.refused(403, 50013);
        assert_eq!(refused["message"], "no");
    }
    rest.get("users/@me").await.with(200);

    control
        .post("faults", json!({ "status": 429 }))
        .await
        .with(200);
    let limited = rest.get("users/@me").await;
    assert_eq!(limited.headers["retry-after"], "1");
    assert!(limited.with(429)["retry_after"].is_f64());

    control
        .post("faults", json!({ "delay_ms": 60 }))
        .await
        .with(200);
    let asked = Instant::now();
    rest.get("users/@me").await.with(200);
    assert!(asked.elapsed() >= Duration::from_millis(60));

    control
        .post("faults", json!({ "status": 500 }))
        .await
        .with(200);
    let cleared = control.call(Method::DELETE, "faults", None).await.with(200);
    assert_eq!(cleared, json!([]));
    rest.get("users/@me").await.with(200);
    for wrong in [json!({}), json!({ "status": 99 }), json!({ "statu": 500 })] {
        control.post("faults", wrong).await.refused(400, 50035);
    }
}

#[tokio::test]
async fn the_gateway_is_disturbed_in_every_way() {
    let control = Control::new().await;
    for (order, expected) in [
        (
            json!({ "action": "close", "code": 4000 }),
            Heard::Closed(Some(4000)),
        ),
        (json!({ "action": "close" }), Heard::Closed(None)),
        (json!({ "action": "drop" }), Heard::Gone),
        (json!({ "action": "cut" }), Heard::Gone),
        (
            json!({ "action": "reconnect" }),
            Heard::Frame(json!({ "op": 7, "d": null })),
        ),
        (
            json!({ "action": "invalid", "resumable": true }),
            Heard::Frame(json!({ "op": 9, "d": true })),
        ),
    ] {
        let mut bot = Gateway::identified(&control.sim, 0).await;
        let before = control.post("gateway", order.clone()).await.with(200);
        assert_eq!(
            before["connections"][0]["session_id"], bot.session,
            "{order}"
        );
        assert_eq!(bot.hear().await, expected, "{order}");
    }
    let wrong = json!({ "action": "explode" });
    control.post("gateway", wrong).await.refused(400, 50035);
}

#[tokio::test]
async fn a_session_that_was_cut_within_a_frame_is_resumed() {
    let control = Control::new().await;
    let mut bot = Gateway::identified(&control.sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    control
        .post("gateway", json!({ "action": "cut" }))
        .await
        .with(200);
    assert_eq!(bot.hear().await, Heard::Gone);
    control.guild.member("ann");
    let mut again = Gateway::resuming(&control.sim, &bot.session, bot.sequence).await;
    again.event("GUILD_MEMBER_ADD").await;
    assert_eq!(control.get("gateway").await["resumes"], 1);
}

#[tokio::test]
async fn interactions_are_listed_with_what_became_of_them() {
    let control = Control::new().await;
    let rest = Rest::new(&control.sim);
    let application = control.sim.application_id();
    let path = format!("applications/{application}/commands");
    let command = json!({ "name": "rank", "description": "d" });
    let known = rest.post(&path, command).await.with(201);
    let mut bot = Gateway::identified(&control.sim, 0).await;
    let ann = control.guild.member("ann");
    let client = Rest::with_token(&control.sim, &format!("user {}", ann.id()));
    let use_it = async |nonce: &str| {
        let body = json!({ "type": 2, "application_id": application,
            "guild_id": control.guild.id(), "nonce": nonce,
            "channel_id": control.guild.channel("general").id(),
            "data": { "id": known["id"], "name": "rank", "type": 1 } });
        client.post("interactions", body).await.with(204);
    };
    use_it("1").await;
    let heard = bot.event("INTERACTION_CREATE").await;
    let open = control.get("interactions?nonce=1").await;
    assert_eq!(
        (&open[0]["state"], &open[0]["answer"]),
        (&json!("pending"), &Value::Null)
    );
    let waited = control.get("interactions?nonce=1&wait_ms=10000");
    let answered = async {
        let (id, token) = (
            heard["id"].as_str().unwrap(),
            heard["token"].as_str().unwrap(),
        );
        let body = json!({ "type": 4, "data": { "content": "number 1", "flags": 64 } });
        let path = format!("interactions/{id}/{token}/callback");
        rest.post(&path, body).await.with(204);
    };
    let (waited, ()) = tokio::join!(waited, answered);
    assert_eq!(waited[0]["state"], "answered");
    assert_eq!(waited[0]["answer"]["message"]["content"], "number 1");

    use_it("2").await;
    control
        .post("clock", json!({ "seconds": 4 }))
        .await
        .with(200);
    let failed = control.get("interactions?nonce=2&wait_ms=10000").await;
    assert_eq!(failed[0]["state"], "failed");
    assert_eq!(
        control.get("interactions").await.as_array().map(Vec::len),
        Some(2)
    );
    let wrong = control
        .call(Method::GET, "interactions?limit=1", None)
        .await;
    wrong.refused(400, 50035);
}

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
async fn the_transcript_and_the_gaps_are_read_as_json() {
    let control = Control::new().await;
    control.guild.member("ann").says("hello").await;
    let lines = control.get("transcript?since=1").await;
    assert_eq!(lines.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&lines[0]["deed"], &lines[0]["text"]),
        (&json!("said"), &json!("hello"))
    );
    let rest = Rest::new(&control.sim);
    rest.get("nothing/here").await.with(501);
    let gaps = control.get("gaps").await;
    assert_eq!(gaps["gaps"], json!(["GET nothing/here: unknown route"]));
    assert_eq!(control.get("requests").await[0]["path"], "nothing/here");
    let nowhere = control.call(Method::GET, "nowhere", None).await;
    nowhere.refused(404, 0);
    let wrong = control.call(Method::PUT, "clock", None).await;
    wrong.refused(404, 0);
}
