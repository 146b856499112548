//! Serenity's collectors and poise's forms and pages, inside a command.

use std::time::Duration;

use cogsmith::{module::Data, prelude::*, testing::TestBot};
use cogsmith_simulator::{Connection, Person};
use futures_util::StreamExt;
use poise::{Modal as _, serenity_prelude as serenity};
use serenity::{
    ActivityData, ComponentInteractionCollector, CreateActionRow, CreateButton,
    CreateInteractionResponse, CreateInteractionResponseMessage, MessageCollector,
    MessageCreateEvent, ReactionAddEvent, ReactionCollector,
};

struct Curious;

impl Module for Curious {
    const NAME: &'static str = "curious";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([ask(), fill(), hear(), feel(), pages(), busy(), wait()]);
        setup.declare::<MessageCreateEvent>();
        setup.declare::<ReactionAddEvent>();
    }
}

/// Asks by a button.
#[command(slash_command)]
async fn ask(ctx: Context<'_>) -> Result<()> {
    let pressed = ComponentInteractionCollector::new(ctx)
        .author_id(ctx.author().id)
        .custom_ids(vec!["yes".to_owned()])
        .stream();
    let row = CreateActionRow::Buttons(vec![CreateButton::new("yes").label("Yes")]);
    let question = CreateReply::default()
        .content("Sure?")
        .components(vec![row]);
    ctx.send(question).await?;
    let press = std::pin::pin!(pressed).next().await;
    let press = press.ok_or_else(|| UserError::new("Nobody pressed."))?;
    let answer = CreateInteractionResponseMessage::new().content("Then it is done.");
    let answer = CreateInteractionResponse::UpdateMessage(answer);
    press.create_response(ctx, answer).await?;
    Ok(())
}

#[derive(poise::Modal)]
#[name = "Who are you?"]
struct Who {
    #[name = "Your name"]
    name: String,
}

/// Shows a form.
#[command(slash_command)]
async fn fill(ctx: poise::ApplicationContext<'_, Data, Error>) -> Result<()> {
    let filled = Who::execute(ctx).await?;
    let name = filled.map_or_else(String::new, |filled| filled.name);
    ctx.say(format!("Hello, {name}.")).await?;
    Ok(())
}

/// Waits for a message.
#[command(slash_command)]
async fn hear(ctx: Context<'_>) -> Result<()> {
    let heard = MessageCollector::new(ctx)
        .author_id(ctx.author().id)
        .channel_id(ctx.channel_id())
        .stream();
    ctx.say("Who is there?").await?;
    let heard = std::pin::pin!(heard).next().await;
    let name = heard.map_or_else(String::new, |message| message.author.name);
    ctx.say(format!("Ah, {name}.")).await?;
    Ok(())
}

/// Waits for a reaction.
#[command(slash_command)]
async fn feel(ctx: Context<'_>) -> Result<()> {
    let felt = ReactionCollector::new(ctx)
        .author_id(ctx.author().id)
        .stream();
    ctx.say("How was it?").await?;
    let felt = std::pin::pin!(felt).next().await;
    let emoji = felt.map_or_else(String::new, |reaction| reaction.emoji.to_string());
    ctx.say(format!("I see: {emoji}")).await?;
    Ok(())
}

/// Shows pages.
#[command(slash_command)]
async fn pages(ctx: Context<'_>) -> Result<()> {
    let shown = poise::builtins::paginate(ctx, &["one", "two"]);
    tokio::time::timeout(Duration::from_secs(5), shown)
        .await
        .ok();
    Ok(())
}

/// Shows what the bot does.
#[command(slash_command)]
async fn busy(ctx: Context<'_>) -> Result<()> {
    let activity = ActivityData::playing("chess");
    ctx.serenity_context().set_activity(Some(activity));
    ctx.say("Done.").await?;
    Ok(())
}

/// Waits for what never comes.
#[command(slash_command)]
async fn wait(ctx: Context<'_>) -> Result<()> {
    ctx.say("Waiting.").await?;
    ComponentInteractionCollector::new(ctx).await;
    Ok(())
}

async fn bot() -> (TestBot, Person) {
    let bot = TestBot::start(Modules::default().with::<Curious>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    (bot, ann)
}

fn newest(bot: &TestBot) -> String {
    let messages = bot.messages(&bot.guild("Rustaceans"), "general");
    messages.last().unwrap().clone()
}

#[tokio::test]
async fn a_command_waits_for_a_press() {
    let (bot, ann) = bot().await;
    let question = ann.slash("/ask").await;
    let answer = ann.uses(question.message().unwrap(), "yes", &[]).await;
    assert_eq!(
        answer.unwrap().text().lines().next(),
        Some("Then it is done.")
    );
    bot.settle().await;
}

#[tokio::test]
async fn a_command_waits_for_a_form() {
    let (bot, ann) = bot().await;
    let form = ann.slash("/fill").await;
    // As with pages below.
    ann.slash("/busy").await;
    ann.submits(&form, &[("name", "Ann")]).await.unwrap();
    bot.settle().await;
    assert_eq!(newest(&bot), "Hello, Ann.");
}

#[tokio::test]
async fn a_command_waits_for_a_message() {
    let (bot, ann) = bot().await;
    ann.slash("/hear").await;
    bot.guild("Rustaceans").member("ben").says("me").await;
    ann.says("me").await;
    bot.settle().await;
    assert_eq!(newest(&bot), "Ah, ann.");
}

#[tokio::test]
async fn a_command_waits_for_a_reaction() {
    let (bot, ann) = bot().await;
    let question = ann.slash("/feel").await;
    ann.reacts(question.message().unwrap(), "🎉");
    bot.settle().await;
    assert_eq!(newest(&bot), "I see: 🎉");
}

#[tokio::test]
async fn poises_pages_are_turned() {
    let (bot, ann) = bot().await;
    let shown = ann.slash("/pages").await;
    // Poise begins to wait after it has shown the page; another command takes longer than that.
    ann.slash("/busy").await;
    let next = format!("{}next", shown.interaction_id());
    let turned = ann.uses(shown.message().unwrap(), &next, &[]).await;
    assert!(turned.unwrap().text().contains("two"));
    bot.settle().await;
}

#[tokio::test]
async fn an_activity_reaches_discord() {
    let (bot, ann) = bot().await;
    ann.slash("/busy").await;
    let plays_chess = |connection: &Connection| {
        let presence = connection.presence.as_ref();
        presence.is_some_and(|it| it["activities"][0]["name"] == "chess" && it["since"].is_null())
    };
    bot.simulator()
        .until(|simulator| simulator.connections().iter().any(plays_chess))
        .await;
}

#[tokio::test]
async fn a_command_that_waits_for_ever_ends_with_the_drain() {
    let (mut bot, ann) = bot().await;
    ann.slash("/wait").await;
    bot.restart().await;
    assert_eq!(ann.slash("/busy").await.text(), "Done.");
}
