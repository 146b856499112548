//! What the author of a module is shown when a test fails, looked at from outside: in a process of its own.

use std::process::{Command, Output};

use cogsmith::{prelude::*, testing::TestBot};
use serenity::model::{channel::MessageType, event::MessageCreateEvent};

/// A module whose listener fails in the way that the speaker's name says, and whose command answers.
struct Hasty;

impl Module for Hasty {
    const NAME: &'static str = "hasty";

    async fn load(_host: Host) -> Result<Self> {
        tracing::info!("hasty was loaded");
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([greet()]);
        setup.on(Self::hear);
    }
}

impl Hasty {
    async fn hear(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        if event.message.kind == MessageType::MemberJoin {
            return Ok(());
        }
        match event.message.author.name.as_str() {
            "clumsy" => panic!("over a cable"),
            "slow" => std::future::pending().await,
            _ => anyhow::bail!("the bridge is out"),
        }
    }
}

/// Greets.
#[command(slash_command)]
async fn greet(ctx: Context<'_>) -> Result<()> {
    ctx.say("hello").await?;
    Ok(())
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Hasty>()).await
}

async fn hears(name: &str) {
    let bot = bot().await;
    bot.guild("Rustaceans").member(name).says("hello").await;
    bot.settle().await;
}

/// The tests that fail, each in a process of its own.
mod failing {
    use super::*;

    #[tokio::test]
    #[ignore = "fails on purpose"]
    async fn a_listener_fails() {
        hears("ann").await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "fails on purpose"]
    async fn a_listener_fails_on_another_thread() {
        hears("ann").await;
    }

    #[tokio::test]
    #[ignore = "fails on purpose"]
    async fn a_listener_panics() {
        hears("clumsy").await;
    }

    #[tokio::test]
    #[ignore = "fails on purpose"]
    async fn a_person_expects_another_answer() {
        let bot = bot().await;
        let ann = bot.guild("Rustaceans").member("ann");
        assert_eq!(ann.slash("/greet").await.text(), "good evening");
    }

    #[tokio::test]
    #[ignore = "fails on purpose"]
    async fn a_person_uses_what_is_not_there() {
        let bot = bot().await;
        bot.guild("Rustaceans").member("ann").slash("/wave").await;
    }

    #[tokio::test]
    #[ignore = "fails on purpose, after 20 s"]
    async fn the_bot_does_not_settle() {
        let bot = bot().await;
        bot.guild("Rustaceans").member("slow").says("hello").await;
        bot.advance(secs(1)).await;
    }

    #[tokio::test]
    #[ignore = "is looked at from outside"]
    async fn nothing_fails() {
        bot().await.settle().await;
    }
}

fn played(test: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("test_bot::failing::{test}"),
            "--ignored",
        ])
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

/// What is shown of a test that fails, in which each of `expected` stands.
fn shown(test: &str, expected: &[&str]) -> String {
    let output = played(test);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!output.status.success(), "{text}");
    let expected = [&["hasty was loaded", "ready"], expected].concat();
    for line in expected {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
    text
}

/// What a panic says, without the log beside it.
fn panic_of(shown: &str) -> &str {
    let (_, panic) = shown.rsplit_once("panicked at").unwrap();
    panic
}

#[test]
fn a_test_whose_listener_fails_shows_the_log_and_the_cause() {
    for test in ["a_listener_fails", "a_listener_fails_on_another_thread"] {
        let text = shown(test, &["unexpected failures: 1 instead of 0"]);
        assert!(panic_of(&text).contains("the bridge is out"), "{text}");
    }
}

#[test]
fn a_test_whose_listener_panics_shows_what_the_panic_said() {
    let text = shown(
        "a_listener_panics",
        &["unexpected failures: 1 instead of 0"],
    );
    assert!(
        panic_of(&text).contains("it panicked: over a cable"),
        "{text}"
    );
}

#[test]
fn an_assertion_on_an_answer_shows_the_log() {
    shown("a_person_expects_another_answer", &["good evening"]);
    shown("a_person_uses_what_is_not_there", &["/wave"]);
}

#[test]
fn a_bot_that_does_not_become_quiet_shows_the_log() {
    shown("the_bot_does_not_settle", &["a bot that becomes quiet"]);
}

#[test]
fn a_test_that_passes_shows_no_log() {
    let output = played("nothing_fails");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).unwrap();
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
    assert!(!text.contains("hasty was loaded"), "{text}");
}
