//! Frames and bodies that no client would send: never a panic, always an answer in Discord's form.

use cogsmith_simulator::Simulator;
use proptest::collection::{hash_map, vec};
use proptest::prelude::*;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Gateway, Heard, INTENTS};

const CASES: u32 = 150;

/// Keys that mean something somewhere, so that garbage gets past the first check.
const KEYS: [&str; 48] = [
    "op",
    "d",
    "token",
    "intents",
    "properties",
    "shard",
    "session_id",
    "seq",
    "status",
    "since",
    "activities",
    "guild_id",
    "channel_id",
    "user_ids",
    "query",
    "limit",
    "nonce",
    "content",
    "embeds",
    "title",
    "description",
    "fields",
    "name",
    "value",
    "footer",
    "text",
    "components",
    "type",
    "custom_id",
    "label",
    "style",
    "options",
    "data",
    "flags",
    "allowed_mentions",
    "parse",
    "users",
    "message_reference",
    "message_id",
    "enforce_nonce",
    "choices",
    "required",
    "permissions",
    "roles",
    "nick",
    "attachments",
    "id",
    "recipient_id",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..20).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(|it| it.to_string().into()),
        "\\PC{0,12}".prop_map(Value::from),
        "(@everyone|<@1>|<@&>|<t:9:R>|<t:99999999999999999:R>)".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let key = proptest::sample::select(&KEYS[..]);
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            hash_map(key, inner, 0..8).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(fields.collect::<Map<_, _>>())
            }),
        ]
    })
}

/// Something that may be a frame, and mostly is one of the operations that exist.
fn frame() -> impl Strategy<Value = Message> {
    prop_oneof![
        4 => (0_u64..33, value()).prop_map(|(op, data)| {
            Message::text(json!({ "op": op, "d": data }).to_string())
        }),
        1 => value().prop_map(|it| Message::text(it.to_string())),
        1 => "\\PC{0,40}".prop_map(Message::text),
        1 => vec(any::<u8>(), 0..60).prop_map(Message::binary),
    ]
}

/// Sends the frames until the connection is closed, which must be for a documented reason.
async fn send_all(sim: &Simulator, identified: bool, frames: Vec<Message>) {
    let mut bot = match identified {
        true => Gateway::identified(sim, INTENTS).await,
        false => Gateway::connect(sim).await,
    };
    for frame in frames {
        bot.send_raw(frame).await;
        bot.send_raw(Message::text(r#"{"op":1,"d":null}"#)).await;
        loop {
            match bot.hear().await {
                Heard::Frame(frame) if frame["op"] == 11 => break,
                Heard::Frame(_) => {}
                Heard::Closed(code) => {
                    let is_documented = code.is_some_and(|it| (4000..=4014).contains(&it));
                    assert!(is_documented, "{code:?}");
                    return;
                }
                Heard::Gone => panic!("cut off without a word"),
            }
        }
    }
    bot.close(4000).await;
}

#[test]
fn any_frame_is_answered_or_closed_for_a_documented_reason() {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Simulator::builder().session_starts(100_000).start());
    let sim = sim.unwrap();
    sim.guild("Rustaceans").member("ann");
    let config = ProptestConfig::with_cases(CASES);
    proptest!(config, |(identified in any::<bool>(), frames in vec(frame(), 1..8))| {
        runtime.block_on(send_all(&sim, identified, frames));
    });
}

/// Routes with a body; `G`, `C`, `A` and `U` stand for guild, channel, application and person.
const ROUTES: [(&str, &str); 16] = [
    ("POST", "channels/C/messages"),
    ("PATCH", "channels/C/messages/1"),
    ("PATCH", "channels/C"),
    ("POST", "channels/C/threads"),
    ("POST", "channels/C/invites"),
    ("POST", "channels/C/messages/bulk-delete"),
    ("PUT", "channels/C/permissions/U"),
    ("POST", "users/@me/channels"),
    ("PUT", "applications/A/commands"),
    ("POST", "applications/A/guilds/G/commands"),
    ("POST", "interactions/1/x/callback"),
    ("POST", "webhooks/A/x"),
    ("PATCH", "guilds/G"),
    ("POST", "guilds/G/roles"),
    ("PATCH", "guilds/G/members/U"),
    ("POST", "guilds/G/scheduled-events"),
];

#[test]
fn any_body_is_taken_or_refused_in_discords_form() {
    let runtime = Runtime::new().unwrap();
    let sim = runtime.block_on(Simulator::builder().start()).unwrap();
    let guild = sim.guild("Rustaceans");
    let ids = [
        ("G", guild.id()),
        ("C", guild.channel("general").id()),
        ("A", sim.application_id()),
        ("U", guild.member("ann").id()),
    ];
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let send = async |method: &str, route: &str, body: String| {
        let mut parts: Vec<_> = route.split('/').map(str::to_owned).collect();
        for (letter, id) in ids {
            let named = parts.iter_mut().filter(|it| *it == letter);
            named.for_each(|it| *it = id.to_string());
        }
        let url = format!("{}/api/v10/{}", sim.api_url(), parts.join("/"));
        let request = client.request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        let request = request.header("Authorization", format!("Bot {}", sim.token()));
        let request = request.header("Content-Type", "application/json");
        let answer = request.body(body).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let body = prop_oneof![
        8 => value().prop_map(|it| it.to_string()),
        1 => "\\PC{0,60}",
    ];
    let route = proptest::sample::select(&ROUTES[..]);
    let config = ProptestConfig::with_cases(4 * CASES);
    proptest!(config, |((method, route) in route, body in body)| {
        let (status, text) = runtime.block_on(send(method, route, body));
        if status < 300 {
            return Ok(());
        }
        let refusal: Value = serde_json::from_str(&text).unwrap();
        prop_assert!(matches!(status, 400..=499 | 501), "{status}: {refusal:#}");
        prop_assert!(refusal["code"].is_u64() && refusal["message"].is_string(), "{refusal:#}");
    });
}
