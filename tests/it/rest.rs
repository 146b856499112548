//! What becomes of requests when Discord limits them, fails, or loses the answer.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use cogsmith::{prelude::*, testing::TestBot};
use cogsmith_simulator::{FaultRule, Simulator};
use serde_json::json;
use serenity::{
    builder::CreateMessage,
    model::{channel::Nonce, id::ChannelId},
};

use crate::process::{Bot, Folder};

/// A module that counts how often it acted, and posts what its commands say.
struct Poster {
    acted: Arc<AtomicU64>,
}

impl Module for Poster {
    const NAME: &'static str = "poster";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self {
            acted: Arc::default(),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([act(), post(), shout()]);
    }
}

/// Acts, and says so.
#[command(slash_command)]
async fn act(ctx: Context<'_>) -> Result<()> {
    let acted = &ctx.module::<Poster>().acted;
    acted.fetch_add(1, Ordering::Relaxed);
    ctx.say("It is done.").await?;
    Ok(())
}

/// Posts a message with a nonce.
#[command(slash_command, ephemeral)]
async fn post(ctx: Context<'_>) -> Result<()> {
    send(ctx.host(), ctx.channel_id(), Some(ctx.id())).await?;
    ctx.say("Posted.").await?;
    Ok(())
}

/// Posts a message without one.
#[command(slash_command, ephemeral)]
async fn shout(ctx: Context<'_>) -> Result<()> {
    send(ctx.host(), ctx.channel_id(), None).await?;
    ctx.say("Posted.").await?;
    Ok(())
}

async fn send(host: &Host, channel: ChannelId, nonce: Option<u64>) -> Result<()> {
    let message = CreateMessage::new().content("news");
    let message = match nonce {
        Some(nonce) => message
            .nonce(Nonce::String(nonce.to_string()))
            .enforce_nonce(true),
        None => message,
    };
    channel.send_message(host.http(), message).await?;
    Ok(())
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Poster>()).await
}

/// The statuses of the requests whose path ends so, in order.
fn statuses(simulator: &Simulator, path: &str) -> Vec<u16> {
    let requests = simulator.requests();
    let asked = requests.iter().filter(|it| it.path.ends_with(path));
    asked.map(|it| it.status).collect()
}

fn news(bot: &TestBot) -> usize {
    let messages = bot.messages(&bot.guild("Rustaceans"), "general");
    messages.iter().filter(|text| *text == "news").count()
}

#[tokio::test]
async fn an_answer_that_discord_drops_is_given_again() {
    for status in [429, 500, 502] {
        let bot = bot().await;
        let ann = bot.guild("Rustaceans").member("ann");
        bot.simulator()
            .fail_next(FaultRule::new(status).path("/callback"));
        assert_eq!(ann.slash("/act").await.text(), "It is done.");
        assert_eq!(statuses(bot.simulator(), "/callback"), [status, 204]);
    }
}

#[tokio::test]
async fn an_answer_that_got_through_though_discord_said_500_is_no_failure() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.simulator()
        .fail_next(FaultRule::new(500).path("/callback").carried_out());
    assert_eq!(ann.slash("/act").await.text(), "It is done.");
    bot.settle().await;
    assert_eq!(statuses(bot.simulator(), "/callback"), [500, 400]);
}

#[tokio::test]
async fn an_answer_that_hangs_on_its_way_is_given_again_in_time() {
    for answer in [
        FaultRule::late(Duration::from_secs(20)),
        FaultRule::new(502).delay(Duration::from_secs(20)),
    ] {
        let bot = bot().await;
        let ann = bot.guild("Rustaceans").member("ann");
        bot.simulator().fail_next(answer.path("/callback"));
        let begun = Instant::now();
        assert_eq!(ann.slash("/act").await.text(), "It is done.");
        bot.settle().await;
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "nobody waits so long"
        );
    }
}

#[tokio::test]
async fn a_deletion_that_got_through_though_discord_said_502_is_done() {
    let bot = bot().await;
    let channel = ChannelId::new(bot.guild("Rustaceans").channel("general").id().get());
    let text = CreateMessage::new().content("news");
    let message = channel.send_message(bot.host().http(), text).await.unwrap();
    let fault = FaultRule::new(502).method("DELETE").path("/messages/");
    bot.simulator().fail_next(fault.carried_out());
    message.delete(bot.host().http()).await.unwrap();
    let path = format!("/messages/{}", message.id);
    assert_eq!(statuses(bot.simulator(), &path), [502, 404]);

    let missing = message.delete(bot.host().http()).await.unwrap_err();
    assert!(missing.to_string().contains("Unknown Message"), "{missing}");
}

#[tokio::test]
async fn a_message_with_a_nonce_is_posted_once_though_the_answer_was_lost() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.simulator()
        .fail_next(FaultRule::new(502).path("/messages").carried_out());
    assert_eq!(ann.slash("/post").await.text(), "Posted.");
    assert_eq!(statuses(bot.simulator(), "/messages"), [502, 200]);
    assert_eq!(news(&bot), 1);
}

#[tokio::test]
async fn a_message_without_a_nonce_is_not_posted_again() {
    let mut bot = bot().await;
    bot.expect_failures(1);
    let ann = bot.guild("Rustaceans").member("ann");
    bot.simulator()
        .fail_next(FaultRule::new(502).path("/messages").carried_out());
    let text = ann.slash("/shout").await.text();
    assert!(text.starts_with("Something went wrong"), "{text}");
    assert_eq!(statuses(bot.simulator(), "/messages"), [502]);
    assert_eq!(news(&bot), 1);
}

#[tokio::test]
async fn a_429_is_waited_out_whatever_the_request() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.simulator()
        .fail_next(FaultRule::new(429).path("/messages"));
    let begun = Instant::now();
    assert_eq!(ann.slash("/shout").await.text(), "Posted.");
    assert!(begun.elapsed() >= Duration::from_millis(500));
    assert_eq!(statuses(bot.simulator(), "/messages"), [429, 200]);
}

fn refused_for(seconds: f64) -> FaultRule {
    let body = json!({ "message": "slow", "retry_after": seconds, "global": false, "code": 0 });
    FaultRule::new(429).path("/messages").body(body)
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_an_error_at_once_and_nothing_more_is_sent() {
    let bot = bot().await;
    let channel = ChannelId::new(bot.guild("Rustaceans").channel("general").id().get());
    bot.simulator().fail_next(refused_for(3_600.0));
    for _ in 0..4 {
        let error = send(bot.host(), channel, None).await.unwrap_err();
        let error = error.downcast_ref::<serenity::Error>();
        let Some(serenity::Error::Http(error)) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.status_code().unwrap().as_u16(), 429);
    }
    assert_eq!(statuses(bot.simulator(), "/messages"), [429]);
}

#[tokio::test]
async fn a_request_whose_caller_has_gone_is_not_sent() {
    let bot = bot().await;
    let channel = ChannelId::new(bot.guild("Rustaceans").channel("general").id().get());
    bot.simulator().fail_next(refused_for(1.0));
    let host = bot.host().clone();
    let gone = tokio::spawn(async move { send(&host, channel, None).await });
    while statuses(bot.simulator(), "/messages").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    gone.abort();
    send(bot.host(), channel, None).await.unwrap();
    assert_eq!(statuses(bot.simulator(), "/messages"), [429, 200]);
}

#[tokio::test]
async fn two_hundred_who_join_at_once_are_all_greeted_within_the_limits() {
    const GUILDS: usize = 20;
    const JOINS: usize = 10;
    let builder = Simulator::builder().rate_limits(true);
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let bot = Bot::start(&simulator, &folder.database()).await;
    let guilds: Vec<_> = (0..GUILDS)
        .map(|number| simulator.guild(&format!("guild-{number}")))
        .collect();
    for guild in &guilds {
        for number in 0..JOINS {
            guild.member(&format!("newcomer-{number}"));
        }
    }
    let greeted = || {
        let messages = guilds
            .iter()
            .flat_map(|guild| guild.channel("general").messages());
        messages
            .filter(|message| message.content().starts_with("Welcome, <@"))
            .count()
    };
    let all = async {
        while greeted() < GUILDS * JOINS {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(90), all).await;
    let refused = simulator.requests();
    let refused = refused.iter().filter(|it| it.status == 429).count();
    assert!(ended.is_ok(), "{} greeted, {refused} refused", greeted());
    assert_eq!(greeted(), GUILDS * JOINS);
    assert!(refused <= 10, "{refused} requests were refused");
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
}
