//! What a client may not do too often, and what it must not forget.

use std::time::Duration;

use cogsmith_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Gateway, Heard, INTENTS, Rest, identify};
use crate::clock::Clock;

#[tokio::test]
async fn who_misses_heartbeats_is_dropped_with_the_session() {
    let beat = Duration::from_millis(40);
    let builder = Simulator::builder().heartbeat_interval(beat);
    let sim = builder.heartbeat_grace(beat).start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    assert_eq!(bot.hear().await, Heard::Closed(Some(4009)));
    let mut bot = Gateway::resuming(&sim, &bot.session, bot.sequence).await;
    assert_eq!(bot.frame().await, json!({ "op": 9, "d": false }));
    assert_eq!(bot.hear().await, Heard::Closed(Some(4009)));
}

#[tokio::test]
async fn who_beats_stays_connected() {
    let beat = Duration::from_millis(40);
    let builder = Simulator::builder().heartbeat_interval(beat);
    let grace = Duration::from_secs(5);
    let sim = builder.heartbeat_grace(grace).start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    let mut ticks = tokio::time::interval(beat);
    for _ in 0..10 {
        ticks.tick().await;
        assert_eq!(bot.events().await, [""; 0]);
    }
    assert_eq!(sim.connections().len(), 1);
}

#[tokio::test]
async fn the_121st_frame_of_a_minute_is_one_too_many() {
    let clock = Clock::new();
    let sim = Simulator::builder().now(clock.now()).start().await.unwrap();
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    for _ in 0..119 {
        bot.events().await;
    }
    clock.advance(60);
    for _ in 0..120 {
        bot.events().await;
    }
    bot.send(&json!({ "op": 1, "d": null })).await;
    assert_eq!(bot.hear().await, Heard::Closed(Some(4008)));
    let mut bot = Gateway::resuming(&sim, &bot.session, bot.sequence).await;
    bot.event("RESUMED").await;
}

async fn start_limit(sim: &Simulator) -> Value {
    let answer = Rest::new(sim).get("gateway/bot").await;
    answer.with(200)["session_start_limit"].take()
}

#[tokio::test]
async fn starts_are_counted_down_and_the_last_one_too_many_ends_every_session() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).session_starts(2);
    let sim = builder.max_concurrency(4).start().await.unwrap();
    let limit = |remaining: u64, reset_after: u64| {
        json!({
            "total": 2,
            "remaining": remaining,
            "reset_after": reset_after,
            "max_concurrency": 4,
        })
    };
    assert_eq!(start_limit(&sim).await, limit(2, 0));
    let mut first = Gateway::identified(&sim, INTENTS).await;
    clock.advance(400);
    assert_eq!(start_limit(&sim).await, limit(1, 86_000_000));
    let mut second = Gateway::identified(&sim, INTENTS).await;
    let mut third = Gateway::connect(&sim).await;
    third.send(&identify(&sim.token(), INTENTS)).await;
    for bot in [&mut first, &mut second, &mut third] {
        assert_eq!(bot.hear().await, Heard::Closed(Some(4004)));
    }
    assert_eq!(start_limit(&sim).await, limit(0, 86_000_000));
    clock.advance(86_000);
    assert_eq!(start_limit(&sim).await, limit(2, 0));
    Gateway::identified(&sim, INTENTS).await;
}

#[tokio::test]
async fn shards_of_one_bucket_identify_one_after_the_other_where_limits_bite() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.max_concurrency(2).start().await.unwrap();
    let start = async |shard: u64| {
        let mut bot = Gateway::connect(&sim).await;
        let mut frame = identify(&sim.token(), 0);
        frame["d"]["shard"] = json!([shard, 4]);
        bot.send(&frame).await;
        bot.frame().await["op"].as_u64().unwrap()
    };
    assert_eq!([start(0).await, start(1).await], [0, 0]);
    assert_eq!([start(2).await, start(3).await], [9, 9]);
    clock.advance(5);
    assert_eq!([start(2).await, start(3).await], [0, 0]);
    assert_eq!(sim.identifies(), 4);
}

#[tokio::test]
async fn a_shard_of_too_many_guilds_must_be_split() {
    let sim = Simulator::builder().start().await.unwrap();
    for number in 0..2501 {
        sim.guild(&format!("guild {number}"));
    }
    let mut bot = Gateway::connect(&sim).await;
    bot.send(&identify(&sim.token(), 0)).await;
    assert_eq!(bot.hear().await, Heard::Closed(Some(4011)));
    let mut bot = Gateway::connect(&sim).await;
    let mut frame = identify(&sim.token(), 0);
    frame["d"]["shard"] = json!([0, 3]);
    bot.send(&frame).await;
    bot.event("READY").await;
    let told = Rest::new(&sim).get("gateway/bot").await.with(200);
    assert_eq!(told["shards"], 3);
}

#[tokio::test]
async fn the_simulators_own_clock_moves_every_deadline() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.start().await.unwrap();
    let before = sim.now();
    let path = format!(
        "channels/{}/messages",
        sim.guild("Rustaceans").channel("general").id()
    );
    let rest = Rest::new(&sim);
    let post = async || rest.post(&path, json!({ "content": "hello" })).await;
    for _ in 0..5 {
        post().await.with(200);
    }
    post().await.with(429);
    sim.advance(Duration::from_secs(5)).await.unwrap();
    assert_eq!(sim.now() - before, chrono::TimeDelta::seconds(5));
    let posted = post().await.with(200);
    assert_eq!(posted["timestamp"], "2026-03-02T09:00:05.000000+00:00");
}

#[tokio::test]
async fn quiet_is_when_all_is_sent_and_nobody_waits_and_a_time_out_names_what_is_pending() {
    let builder = Simulator::builder().patience(Duration::from_millis(300));
    let sim = builder.start().await.unwrap();
    let ann = sim.guild("Rustaceans").member("ann");
    let rest = Rest::new(&sim);
    let path = format!("applications/{}/commands", sim.application_id());
    let rank = json!({ "name": "rank", "description": "x" });
    rest.post(&path, rank).await.with(201);
    let mut bot = Gateway::identified(&sim, INTENTS).await;
    bot.events().await;
    for _ in 0..500 {
        ann.says("hello").await;
    }
    sim.quiet().await.unwrap();
    assert_eq!(sim.unsent(), [""; 0]);

    ann.try_slash("/rank").await.unwrap_err();
    let error = sim.quiet().await.unwrap_err().to_string();
    assert!(error.contains("pending: [/rank unanswered]"), "{error}");
    sim.advance(Duration::from_secs(4)).await.unwrap();

    for _ in 0..5000 {
        ann.says(&"x".repeat(2000)).await;
    }
    let error = sim.quiet().await.unwrap_err().to_string();
    assert!(error.contains("unsent: [shard 0: "), "{error}");
}

#[tokio::test]
async fn slow_mode_holds_back_who_does_not_manage() {
    let sim = Simulator::builder().start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let (ann, general) = (guild.member("ann"), guild.channel("general"));
    let rest = Rest::new(&sim);
    let channel = format!("channels/{}", general.id());
    let slow = json!({ "rate_limit_per_user": 60 });
    rest.patch(&channel, slow).await.with(200);
    let person = Rest::with_token(&sim, &format!("user {}", ann.id()));
    let (say, words) = (format!("{channel}/messages"), json!({ "content": "x" }));
    person.post(&say, words.clone()).await.with(200);
    let refused = person.post(&say, words.clone()).await;
    assert_eq!(refused.headers["retry-after"], "60");
    let refused = refused.refused(429, 20016);
    assert!(refused["retry_after"].as_f64().unwrap() > 50.0, "{refused}");
    for _ in 0..2 {
        rest.post(&say, words.clone()).await.with(200);
    }
    sim.advance(Duration::from_secs(60)).await.unwrap();
    person.post(&say, words).await.with(200);
}
