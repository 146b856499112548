//! Many clients, and bad ones: the others notice nothing.

use std::time::Duration;

use cogsmith_simulator::Simulator;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Gateway, Heard, INTENTS, Rest, identify};

fn address(sim: &Simulator) -> &str {
    sim.api_url().trim_start_matches("http://")
}

#[tokio::test]
async fn a_thousand_connections_hear_the_same() {
    let sim = Simulator::builder().start().await.unwrap();
    let ann = sim.guild("Rustaceans").member("ann");
    let mut bots = Vec::new();
    for _ in 0..1000 {
        bots.push(Gateway::identified(&sim, 1 << 9 | 1 << 15).await);
    }
    assert_eq!(sim.connections().len(), 1000);
    for text in ["one", "two"] {
        ann.says(text).await;
    }
    for bot in &mut bots {
        for text in ["one", "two"] {
            assert_eq!(bot.event("MESSAGE_CREATE").await["content"], text);
        }
    }
    drop(bots);
    sim.until(|sim| sim.connections().is_empty()).await;
}

#[tokio::test]
async fn a_client_that_never_reads_is_dropped_when_its_heartbeats_are_missed() {
    let beat = Duration::from_millis(300);
    let builder = Simulator::builder().heartbeat_interval(beat);
    let sim = builder.heartbeat_grace(beat).start().await.unwrap();
    let ann = sim.guild("Rustaceans").member("ann");
    let mut deaf = Gateway::identified(&sim, 1 << 9 | 1 << 15).await;
    let long = "x".repeat(2000);
    for _ in 0..5000 {
        ann.says(&long).await;
    }
    sim.until(|sim| sim.connections().is_empty()).await;
    while let Heard::Frame(_) = deaf.hear().await {}
    let mut again = Gateway::resuming(&sim, &deaf.session, deaf.sequence).await;
    assert_eq!(again.frame().await, json!({ "op": 9, "d": false }));
}

#[tokio::test]
async fn a_whole_list_goes_only_as_fast_as_it_is_read() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    guild.fill(60_000);
    let mut bot = Gateway::identified(&sim, 1 << 1).await;
    let all = json!({ "guild_id": guild.id(), "query": "", "limit": 0 });
    bot.send(&json!({ "op": 8, "d": all })).await;
    let mut members = 0;
    for index in 0..61 {
        let chunk = bot.event("GUILD_MEMBERS_CHUNK").await;
        assert_eq!(
            (&chunk["chunk_index"], &chunk["chunk_count"]),
            (&json!(index), &json!(61))
        );
        members += chunk["members"].as_array().unwrap().len();
        // While nothing is read, only what fits between the two is on its way.
        assert!(sim.sent_sequence(0) <= bot.sequence + 30, "{index}");
    }
    assert_eq!(members, 60_002);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_in_discords_form() {
    let sim = Simulator::builder().start().await.unwrap();
    let general = sim.guild("Rustaceans").channel("general").id();
    let rest = Rest::new(&sim);
    let body = json!({ "content": "x".repeat(26 * 1024 * 1024) });
    let path = format!("channels/{general}/messages");
    let answer = rest.call(Method::POST, &path, Some(body)).await;
    answer.refused(413, 40005);
    rest.get("users/@me").await.with(200);
}

#[tokio::test]
async fn half_a_request_holds_nobody_up() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut slow = Vec::new();
    for start in [
        "POST /api/v10/channels/1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
        "GET /api/v10/users/@me HTTP/1.1\r\nHos",
        "GET /?v=10&encoding=json HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
    ] {
        for _ in 0..20 {
            let mut socket = TcpStream::connect(address(&sim)).await.unwrap();
            socket.write_all(start.as_bytes()).await.unwrap();
            slow.push(socket);
        }
    }
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    Rest::new(&sim).get("users/@me").await.with(200);
    sim.guild("Rustaceans");
    bot.event("GUILD_CREATE").await;
    drop(slow);
}

#[tokio::test]
async fn what_is_no_http_is_turned_away() {
    let sim = Simulator::builder().start().await.unwrap();
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01"[..],
        b"HELO\r\n\r\n",
        &[0xff; 4096],
    ] {
        let mut socket = TcpStream::connect(address(&sim)).await.unwrap();
        // It may be turned away before everything is written.
        let _ = socket.write_all(garbage).await;
        let _ = socket.shutdown().await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{garbage:?}");
    }
    Gateway::identified(&sim, INTENTS).await;
}

#[tokio::test]
async fn a_message_far_too_large_ends_only_its_own_connection() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    let mut bad = Gateway::connect(&sim).await;
    bad.send(&identify(&sim.token(), INTENTS)).await;
    bad.event("READY").await;
    bad.send_raw(Message::binary(vec![b'x'; 1024 * 1024])).await;
    assert_ne!(bad.hear().await, Heard::Frame(json!({ "op": 11 })));
    sim.until(|sim| sim.connections().len() == 1).await;
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn what_garbage_leaves_behind_is_bounded() {
    let sim = Simulator::builder().start().await.unwrap();
    let rest = Rest::new(&sim);
    let large = json!({ "x": "x".repeat(8 * 1024 * 1024) });
    for _ in 0..12 {
        let answer = rest
            .call(Method::POST, "nowhere", Some(large.clone()))
            .await;
        answer.with(501);
    }
    let kept = sim.requests();
    assert!(kept.len() < 12, "{}", kept.len());
    assert_eq!(kept.last().map(|it| it.body.clone()), Some(large));
    for number in 0..1100 {
        rest.get(&format!("nowhere/x{number}")).await.with(501);
    }
    assert_eq!(sim.gaps().len(), 1000);
}
