//! Buttons, menus and forms with handlers of a module.

use std::time::Duration;

use cogsmith::{prelude::*, testing::TestBot};
use cogsmith_simulator::{Person, Reply as Seen};
use poise::serenity_prelude::{
    CreateButton, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
    MessageCreateEvent,
};

const PAGE: CustomId<u32> = CustomId::new("page:{n}");
const FEEDBACK: CustomId<u64> = CustomId::new("feedback:{topic}");

struct Book;

impl Module for Book {
    const NAME: &'static str = "book";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([read(), give()]);
        setup.on(Self::doze);
        setup.component(PAGE, Self::turn);
        setup.component("colour", Self::choose);
        setup.component("refuse", Self::refuse);
        setup.component("fail", Self::fail);
        setup.component("panic", Self::panic);
        setup.component("nothing", Self::nothing);
        setup.component("slow:{how}", Self::slow);
        setup.component("write", Self::write);
        setup.form(FEEDBACK, Self::feedback);
    }
}

/// Shows a book.
#[command(slash_command)]
async fn read(ctx: Context<'_>) -> Result<()> {
    let ids = [
        "refuse",
        "fail",
        "panic",
        "nothing",
        "slow:update",
        "slow:reply",
        "write",
        "gone",
    ];
    let others = ids.map(|id| CreateButton::new(id).label(id));
    let next = CreateButton::new(PAGE.with(2)).label("Next");
    let options = ["red", "blue"].map(|it| CreateSelectMenuOption::new(it, it));
    let options = CreateSelectMenuKind::String {
        options: options.to_vec(),
    };
    let reply = Reply::from("Page 1").buttons([next].into_iter().chain(others));
    ctx.answer(reply.menu(CreateSelectMenu::new("colour", options)))
        .await
}

/// Asks for feedback.
#[command(slash_command)]
async fn give(ctx: Context<'_>) -> Result<()> {
    ctx.form::<Feedback>(FEEDBACK.with(7)).await
}

#[derive(poise::Modal)]
struct Feedback {
    text: String,
}

impl Book {
    async fn doze(&self, event: Event<MessageCreateEvent>) -> Result<()> {
        if event.message.author.name == "sandman" {
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    async fn turn(&self, press: Press<u32>) -> Result<()> {
        let next = CreateButton::new(PAGE.with(press.arguments + 1)).label("Next");
        let page = format!("Page {}", press.arguments);
        press.update(Reply::from(page).buttons([next])).await
    }

    async fn choose(&self, press: Press<()>) -> Result<()> {
        press
            .reply(Reply::from(press.chosen().join(", ")).ephemeral())
            .await?;
        press.reply("and more").await
    }

    async fn refuse(&self, _press: Press<()>) -> Result<()> {
        Err(UserError::new("Not for you.").into())
    }

    async fn fail(&self, _press: Press<()>) -> Result<()> {
        anyhow::bail!("the ink is dry")
    }

    async fn panic(&self, _press: Press<()>) -> Result<()> {
        panic!("a blot")
    }

    async fn nothing(&self, _press: Press<()>) -> Result<()> {
        Ok(())
    }

    async fn slow(&self, press: Press<String>) -> Result<()> {
        press.host().clock().sleep(secs(60)).await;
        if press.arguments == "update" {
            return press.update("late").await;
        }
        press.reply(Reply::from("late").ephemeral()).await
    }

    async fn write(&self, press: Press<()>) -> Result<()> {
        press.form::<Feedback>(FEEDBACK.with(8)).await
    }

    async fn feedback(&self, form: Form<u64>) -> Result<()> {
        let Feedback { text } = form.read()?;
        assert_eq!(form.field("text"), Some(text.as_str()));
        form.reply(format!("{}: {text}", form.arguments)).await
    }
}

async fn bot() -> (TestBot, Person) {
    let bot = TestBot::start(Modules::default().with::<Book>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    (bot, ann)
}

async fn presses(ann: &Person, book: &Seen, id: &str) -> Seen {
    ann.uses(book.message().unwrap(), id, &[]).await.unwrap()
}

fn first_line(seen: &Seen) -> String {
    seen.text().lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_button_is_handled_with_its_typed_arguments() {
    let (bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    let second = presses(&ann, &book, "page:2").await;
    assert_eq!(first_line(&second), "Page 2");
    let third = presses(&ann, &second, "page:3").await;
    assert_eq!(first_line(&third), "Page 3");
    bot.settle().await;
}

#[tokio::test]
async fn a_button_works_after_a_restart() {
    let (mut bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    bot.restart().await;
    assert_eq!(first_line(&presses(&ann, &book, "page:2").await), "Page 2");
}

#[tokio::test]
async fn a_choice_is_answered_to_one_person_and_then_to_all() {
    let (bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    let chosen = ann.uses(book.message().unwrap(), "colour", &["blue"]).await;
    let chosen = chosen.unwrap();
    assert_eq!(
        (chosen.text().as_str(), chosen.is_ephemeral()),
        ("blue", true)
    );
    bot.settle().await;
    let messages = bot.messages(&bot.guild("Rustaceans"), "general");
    assert_eq!(messages.last().map(String::as_str), Some("and more"));
}

#[tokio::test]
async fn a_form_of_a_command_and_one_of_a_button_are_handled() {
    let (_bot, ann) = bot().await;
    let form = ann.slash("/give").await;
    let thanks = ann.submits(&form, &[("text", "good")]).await.unwrap();
    assert_eq!(thanks.text(), "7: good");
    let book = ann.slash("/read").await;
    let form = presses(&ann, &book, "write").await;
    let thanks = ann.submits(&form, &[("text", "bad")]).await.unwrap();
    assert_eq!(thanks.text(), "8: bad");
}

#[tokio::test]
async fn failures_are_told_as_those_of_commands() {
    let (mut bot, ann) = bot().await;
    bot.expect_failures(2);
    let book = ann.slash("/read").await;
    let refused = presses(&ann, &book, "refuse").await;
    assert_eq!(
        (refused.text().as_str(), refused.is_ephemeral()),
        ("Not for you.", true)
    );
    for id in ["fail", "panic"] {
        let failed = presses(&ann, &book, id).await;
        assert!(
            failed.text().starts_with("Something went wrong"),
            "{}",
            failed.text()
        );
        assert!(failed.is_ephemeral());
    }
}

#[tokio::test]
async fn a_press_without_an_answer_is_acknowledged() {
    let (_bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    assert_eq!(first_line(&presses(&ann, &book, "nothing").await), "Page 1");
}

#[tokio::test]
async fn a_slow_handler_is_acknowledged_and_answers_later() {
    let (bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    for (id, expected) in [("slow:reply", "late"), ("slow:update", "late")] {
        until_awake(&bot).await;
        let (person, message) = (ann.clone(), book.message().unwrap().clone());
        let pressed = tokio::spawn(async move { person.uses(&message, id, &[]).await });
        until_asleep(&bot, Duration::from_millis(1_500)).await;
        bot.host().clock().advance(Duration::from_millis(1_500));
        pressed.await.unwrap().unwrap();
        bot.host().clock().advance(secs(60));
        bot.settle().await;
        let channel = bot.guild("Rustaceans").channel("general");
        let said = ann.reads(&channel);
        assert!(
            said.iter().any(|it| it.text().contains(expected)),
            "{id}: {said:?}"
        );
    }
}

#[tokio::test]
async fn a_press_that_nobody_handles_is_told_so() {
    let (bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    until_awake(&bot).await;
    let (person, message) = (ann.clone(), book.message().unwrap().clone());
    let pressed = tokio::spawn(async move { person.uses(&message, "gone", &[]).await });
    let nobody = Duration::from_millis(2_500);
    until_asleep(&bot, nobody).await;
    bot.host().clock().advance(nobody);
    let told = pressed.await.unwrap().unwrap();
    assert!(
        told.is_ephemeral() && told.text().contains("not work any more"),
        "{}",
        told.text()
    );
}

#[tokio::test]
async fn neither_press_nor_form_nor_command_waits_for_a_listener() {
    let (bot, ann) = bot().await;
    let book = ann.slash("/read").await;
    bot.guild("Rustaceans")
        .member("sandman")
        .says("sleep")
        .await;
    assert_eq!(first_line(&presses(&ann, &book, "page:2").await), "Page 2");
    let form = ann.slash("/give").await;
    assert_eq!(
        ann.submits(&form, &[("text", "x")]).await.unwrap().text(),
        "7: x"
    );
}

/// Waits until the promises of earlier uses are given up.
async fn until_awake(bot: &TestBot) {
    bot.settle().await;
    let clock = bot.host().clock();
    while clock.next_wake().is_some_and(|wake| wake <= secs(3)) {
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

/// Modules that are refused at the start.
mod refused {
    use super::*;

    struct Wrong<const CASE: usize>;

    const CASES: [(&str, &str); 3] = [("page:{n}", "page:{m}"), ("{n}", "x"), ("page:", "x")];

    impl<const CASE: usize> Module for Wrong<CASE> {
        const NAME: &'static str = "wrong";

        async fn load(_host: Host) -> Result<Self> {
            Ok(Self)
        }

        fn setup(setup: &mut Setup<Self>) {
            for pattern in [CASES[CASE].0, CASES[CASE].1] {
                match pattern.contains('{') {
                    true => setup.component(pattern, Self::one),
                    false => setup.component(pattern, Self::none),
                }
            }
        }
    }

    impl<const CASE: usize> Wrong<CASE> {
        async fn one(&self, _press: Press<u32>) -> Result<()> {
            Ok(())
        }

        async fn none(&self, _press: Press<()>) -> Result<()> {
            Ok(())
        }
    }

    async fn check<const CASE: usize>() {
        let mut bot = TestBot::start(Modules::default().with::<Wrong<CASE>>()).await;
        bot.expect_failures(1);
        let standing = bot.registry().standing("wrong").unwrap().to_string();
        let named = format!("{:?}", CASES[CASE].0);
        assert!(
            standing.starts_with("could not be loaded: the component") && standing.contains(&named),
            "{standing}"
        );
    }

    #[tokio::test]
    async fn a_pattern_that_cannot_work_is_refused_by_name() {
        check::<0>().await;
        check::<1>().await;
        check::<2>().await;
    }
}
