//! How frames look on the wire: text, one compressed stream, or large frames compressed alone.

use cogsmith_simulator::Simulator;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Gateway, INTENTS, identify, parse_event};

#[tokio::test]
async fn a_connection_may_be_one_compressed_stream() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let mut bot = Gateway::connect_compressed(&sim).await;
    bot.send(&identify(&sim.token(), INTENTS)).await;
    bot.event("READY").await;
    bot.event("GUILD_CREATE").await;
    let ann = guild.member("ann");
    bot.event("GUILD_MEMBER_ADD").await;
    bot.event("MESSAGE_CREATE").await;
    for length in [1, 2000, 7, 1999] {
        let text = "é".repeat(length);
        ann.says(&text).await;
        assert_eq!(bot.event("MESSAGE_CREATE").await["content"], text);
    }
    assert_eq!(bot.events().await, [""; 0]);
}

#[tokio::test]
async fn each_connection_has_its_own_stream() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut former = Gateway::connect_compressed(&sim).await;
    former.send(&identify(&sim.token(), INTENTS)).await;
    former.event("READY").await;
    let mut plain = Gateway::identified(&sim, INTENTS).await;
    let mut other = Gateway::connect_compressed(&sim).await;
    other.send(&identify(&sim.token(), INTENTS)).await;
    other.event("READY").await;
    sim.guild("Rustaceans");
    for bot in [&mut former, &mut plain, &mut other] {
        bot.event("GUILD_CREATE").await;
    }
}

/// Which of READY and GUILD_CREATE comes as text, for a client that identifies this way.
async fn texts(sim: &Simulator, compress: bool) -> Vec<bool> {
    let (mut socket, _) = connect_async(format!("{}/?v=10&encoding=json", sim.gateway_url()))
        .await
        .unwrap();
    assert!(socket.next().await.unwrap().unwrap().is_text());
    let mut frame = identify(&sim.token(), 1 | 1 << 8);
    frame["d"]["compress"] = compress.into();
    frame["d"]["large_threshold"] = 250.into();
    let frame = Message::text(frame.to_string());
    socket.send(frame).await.unwrap();
    let heard = socket.take(2).map(|it| {
        let frame = it.unwrap();
        frame.to_text().into_iter().for_each(parse_event);
        frame.is_text()
    });
    heard.collect().await
}

#[tokio::test]
async fn large_frames_are_compressed_for_who_asks_when_identifying() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    for number in 0..40 {
        guild.member(&format!("person {number}"));
    }
    assert_eq!(texts(&sim, false).await, [true, true]);
    assert_eq!(texts(&sim, true).await, [true, false]);
    let mut bot = Gateway::connect(&sim).await;
    let mut frame = identify(&sim.token(), 1 | 1 << 8);
    frame["d"]["compress"] = true.into();
    bot.send(&frame).await;
    bot.event("READY").await;
    let home = bot.event("GUILD_CREATE").await;
    assert_eq!(home["members"].as_array().unwrap().len(), 42);
}
