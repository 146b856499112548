//! A command waits for what its user presses, chooses, fills in, says or reacts with.

use cogsmith::{
    prelude::*,
    testing::{Person, TestBot},
};
use cogsmith_simulator::Channel;
use serenity::{
    builder::CreateButton,
    model::event::{MessageCreateEvent, ReactionAddEvent},
};

struct Asker;

impl Module for Asker {
    const NAME: &'static str = "asker";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([sure(), both(), blank(), colour(), none(), leave(), echo()]);
        setup.declare::<MessageCreateEvent>();
        setup.declare::<ReactionAddEvent>();
        setup.message_content("it repeats what it is told");
    }
}

/// Asks whether it may.
#[command(slash_command)]
async fn sure(ctx: Context<'_>) -> Result<()> {
    let choices = [("Yes", true), ("No", false)];
    let is_sure = ctx.choose("Really?", choices, mins(1)).await?;
    ctx.answer(format!("{is_sure:?}")).await
}

/// Asks two questions at once.
#[command(slash_command)]
async fn both(ctx: Context<'_>) -> Result<()> {
    ctx.answer("Two questions.").await?;
    let (first, second) = tokio::join!(
        ctx.choose("First?", [("One", 1), ("Two", 2)], mins(1)),
        ctx.choose("Second?", [("Three", 3), ("Four", 4)], mins(1)),
    );
    ctx.answer(format!("{:?} {:?}", first?, second?)).await
}

/// Has a choice without a label.
#[command(slash_command)]
async fn blank(ctx: Context<'_>) -> Result<()> {
    let chosen = ctx.choose("Which?", [(" ", 1), ("b", 2)], mins(20)).await?;
    ctx.answer(format!("{chosen:?}")).await
}

/// Asks for one of many.
#[command(slash_command)]
async fn colour(ctx: Context<'_>) -> Result<()> {
    let colours = ["red", "green", "blue", "white", "black", "grey"];
    let choices = colours.map(|colour| (colour, colour));
    let colour = ctx.choose("Which?", choices, mins(1)).await?;
    ctx.answer(format!("{colour:?}")).await
}

/// Asks for nothing.
#[command(slash_command)]
async fn none(ctx: Context<'_>) -> Result<()> {
    let choices: [(&str, u8); 0] = [];
    ctx.choose("Which?", choices, mins(1)).await?;
    Ok(())
}

#[derive(poise::Modal)]
struct Why {
    reason: String,
}

/// Asks with a button, then with a form.
#[command(slash_command)]
async fn leave(ctx: Context<'_>) -> Result<()> {
    let press = ctx.wait_for_press(mins(1), "leave");
    let button = CreateButton::new("leave:now").label("Leave");
    ctx.answer(Reply::from("Leave?").buttons([button])).await?;
    let press = press.await?;

    let form = ctx.wait_for_form(mins(1), "why");
    press.form::<Why>("why".to_owned()).await?;
    let form = form.await?;
    form.reply(format!("Bye: {}.", form.read::<Why>()?.reason))
        .await
}

/// Repeats a message, then counts a reaction.
#[command(slash_command)]
async fn echo(ctx: Context<'_>) -> Result<()> {
    let said = ctx.wait_for_message(mins(1));
    ctx.answer("Say something.").await?;
    let said = said.await?;
    let reacted = ctx.wait_for_reaction(mins(1));
    ctx.answer(format!("{}?", said.message.content)).await?;
    let reacted = reacted.await?;
    ctx.answer(reacted.reaction.emoji.to_string()).await
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Asker>()).await
}

/// The bot, who asks it, and where.
async fn asked() -> (TestBot, Person, Channel) {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, general) = (guild.member("ann"), guild.channel("general"));
    (bot, ann, general)
}

#[tokio::test]
async fn a_choice_is_its_users_and_the_buttons_go_with_it() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben, general) = (
        guild.member("ann"),
        guild.member("ben"),
        guild.channel("general"),
    );
    let asked = ann.slash("/sure").await;
    assert_eq!(asked.text(), "Really?");
    let (refused, ()) = tokio::join!(ben.presses(&general, "No", &[]), bot.advance(secs(3)));
    assert!(refused.unwrap().text().starts_with("This is not for you"));
    let chosen = ann.presses(&general, "Yes", &[]).await.unwrap();
    assert_eq!(chosen.text(), "Really?");
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "Some(true)");
    assert_eq!(bot.host().events().waiting(), 0);
}

#[tokio::test]
async fn a_choice_of_many_is_a_menu() {
    let (bot, ann, general) = asked().await;
    let asked = ann.slash("/colour").await;
    assert_eq!(asked.text(), "Which?");
    ann.presses(&general, "Choose", &["2"]).await.unwrap();
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "Some(\"blue\")");
}

#[tokio::test]
async fn who_does_not_choose_in_time_has_chosen_nothing() {
    let (bot, ann, general) = asked().await;
    let asked = ann.slash("/sure").await;
    bot.advance(mins(2)).await;
    let shown: Vec<_> = general
        .messages()
        .iter()
        .map(|it| it.text().to_owned())
        .collect();
    assert!(shown.contains(&"Really?".to_owned()), "{shown:?}");
    assert_eq!(shown.last().unwrap(), "None");
    assert!(
        ann.presses(&general, "Yes", &[]).await.is_err(),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_choice_of_nothing_is_a_fault_of_the_command() {
    let mut bot = bot().await;
    bot.expect_failures(1);
    let ann = bot.guild("Rustaceans").member("ann");
    let told = ann.slash("/none").await.text();
    assert!(told.starts_with("Something went wrong"), "{told}");
}

#[tokio::test]
async fn a_press_and_a_form_are_waited_for_and_answered() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    ann.slash("/leave").await;
    let form = ann
        .presses(&guild.channel("general"), "Leave", &[])
        .await
        .unwrap();
    let bye = ann.submits(&form, &[("reason", "bored")]).await.unwrap();
    assert_eq!(bye.text(), "Bye: bored.");
}

#[tokio::test]
async fn a_message_and_a_reaction_are_waited_for() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben, general) = (
        guild.member("ann"),
        guild.member("ben"),
        guild.channel("general"),
    );
    ann.slash("/echo").await;
    ben.says("me!").await;
    ann.says("pineapple").await;
    bot.settle().await;
    let asked = general.messages().pop().unwrap();
    assert_eq!(asked.text(), "pineapple?");
    ben.reacts(&asked, "🦀");
    ann.reacts(&asked, "🍍");
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "🍍");
}

#[tokio::test]
async fn one_press_is_for_one_command() {
    let (bot, ann, general) = asked().await;
    let first = ann.slash("/leave").await;
    ann.slash("/leave").await;
    let form = ann
        .uses(first.message().unwrap(), "leave:now", &[])
        .await
        .unwrap();
    ann.submits(&form, &[("reason", "one")]).await.unwrap();
    bot.settle().await;
    let byes = |of: &str| {
        let messages = general.messages();
        messages.iter().filter(|it| it.text() == of).count()
    };
    assert_eq!(byes("Bye: one."), 1);
    let form = ann.presses(&general, "Leave", &[]).await.unwrap();
    ann.submits(&form, &[("reason", "two")]).await.unwrap();
    bot.settle().await;
    assert_eq!((byes("Bye: one."), byes("Bye: two.")), (1, 1));
}

#[tokio::test]
async fn two_questions_at_once_have_their_own_answers() {
    let (bot, ann, general) = asked().await;
    ann.slash("/both").await;
    bot.settle().await;
    ann.presses(&general, "Two", &[]).await.unwrap();
    ann.presses(&general, "Three", &[]).await.unwrap();
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "Some(2) Some(3)");
}

#[tokio::test]
async fn a_question_that_can_no_longer_be_changed_is_not_chosen_from() {
    let (bot, ann, general) = asked().await;
    let asked = ann.slash("/sure").await;
    let (channel, message) = (general.id().get(), asked.message().unwrap().id().get());
    let http = bot.host().http();
    http.delete_message(channel.into(), message.into(), None)
        .await
        .unwrap();
    bot.advance(mins(2)).await;
    assert_eq!(general.messages().pop().unwrap().text(), "None");
}

#[tokio::test]
async fn a_choice_without_a_label_can_be_made() {
    let (bot, ann, general) = asked().await;
    ann.slash("/blank").await;
    ann.presses(&general, "–", &[]).await.unwrap();
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "Some(1)");
}
