//! Rate limits of REST: told always, and enforced where a test wants them to be.

use cogsmith_simulator::Simulator;
use serde_json::{Value, json};

use crate::client::{Answered, Rest};
use crate::clock::Clock;

fn told(answer: &Answered, name: &str) -> String {
    let value = answer.headers.get(name).map(|it| it.to_str().unwrap());
    value.unwrap_or("").to_owned()
}

async fn posted(rest: &Rest, path: &str) -> Answered {
    rest.post(path, json!({ "content": "hello" })).await
}

#[tokio::test]
async fn without_the_mode_nothing_bites_and_buckets_are_told_as_full() {
    let clock = Clock::new();
    let sim = Simulator::builder().now(clock.now()).start().await.unwrap();
    let general = sim.guild("Rustaceans").channel("general").id();
    let rest = Rest::new(&sim);
    for _ in 0..60 {
        let answer = posted(&rest, &format!("channels/{general}/messages")).await;
        assert_eq!(told(&answer, "x-ratelimit-remaining"), "49");
        answer.with(200);
    }
}

#[tokio::test]
async fn a_route_is_limited_per_channel_and_free_again_when_its_time_is_over() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let path = format!("channels/{}/messages", guild.channel("general").id());
    let other = format!("channels/{}/messages", guild.channel("news").id());
    let rest = Rest::new(&sim);
    for remaining in (0..5).rev() {
        let answer = posted(&rest, &path).await;
        assert_eq!(told(&answer, "x-ratelimit-limit"), "5");
        assert_eq!(
            told(&answer, "x-ratelimit-remaining"),
            remaining.to_string()
        );
        assert_eq!(told(&answer, "x-ratelimit-reset"), "1772442005.000");
        assert_eq!(told(&answer, "x-ratelimit-reset-after"), "5.000");
        answer.with(200);
    }
    clock.advance(2);
    let refused = posted(&rest, &path).await;
    assert_eq!(told(&refused, "retry-after"), "3");
    assert_eq!(told(&refused, "x-ratelimit-scope"), "user");
    assert_eq!(told(&refused, "x-ratelimit-global"), "");
    let expected = json!({
        "message": "You are being rate limited.", "retry_after": 3.0, "global": false,
    });
    assert_eq!(refused.with(429), expected);
    posted(&rest, &other).await.with(200);
    assert_eq!(guild.channel("general").messages().len(), 5);
    clock.advance(3);
    posted(&rest, &path).await.with(200);
}

#[tokio::test]
async fn fifty_requests_a_second_are_enough_for_anything_but_interactions() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.start().await.unwrap();
    let rest = Rest::new(&sim);
    for id in 0..50 {
        rest.get(&format!("channels/{id}"))
            .await
            .refused(404, 10003);
    }
    let refused = rest.get("users/@me").await;
    assert_eq!(told(&refused, "x-ratelimit-scope"), "global");
    assert_eq!(told(&refused, "x-ratelimit-global"), "true");
    assert_eq!(refused.with(429)["global"], true);
    let callback = rest
        .post("interactions/1/x/callback", json!({ "type": 5 }))
        .await;
    assert_eq!(told(&callback, "x-ratelimit-limit"), "");
    callback.refused(404, 10062);
    rest.get("webhooks/1/x/messages/@original")
        .await
        .refused(404, 10015);
    clock.advance(1);
    rest.get("users/@me").await.with(200);
}

#[tokio::test]
async fn a_shared_limit_is_that_of_the_resource() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.start().await.unwrap();
    let path = format!("guilds/{}/emojis", sim.guild("Rustaceans").id());
    let rest = Rest::new(&sim);
    let mut refused = None;
    for _ in 0..51 {
        clock.advance(1);
        refused = Some(rest.post(&path, Value::Null).await);
    }
    let refused = refused.unwrap();
    assert_eq!(told(&refused, "x-ratelimit-scope"), "shared");
    assert_eq!(told(&refused, "retry-after"), "3550");
    refused.with(429);
}

#[tokio::test]
async fn a_bucket_is_named_by_its_route_alone_and_counted_per_resource() {
    let clock = Clock::new();
    let builder = Simulator::builder().now(clock.now()).rate_limits(true);
    let sim = builder.start().await.unwrap();
    let guild = sim.guild("Rustaceans");
    let (general, news) = (guild.channel("general").id(), guild.channel("news").id());
    let rest = Rest::new(&sim);
    let bucket = async |path: &str| told(&rest.put(path, Value::Null).await, "x-ratelimit-bucket");
    let fire = bucket(&format!("channels/{general}/messages/1/reactions/🔥/@me")).await;
    for other in [
        format!("channels/{news}/messages/1/reactions/🔥/@me"),
        format!("channels/{general}/messages/2/reactions/👍/@me"),
    ] {
        assert_eq!(bucket(&other).await, fire, "{other}");
    }
    clock.advance(1);
    let reaction = |channel, emoji| format!("channels/{channel}/messages/1/reactions/{emoji}/@me");
    for (path, status) in [
        (reaction(general, "🔥"), 404),
        (reaction(general, "👍"), 429),
        (reaction(news, "👍"), 404),
    ] {
        rest.put(&path, Value::Null).await.with(status);
    }
}
