//! What people and the log see when something goes wrong, and what goes on all the same.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use cogsmith::{prelude::*, testing::TestBot};
use cogsmith_simulator::FaultRule;
use serenity::model::{channel::MessageType, event::MessageCreateEvent};

use crate::log::Log;

/// A module in which everything goes wrong.
struct Clumsy {
    heard: Arc<AtomicU64>,
}

impl Module for Clumsy {
    const NAME: &'static str = "clumsy";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self {
            heard: Arc::default(),
        })
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([fail(), refuse(), panic(), heard()]);
        setup.fold(Self::drop_the_ledger);
        setup.on(Self::trip);
        setup.on(Self::stumble);
        setup.on(Self::hear);
    }
}

/// Notices, such as of a join, leave the module at peace.
impl Clumsy {
    fn drop_the_ledger(&self, message: &LeanMessage<'_>) {
        assert!(message.is_notice(), "the ledger fell");
    }

    async fn trip(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        assert!(is_notice(&event), "over a cable");
        Ok(())
    }

    async fn stumble(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        anyhow::ensure!(is_notice(&event), "a step was missed");
        Ok(())
    }

    async fn hear(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        let heard = u64::from(!is_notice(&event));
        self.heard.fetch_add(heard, Ordering::Relaxed);
        Ok(())
    }
}

fn is_notice(event: &MessageCreateEvent) -> bool {
    event.message.kind == MessageType::MemberJoin
}

/// Fails.
#[command(slash_command)]
async fn fail(_: Context<'_>) -> Result<()> {
    anyhow::bail!("the vault at 10.0.0.7 is shut")
}

/// Refuses.
#[command(slash_command)]
async fn refuse(_: Context<'_>) -> Result<()> {
    Err(UserError::new("Not on a Monday.").into())
}

/// Panics.
#[command(slash_command)]
async fn panic(_: Context<'_>) -> Result<()> {
    panic!("at the disco")
}

/// Tells how many messages were heard, in an answer that is not one of them.
#[command(slash_command, ephemeral)]
async fn heard(ctx: Context<'_>) -> Result<()> {
    let heard = ctx.module::<Clumsy>().heard.load(Ordering::Relaxed);
    ctx.say(format!("{heard}")).await?;
    Ok(())
}

async fn bot(failures: u64) -> TestBot {
    let mut bot = TestBot::start(Modules::default().with::<Clumsy>()).await;
    bot.expect_failures(failures);
    bot
}

async fn calm_sentence_and_cause(command: &str, cause: &str) {
    let log = Log::start();
    let bot = bot(1).await;
    let answer = bot.guild("Rustaceans").member("ann").slash(command).await;

    assert!(answer.is_ephemeral());
    let text = answer.text();
    let id = text
        .split('`')
        .nth(1)
        .unwrap_or_else(|| panic!("no id in {text:?}"));
    assert!(!text.contains(cause), "{text}");
    let lines = log.lines();
    let told: Vec<_> = lines.iter().filter(|line| line.contains(id)).collect();
    assert!(told.len() == 1 && told[0].contains(cause), "{lines:?}");
}

#[tokio::test]
async fn a_command_that_fails_shows_a_calm_sentence_and_logs_its_cause_under_the_same_id() {
    calm_sentence_and_cause("/fail", "the vault at 10.0.0.7 is shut").await;
}

#[tokio::test]
async fn a_command_that_panics_does_too() {
    calm_sentence_and_cause("/panic", "at the disco").await;
}

#[tokio::test]
async fn a_refusal_is_shown_as_it_is_and_is_no_failure() {
    let bot = bot(0).await;
    let answer = bot.guild("Rustaceans").member("ann").slash("/refuse").await;
    assert_eq!(answer.text(), "Not on a Monday.");
    assert!(answer.is_ephemeral());
}

#[tokio::test]
async fn a_listener_or_fold_that_panics_stops_no_other() {
    let bot = bot(6).await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.settle().await;
    let before: u64 = ann.slash("/heard").await.text().parse().unwrap();
    ann.says("one").await;
    ann.says("two").await;
    bot.settle().await;
    assert_eq!(ann.slash("/heard").await.text(), (before + 2).to_string());
}

#[tokio::test]
async fn a_command_that_ran_is_not_said_to_have_failed_when_its_answer_is_refused() {
    let log = Log::start();
    let bot = bot(1).await;
    let ann = bot.guild("Rustaceans").member("ann");
    bot.simulator()
        .fail_next(FaultRule::new(400).path("/callback"));
    let answer = ann.slash("/heard").await;
    let text = answer.text();
    assert!(answer.is_ephemeral());
    assert!(text.starts_with("My answer could not be shown."), "{text}");
    assert!(!text.contains("injected fault"), "{text}");
    bot.settle().await;

    let id = text.split('`').nth(1).unwrap();
    let lines = log.lines();
    let told = format!("the answer of /heard could not be sent (id {id}): 400: injected fault");
    assert!(lines.contains(&told), "{lines:?}");
    let used = format!("/heard was used: answer failed (id {id})");
    assert!(lines.contains(&used), "{lines:?}");
}
