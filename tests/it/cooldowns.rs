//! Cool-downs of commands, on the host's clock.

use cogsmith::{prelude::*, testing::TestBot};

struct Dice;

impl Module for Dice {
    const NAME: &'static str = "dice";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([roll(), deal(), game()]);
    }
}

/// Rolls.
#[command(slash_command, user_cooldown = 10)]
async fn roll(ctx: Context<'_>) -> Result<()> {
    ctx.answer("6").await
}

/// Deals.
#[command(slash_command, guild_cooldown = 10)]
async fn deal(ctx: Context<'_>) -> Result<()> {
    ctx.answer("dealt").await
}

/// A game.
#[command(slash_command, subcommands("play"), channel_cooldown = 10)]
async fn game(_ctx: Context<'_>) -> Result<()> {
    Ok(())
}

/// Plays.
#[command(slash_command)]
async fn play(ctx: Context<'_>) -> Result<()> {
    ctx.answer("played").await
}

async fn bot() -> TestBot {
    TestBot::start(Modules::default().with::<Dice>()).await
}

#[tokio::test]
async fn a_person_waits_and_others_do_not() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    assert_eq!(ann.slash("/roll").await.text(), "6");
    bot.advance(secs(9)).await;
    let refused = ann.slash("/roll").await;
    assert!(refused.text().contains("can be used again") && refused.is_ephemeral());
    assert_eq!(ben.slash("/roll").await.text(), "6");
    bot.advance(secs(1)).await;
    assert_eq!(ann.slash("/roll").await.text(), "6");
}

#[tokio::test]
async fn a_guild_waits_and_others_do_not() {
    let bot = bot().await;
    let (here, there) = (bot.guild("Rustaceans"), bot.guild("Gophers"));
    assert_eq!(here.member("ann").slash("/deal").await.text(), "dealt");
    let refused = here.member("ben").slash("/deal").await.text();
    assert!(refused.contains("can be used again"), "{refused}");
    assert_eq!(there.member("ben").slash("/deal").await.text(), "dealt");
}

#[tokio::test]
async fn the_cool_down_of_a_group_is_of_all_in_it() {
    let bot = bot().await;
    let ann = bot.guild("Rustaceans").member("ann");
    assert_eq!(ann.slash("/game play").await.text(), "played");
    let refused = ann.slash("/game play").await.text();
    assert!(refused.contains("can be used again"), "{refused}");
}
