//! A command waits for what its user presses, chooses, fills in, says or reacts with.

use cogsmith::{prelude::*, testing::TestBot};
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
        setup.commands([sure(), colour(), none(), leave(), echo()]);
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
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, general) = (guild.member("ann"), guild.channel("general"));
    let asked = ann.slash("/colour").await;
    let menu = asked.message().unwrap();
    let id = format!("choice:{}", asked.interaction_id());
    ann.uses(menu, &id, &["2"]).await.unwrap();
    bot.settle().await;
    assert_eq!(general.messages().pop().unwrap().text(), "Some(\"blue\")");
}

#[tokio::test]
async fn who_does_not_choose_in_time_has_chosen_nothing() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, general) = (guild.member("ann"), guild.channel("general"));
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
