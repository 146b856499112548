//! What people are told when a command is not for them, or waits in vain.

use cogsmith::{prelude::*, reply::suggestions, testing::TestBot};
use serenity::builder::CreateAutocompleteResponse;

struct Picky;

impl Module for Picky {
    const NAME: &'static str = "picky";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([pick(), manage(), listen()]);
    }
}

/// Picks for those who may.
#[command(slash_command, check = "never")]
async fn pick(
    ctx: Context<'_>,
    #[description = "What"]
    #[autocomplete = "things"]
    what: String,
) -> Result<()> {
    ctx.answer(what).await
}

async fn never(_: Context<'_>) -> Result<bool> {
    Err(UserError::new("Not today.").into())
}

async fn things(_: Context<'_>, _typed: &str) -> CreateAutocompleteResponse {
    suggestions([("a thing".to_owned(), "thing".to_owned())])
}

/// Is for those who manage.
#[command(
    slash_command,
    required_permissions = "MANAGE_GUILD | MODERATE_MEMBERS"
)]
async fn manage(ctx: Context<'_>) -> Result<()> {
    ctx.answer("managed").await
}

/// Waits for an event that nobody dispatches.
#[command(slash_command)]
async fn listen(ctx: Context<'_>) -> Result<()> {
    ctx.answer("I am listening.").await?;
    let events = ctx.host().events();
    let heard = events.wait_for(secs(30), |_: &u8| true).await?;
    ctx.answer(heard.to_string()).await
}

#[tokio::test]
async fn suggestions_that_are_refused_are_none() {
    let bot = TestBot::start(Modules::default().with::<Picky>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    let suggested = ann.completes("/pick what:th").await.unwrap();
    assert_eq!(suggested.choices(), Some(&serde_json::json!([])));
    assert_eq!(ann.slash("/pick what:thing").await.text(), "Not today.");
}

#[tokio::test]
async fn permissions_that_are_missing_are_called_as_discord_shows_them() {
    let bot = TestBot::start(Modules::default().with::<Picky>()).await;
    let ann = bot.guild("Rustaceans").member("ann");
    assert_eq!(
        ann.slash("/manage").await.text(),
        "You need more permissions for this: Manage Server, Timeout Members."
    );
}

/// No failure is counted: when the bot is dropped, it would be one too many.
#[tokio::test]
async fn a_wait_in_vain_is_told_calmly_and_is_no_failure() {
    let bot = TestBot::start(Modules::default().with::<Picky>()).await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    assert_eq!(ann.slash("/listen").await.text(), "I am listening.");
    bot.advance(secs(31)).await;
    let told = ann.reads(&guild.channel("general")).pop().unwrap();
    let expected =
        "I have waited, and nothing came in time. Please use the command again when you are ready.";
    assert!(told.is_ephemeral() && told.text() == expected, "{told:?}");
}
