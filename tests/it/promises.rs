//! A command that takes long is promised an answer by the host, once, and its own answer keeps the promise.

use std::time::Duration;

use cogsmith::{prelude::*, testing::TestBot};
use cogsmith_simulator::{Person, Reply as Seen};
use tokio::sync::Notify;

/// When the host promises an answer.
const PROMISE: Duration = Duration::from_millis(1_500);

#[derive(Default)]
struct Slow {
    is_asleep: Notify,
}

impl Module for Slow {
    const NAME: &'static str = "slow";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self::default())
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([
            work(),
            secret(),
            whisper(),
            silent(),
            form(),
            refuse(),
            tie(),
        ]);
    }
}

async fn takes_long(ctx: Context<'_>) {
    ctx.host().clock().sleep(secs(60)).await;
}

/// Answers late.
#[command(slash_command)]
async fn work(ctx: Context<'_>) -> Result<()> {
    takes_long(ctx).await;
    ctx.answer("done").await?;
    ctx.answer("and more").await
}

/// Answers late, to one person.
#[command(slash_command, ephemeral)]
async fn secret(ctx: Context<'_>) -> Result<()> {
    takes_long(ctx).await;
    ctx.answer("done").await
}

/// Decides late that only one person may see it.
#[command(slash_command)]
async fn whisper(ctx: Context<'_>) -> Result<()> {
    takes_long(ctx).await;
    ctx.answer(Reply::from("your password").ephemeral()).await
}

/// Says nothing.
#[command(slash_command)]
async fn silent(
    ctx: Context<'_>,
    #[description = "Whether it takes long"] slowly: bool,
) -> Result<()> {
    if slowly {
        takes_long(ctx).await;
    }
    Ok(())
}

#[derive(poise::Modal)]
struct Name {
    name: String,
}

/// Shows a form, too late.
#[command(slash_command)]
async fn form(ctx: poise::ApplicationContext<'_, cogsmith::module::Data, Error>) -> Result<()> {
    takes_long(ctx.into()).await;
    <Name as poise::Modal>::execute(ctx).await?;
    Ok(())
}

/// Refuses, late.
#[command(slash_command)]
async fn refuse(ctx: Context<'_>) -> Result<()> {
    takes_long(ctx).await;
    Err(UserError::new("Not today.").into())
}

/// Answers in the moment in which the host promises an answer.
#[command(slash_command)]
async fn tie(ctx: Context<'_>) -> Result<()> {
    let due = ctx.host().clock().sleep(PROMISE);
    ctx.module::<Slow>().is_asleep.notify_one();
    due.await;
    ctx.answer("just in time").await
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Slow>()).await
}

/// Waits until the promises of earlier uses are given up.
async fn until_awake(bot: &TestBot) {
    bot.settle().await;
    let clock = bot.host().clock();
    while clock.next_wake().is_some_and(|wake| wake <= PROMISE) {
        tokio::task::yield_now().await;
    }
}

/// Waits until something sleeps for so long.
async fn until_asleep(bot: &TestBot, time: Duration) {
    let clock = bot.host().clock();
    while clock.next_wake().is_none_or(|wake| wake > time) {
        tokio::task::yield_now().await;
    }
}

/// Uses a command that takes long; gives what its user saw after `PROMISE`, and in the end.
async fn uses(bot: &TestBot, ann: &Person, command: &'static str) -> Seen {
    let person = ann.clone();
    until_awake(bot).await;
    let asked = tokio::spawn(async move { person.slash(command).await });
    until_asleep(bot, PROMISE).await;
    bot.host().clock().advance(PROMISE);
    let is_promised = |line: &String| line.ends_with("promised");
    let simulator = bot.simulator();
    simulator
        .until(|simulator| simulator.pending().iter().any(is_promised))
        .await;
    bot.host().clock().advance(secs(60));
    let seen = asked.await.unwrap();
    bot.settle().await;
    seen
}

fn ann(bot: &TestBot) -> Person {
    bot.guild("Rustaceans").member("ann")
}

/// What stands in the channel for this person, without the notices that somebody joined.
fn seen_by(bot: &TestBot, person: &Person) -> Vec<String> {
    let channel = bot.guild("Rustaceans").channel("general");
    let seen = person.reads(&channel).into_iter();
    let answers = seen.filter(|message| message.kind() != 7);
    answers
        .map(|message| message.content().to_owned())
        .collect()
}

#[tokio::test]
async fn a_slow_command_is_promised_and_its_answers_follow() {
    let bot = bot().await;
    let ann = ann(&bot);
    let seen = uses(&bot, &ann, "/work").await;
    assert!(seen.is_deferred() && !seen.is_ephemeral());
    assert_eq!(seen_by(&bot, &ann), ["done", "and more"]);
}

#[tokio::test]
async fn the_promise_of_an_ephemeral_command_is_ephemeral() {
    let bot = bot().await;
    let seen = uses(&bot, &ann(&bot), "/secret").await;
    assert!(seen.is_deferred() && seen.is_ephemeral());
    assert_eq!(seen.content(), "done");
}

#[tokio::test]
async fn a_late_answer_for_one_person_is_not_shown_to_all() {
    let bot = bot().await;
    let (ann, ben) = (ann(&bot), bot.guild("Rustaceans").member("ben"));
    uses(&bot, &ann, "/whisper").await;
    assert_eq!(seen_by(&bot, &ann), ["your password"]);
    assert_eq!(seen_by(&bot, &ben), [""; 0]);
}

#[tokio::test]
async fn a_late_refusal_is_told_to_its_user() {
    let bot = bot().await;
    let ann = ann(&bot);
    uses(&bot, &ann, "/refuse").await;
    assert_eq!(seen_by(&bot, &ann), ["Not today."]);
}

#[tokio::test]
async fn a_command_that_says_nothing_is_answered_calmly() {
    let bot = bot().await;
    let ann = ann(&bot);
    let quick = ann.slash("/silent slowly:false").await;
    assert_eq!(quick.text(), "Done. There is nothing to show.");
    assert!(quick.is_ephemeral());
    let slow = uses(&bot, &ann, "/silent slowly:true").await;
    assert_eq!(slow.text(), "Done. There is nothing to show.");
}

#[tokio::test]
async fn a_form_after_the_promise_is_an_error_that_says_so() {
    let mut bot = bot().await;
    bot.expect_failures(1);
    let ann = ann(&bot);
    uses(&bot, &ann, "/form").await;
    let seen = seen_by(&bot, &ann);
    assert!(
        seen.len() == 1 && seen[0].starts_with("My answer could not be shown."),
        "{seen:?}"
    );
}

#[tokio::test]
async fn an_answer_in_the_moment_of_the_promise_is_given_once() {
    let bot = bot().await;
    let ann = ann(&bot);
    for round in 1..=20 {
        let person = ann.clone();
        until_awake(&bot).await;
        let asked = tokio::spawn(async move { person.slash("/tie").await });
        bot.host()
            .module::<Slow>()
            .unwrap()
            .is_asleep
            .notified()
            .await;
        until_asleep(&bot, PROMISE).await;
        bot.host().clock().advance(PROMISE);
        assert_eq!(asked.await.unwrap().text(), "just in time");
        bot.settle().await;
        assert_eq!(seen_by(&bot, &ann).len(), round);
    }
}
