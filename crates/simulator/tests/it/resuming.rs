//! Sessions outlive their sockets.

use cogsmith_simulator::Simulator;
use serde_json::json;

use crate::client::{Gateway, Heard, INTENTS, identify};

#[tokio::test]
async fn what_happened_while_the_bot_was_away_is_replayed_in_order() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let ann = guild.member("ann");
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    ann.says("heard").await;
    bot.event("MESSAGE_CREATE").await;
    let (session, heard) = (bot.session.clone(), bot.sequence);
    sim.cut();
    assert_eq!(bot.hear().await, Heard::Gone);
    sim.until(|sim| sim.connections().is_empty()).await;
    for number in 0..200 {
        ann.says(&format!("missed {number}")).await;
    }
    let mut bot = Gateway::resuming(&sim, &session, heard).await;
    for number in 0..200 {
        let message = bot.event("MESSAGE_CREATE").await;
        assert_eq!(message["content"], format!("missed {number}"));
    }
    bot.event("RESUMED").await;
    ann.says("live").await;
    assert_eq!(bot.event("MESSAGE_CREATE").await["content"], "live");
    assert_eq!((sim.identifies(), sim.resumes()), (1, 1));
    assert!(sim.connections()[0].resumed);
}

#[tokio::test]
async fn a_bot_may_resume_from_before_what_it_heard() {
    let sim = Simulator::builder().start().await.unwrap();
    sim.guild("Rustaceans");
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.event("GUILD_CREATE").await;
    let session = bot.session.clone();
    for _ in 0..2 {
        let mut bot = Gateway::resuming(&sim, &session, 0).await;
        bot.event("READY").await;
        bot.event("GUILD_CREATE").await;
        bot.event("RESUMED").await;
    }
}

#[tokio::test]
async fn the_socket_that_resumes_takes_the_session_over() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut former = Gateway::identified(&sim, INTENTS).await;
    let mut bot = Gateway::resuming(&sim, &former.session, former.sequence).await;
    bot.event("RESUMED").await;
    assert_eq!(former.hear().await, Heard::Gone);
    assert_eq!(sim.connections().len(), 1);
    sim.redeliver_ready();
    bot.event("READY").await;
}

#[tokio::test]
async fn an_unknown_session_is_invalid_and_the_bot_may_identify_at_once() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::resuming(&sim, "unknown", 3).await;
    assert_eq!(bot.frame().await, json!({ "op": 9, "d": false }));
    bot.send(&identify(&sim.token(), INTENTS)).await;
    bot.event("READY").await;
}

#[tokio::test]
async fn a_session_closed_for_good_by_the_bot_is_gone_and_any_other_stays() {
    let sim = Simulator::builder().start().await.unwrap();
    for (code, answer) in [(1000, 9), (1001, 9), (4000, 0), (3000, 0)] {
        let bot = Gateway::identified(&sim, INTENTS).await;
        let (session, sequence) = (bot.session.clone(), bot.sequence);
        bot.close(code).await;
        sim.until(|sim| sim.connections().is_empty()).await;
        let mut bot = Gateway::resuming(&sim, &session, sequence).await;
        assert_eq!(bot.frame().await["op"], answer, "after {code}");
        bot.close(1000).await;
        sim.until(|sim| sim.connections().is_empty()).await;
    }
}

#[tokio::test]
async fn op_7_asks_to_reconnect_and_the_session_can_be_resumed() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    sim.reconnect();
    assert_eq!(bot.frame().await["op"], 7);
    let mut bot = Gateway::resuming(&sim, &bot.session, bot.sequence).await;
    bot.event("RESUMED").await;
}

#[tokio::test]
async fn op_9_says_whether_the_session_can_be_resumed_and_means_it() {
    let sim = Simulator::builder().start().await.unwrap();
    for (resumable, answer) in [(true, 0), (false, 9)] {
        let mut bot = Gateway::identified(&sim, INTENTS).await;
        sim.invalid_session(resumable);
        assert_eq!(bot.frame().await, json!({ "op": 9, "d": resumable }));
        let mut bot = Gateway::resuming(&sim, &bot.session, bot.sequence).await;
        assert_eq!(bot.frame().await["op"], answer);
    }
}

#[tokio::test]
async fn of_sessions_that_nobody_came_back_to_only_the_newest_stay() {
    let sim = Simulator::builder().start().await.unwrap();
    let mut sessions = Vec::new();
    for _ in 0..6 {
        let bot = Gateway::identified(&sim, INTENTS).await;
        sessions.push(bot.session.clone());
        bot.close(4000).await;
        sim.until(|sim| sim.connections().is_empty()).await;
    }
    let mut oldest = Gateway::resuming(&sim, &sessions[0], 1).await;
    assert_eq!(oldest.frame().await["op"], 9);
    let mut newest = Gateway::resuming(&sim, &sessions[5], 1).await;
    newest.event("RESUMED").await;
}

#[tokio::test]
async fn a_client_that_never_reads_disturbs_nobody() {
    let sim = Simulator::builder().start().await.unwrap();
    let ann = sim.guild("Rustaceans").member("ann");
    let deaf = Gateway::identified(&sim, 1 << 9 | 1 << 15).await;
    let mut bot = Gateway::identified(&sim, 1 << 9 | 1 << 15).await;
    let long = "x".repeat(2000);
    for _ in 0..2000 {
        ann.says(&long).await;
        bot.event("MESSAGE_CREATE").await;
    }
    assert_eq!(bot.sequence, 2001);
    drop(deaf);
    sim.until(|sim| sim.connections().len() == 1).await;
}
