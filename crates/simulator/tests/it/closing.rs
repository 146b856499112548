//! Close codes: what a client must not do, and what a test does to it.

use cogsmith_simulator::{Intents, Simulator};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Gateway, Heard, INTENTS, identify};

/// Sends frames on a fresh connection and expects to be closed with this code.
async fn check(sim: &Simulator, frames: &[Message], code: u16) {
    let mut bot = Gateway::connect(sim).await;
    for frame in frames {
        bot.send_raw(frame.clone()).await;
    }
    loop {
        match bot.hear().await {
            Heard::Frame(_) => {}
            end => {
                assert_eq!(end, Heard::Closed(Some(code)), "{frames:?}");
                return;
            }
        }
    }
}

fn text(frame: &Value) -> Message {
    Message::text(frame.to_string())
}

fn changed(sim: &Simulator, change: impl Fn(&mut Value)) -> Message {
    let mut frame = identify(&sim.token(), INTENTS);
    change(&mut frame["d"]);
    text(&frame)
}

#[tokio::test]
async fn each_misuse_has_its_code() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_PRESENCES);
    let sim = builder.start().await.unwrap();
    let good = text(&identify(&sim.token(), INTENTS));
    let connected = Gateway::identified(&sim, INTENTS).await;
    let session = &connected.session;
    let resume = |token: &str, seq| {
        text(&json!({ "op": 6, "d": { "token": token, "session_id": session, "seq": seq } }))
    };

    check(&sim, &[text(&json!({ "op": 99 }))], 4001).await;
    check(&sim, &[good.clone(), text(&json!({ "op": 0 }))], 4001).await;
    check(&sim, &[Message::text("{")], 4002).await;
    check(&sim, &[Message::text("{}")], 4002).await;
    check(&sim, &[Message::binary(vec![0xff])], 4002).await;
    check(&sim, &[Message::text("x".repeat(4097))], 4002).await;
    check(&sim, &[text(&json!({ "op": 2, "d": {} }))], 4002).await;
    check(
        &sim,
        &[changed(&sim, |it| it["properties"] = Value::Null)],
        4002,
    )
    .await;
    check(
        &sim,
        &[good.clone(), text(&json!({ "op": 3, "d": 1 }))],
        4002,
    )
    .await;
    let odd = json!({ "status": "online", "activities": [false] });
    let shown = changed(&sim, |it| it["presence"] = odd.clone());
    check(&sim, &[shown], 4002).await;
    let shown = text(&json!({ "op": 3, "d": odd }));
    check(&sim, &[good.clone(), shown], 4002).await;
    check(
        &sim,
        &[good.clone(), text(&json!({ "op": 8, "d": {} }))],
        4002,
    )
    .await;
    check(&sim, &[text(&json!({ "op": 3, "d": {} }))], 4003).await;
    check(&sim, &[text(&json!({ "op": 8, "d": {} }))], 4003).await;
    check(&sim, &[changed(&sim, |it| it["token"] = json!("x"))], 4004).await;
    check(&sim, &[resume("x", 0)], 4004).await;
    check(&sim, &[good.clone(), good.clone()], 4005).await;
    check(&sim, &[good.clone(), resume(&sim.token(), 0)], 4005).await;
    check(&sim, &[resume(&sim.token(), 1_000_000)], 4007).await;
    check(
        &sim,
        &[changed(&sim, |it| it["shard"] = json!([2, 2]))],
        4010,
    )
    .await;
    check(&sim, &[changed(&sim, |it| it["shard"] = json!([0]))], 4010).await;
    check(
        &sim,
        &[changed(&sim, |it| it["intents"] = json!(1_u64 << 40))],
        4013,
    )
    .await;
    check(
        &sim,
        &[changed(&sim, |it| it["intents"] = json!(1 << 8))],
        4014,
    )
    .await;
}

#[tokio::test]
async fn an_old_version_is_closed_and_an_unknown_transport_refused_as_a_gap() {
    let sim = Simulator::builder().start().await.unwrap();
    let (mut socket, _) = connect_async(format!("{}/?v=6", sim.gateway_url()))
        .await
        .unwrap();
    let closed = futures_util::StreamExt::next(&mut socket)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(closed, Message::Close(Some(frame)) if frame.code == 4012.into()));
    for query in ["encoding=etf", "compress=zstd-stream"] {
        let url = format!("{}/?v=10&{query}", sim.gateway_url());
        assert!(connect_async(url).await.is_err());
    }
    assert_eq!(
        sim.gaps(),
        ["gateway encoding=etf", "gateway compress=zstd-stream"]
    );
}

#[tokio::test]
async fn a_test_closes_with_any_code_and_with_none_and_cuts() {
    let sim = Simulator::builder().start().await.unwrap();
    for code in [4000, 4003, 4009] {
        let mut bot = Gateway::identified(&sim, 0).await;
        sim.close(Some(code));
        assert_eq!(bot.hear().await, Heard::Closed(Some(code)));
        sim.until(|sim| sim.connections().is_empty()).await;
    }
    let mut bot = Gateway::identified(&sim, 0).await;
    sim.close(None);
    assert_eq!(bot.hear().await, Heard::Closed(None));
    sim.until(|sim| sim.connections().is_empty()).await;
    let mut bot = Gateway::identified(&sim, 0).await;
    sim.cut();
    assert_eq!(bot.hear().await, Heard::Gone);
    assert_eq!(sim.identifies(), 5);
}
