//! `/_sim/`: how a test in any language moves the world around a bot.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_simulator::{Guild, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answered, Gateway, Heard, INTENTS, Rest};

/// A simulator, and requests that control it.
pub(crate) struct Control {
    pub(crate) sim: Simulator,
    pub(crate) guild: Guild,
    client: reqwest::Client,
}

impl Control {
    pub(crate) async fn new() -> Self {
        let sim = Simulator::builder().start().await.unwrap();
        Self {
            guild: sim.guild("Rustaceans"),
            sim,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
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

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, None).await.with(200)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
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
}

#[tokio::test]
async fn moving_the_clock_waits_until_all_is_quiet_and_says_what_is_not() {
    let control = Control::new().await;
    let ann = control.guild.member("ann");
    let command = json!({ "name": "rank", "description": "d" });
    let path = format!("applications/{}/commands", control.sim.application_id());
    let rest = Rest::new(&control.sim);
    rest.post(&path, command).await.with(201);
    let _bot = Gateway::identified(&control.sim, 0).await;
    let moved = control.post("clock", json!({ "seconds": 1 })).await;
    let moved = moved.with(200);
    assert_eq!(
        (&moved["pending"], &moved["unsent"]),
        (&json!([]), &json!([]))
    );

    let waiting = tokio::spawn(async move { ann.try_slash("/rank").await });
    control.sim.until(|sim| !sim.pending().is_empty()).await;
    let order = json!({ "seconds": 1, "wait_ms": 0 });
    let moved = control.post("clock", order).await.with(200);
    assert_eq!(moved["pending"], json!(["/rank unanswered"]));
    let moved = control.post("clock", json!({ "seconds": 3 })).await;
    assert_eq!(moved.with(200)["pending"], json!([]));
    waiting.abort();
}

#[tokio::test]
async fn an_order_that_is_not_understood_says_what_was_expected() {
    let control = Control::new().await;
    let past = json!({ "until": "2020-01-01T00:00:00Z" });
    for (path, body, at, expected) in [
        ("clock", json!({ "seconds": -1 }), "seconds", "0 to"),
        ("clock", json!({ "seconds": "9" }), "body", "expected f64"),
        ("clock", json!({}), "seconds", "either"),
        ("clock", json!({ "until": "soon" }), "until", "such as"),
        ("clock", past, "until", "after now"),
        ("faults", json!({}), "status", "`delay_ms`"),
        ("faults", json!({ "status": 99 }), "status", "200 to 599"),
        ("faults", json!({ "statu": 500 }), "body", "unknown field"),
        (
            "faults",
            json!({ "status": 500, "times": 0 }),
            "times",
            "at least 1",
        ),
        (
            "faults",
            json!({ "status": 500, "scope": "shared" }),
            "scope",
            "`status` 429",
        ),
        (
            "faults",
            json!({ "delay_ms": 1, "code": 50013 }),
            "status",
            "`code`",
        ),
        (
            "gateway",
            json!({ "action": "explode" }),
            "body",
            "unknown variant",
        ),
        (
            "gateway",
            json!({ "action": "close", "code": 9 }),
            "code",
            "1000",
        ),
        ("people", json!({ "name": "" }), "name", "1 to 32"),
        (
            "people",
            json!({ "name": "zoe", "roles": ["1"] }),
            "roles",
            "guild_id",
        ),
        ("worlds", json!({ "guild": [] }), "body", "at least one"),
        (
            "voice",
            json!({ "guild_id": "x", "user_id": "1" }),
            "id",
            "snowflake",
        ),
    ] {
        let refused = control.post(path, body.clone()).await.refused(400, 50035);
        let found = refused["errors"][at]["_errors"][0]["message"].as_str();
        assert!(
            found.is_some_and(|it| it.contains(expected)),
            "{path} {body}: {refused}"
        );
    }
    for query in [
        "interactions?limit=1",
        "transcript?sinc=1",
        "transcript?since=x",
        "gateway?resume=1",
        "interactions?wait_ms=60001",
    ] {
        control
            .call(Method::GET, query, None)
            .await
            .refused(400, 50035);
    }
}

#[tokio::test]
async fn what_has_not_happened_yet_can_be_waited_for() {
    let control = Control::new().await;
    let (line, bots, ()) = tokio::join!(
        control.get("transcript?since=1&wait_ms=10000"),
        control.get("gateway?identifies=1&wait_ms=10000"),
        async {
            control.guild.member("ann").says("hello").await;
            Gateway::identified(&control.sim, 0).await;
        }
    );
    assert_eq!(line[0]["text"], "hello");
    assert_eq!(bots["identifies"], 1);
    let asked = Instant::now();
    let bots = control.get("gateway?resumes=1&wait_ms=60").await;
    assert_eq!(bots["resumes"], 0);
    assert!(asked.elapsed() >= Duration::from_millis(60));
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
    // Without it discord.py takes a 429 for a ban of its address, and gives up.
    assert_eq!(limited.headers["via"], "1.1 google");
    assert!(limited.with(429)["retry_after"].is_f64());

    for scope in ["user", "global", "shared"] {
        let fault = json!({ "status": 429, "scope": scope });
        control.post("faults", fault).await.with(200);
        let limited = rest.get("users/@me").await;
        assert_eq!(limited.headers["x-ratelimit-scope"], scope);
        let is_global = limited.headers.contains_key("x-ratelimit-global");
        assert_eq!(is_global, scope == "global");
        assert_eq!(limited.with(429)["global"], scope == "global");
    }

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
    let waited = control.get("interactions?nonce=1&follow_ups=1&wait_ms=10000");
    let answered = async {
        let (id, token) = (
            heard["id"].as_str().unwrap(),
            heard["token"].as_str().unwrap(),
        );
        let body = json!({ "type": 4, "data": { "content": "number 1", "flags": 64 } });
        let path = format!("interactions/{id}/{token}/callback");
        rest.post(&path, body).await.with(204);
        let path = format!("webhooks/{application}/{token}");
        let body = json!({ "content": "and more" });
        rest.post(&path, body).await.with(200);
    };
    let (waited, ()) = tokio::join!(waited, answered);
    assert_eq!(waited[0]["state"], "answered");
    assert_eq!(waited[0]["answer"]["message"]["content"], "number 1");
    assert_eq!(waited[0]["follow_ups"][0]["content"], "and more");

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
