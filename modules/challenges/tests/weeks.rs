//! Weeks are closed when they end, and are void when nobody did.

use super::*;

#[tokio::test]
async fn a_week_is_closed_on_monday_five_past_midnight_in_its_zone() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, ben) = begun(&bot).await;
    let noted = ann
        .slash("/challenge checkin sport:run minutes:90")
        .await
        .text();
    assert!(
        noted.contains("3 points. This week you have 3 of 3. The week is passed!"),
        "{noted}"
    );

    // Prague is an hour ahead of UTC: 18:00 there on Sunday, and 00:05 on Monday.
    bot.advance(hours(6 * 24 + 7) + mins(59)).await;
    assert_eq!(posts(&bot, &guild, "ends at midnight").len(), 0);
    bot.advance(mins(2)).await;
    let nudged = posts(&bot, &guild, "ends at midnight");
    assert_eq!(
        nudged,
        [format!(
            "2026-W10 ends at midnight.\n<@{}>: 3 points to go",
            ben.id()
        )]
    );
    bot.advance(hours(6)).await;
    assert_eq!(posts(&bot, &guild, "is over").len(), 0);
    bot.advance(mins(5)).await;

    let closed = posts(&bot, &guild, "is over");
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert!(
        closed[0].contains(
            "**2026-W10 is over.** 2026 so far: 5.00 € owed, 0.00 € paid, 5.00 € left to pay"
        ),
        "{closed:?}"
    );
    assert!(
        closed[0].contains(&format!("✅ <@{}>", ann.id())),
        "{closed:?}"
    );
    assert!(
        closed[0].contains(&format!("❌ <@{}>: 5.00 €", ben.id())),
        "{closed:?}"
    );
}

#[tokio::test]
async fn a_week_that_ended_while_the_bot_was_down_is_closed_once() {
    let mut bot = TestBot::start(crate::modules::all()).await;
    let (guild, ..) = begun(&bot).await;
    bot.advance(hours(5 * 24)).await;
    bot.restart().await;
    bot.advance(hours(3 * 24)).await;
    bot.restart().await;
    bot.advance(hours(1)).await;
    assert_eq!(posts(&bot, &guild, "2026-W10 is over").len(), 1);
}

#[tokio::test]
async fn a_week_that_ended_while_the_module_was_off_here_is_void() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, ben) = begun(&bot).await;
    let owner = guild.owner();
    bot.advance(hours(2 * 24)).await;
    owner.slash("/module disable name:challenges").await;
    bot.advance(hours(7 * 24)).await;
    owner.slash("/module enable name:challenges").await;
    bot.advance(hours(7 * 24)).await;

    assert_eq!(posts(&bot, &guild, "2026-W10 is over"), [""; 0]);
    let total = ben.slash("/total").await.text();
    assert!(total.contains("Dues of 2026: 10.00 € owed"), "{total}");
    assert!(total.contains("ann: 5.00 €** (1 missed week)"), "{total}");
    let void = "Void, as the bot or this module was off: W10";
    assert!(total.contains(void), "{total}");
    let status = ann.slash("/challenge status").await.text();
    assert!(status.contains("➖ W10 void\n❌ W11 5.00 €"), "{status}");
}

#[tokio::test]
async fn a_week_that_ended_while_the_module_was_off_everywhere_is_void() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, _, ben) = begun(&bot).await;
    let owner = guild.owner();
    bot.advance(hours(2 * 24)).await;
    owner
        .slash("/module_everywhere disable name:challenges")
        .await;
    // On again on Monday, within the day in which a week that nobody closed is made up for.
    bot.advance(hours(5 * 24)).await;
    owner
        .slash("/module_everywhere enable name:challenges")
        .await;
    bot.advance(hours(7 * 24)).await;

    assert_eq!(posts(&bot, &guild, "2026-W10 is over"), [""; 0]);
    assert_eq!(posts(&bot, &guild, "2026-W11 is over").len(), 1);
    let total = ben.slash("/total").await.text();
    assert!(total.contains("Dues of 2026: 10.00 € owed"), "{total}");
}

#[tokio::test]
async fn a_week_that_ends_by_another_time_zone_is_closed_once() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ..) = begun(&bot).await;
    let owner = guild.owner();
    owner
        .slash("/challenge_config create zone:America/New_York")
        .await;
    // Sunday evening in New York, and early on Monday in Prague.
    bot.advance(hours(6 * 24 + 17)).await;
    assert_eq!(posts(&bot, &guild, "is over"), [""; 0]);
    owner
        .slash("/challenge_config create zone:Europe/Prague")
        .await;
    bot.settle().await;
    assert_eq!(posts(&bot, &guild, "2026-W10 is over").len(), 1);

    owner
        .slash("/challenge_config create zone:America/New_York")
        .await;
    bot.advance(hours(8 * 24)).await;
    assert_eq!(posts(&bot, &guild, "2026-W10 is over").len(), 1);
    assert_eq!(posts(&bot, &guild, "2026-W11 is over").len(), 1);
}

#[tokio::test]
async fn a_channel_that_is_gone_is_told_and_the_week_closed_all_the_same() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, _, ben) = begun(&bot).await;
    let keeper = guild.member("kim");
    let managing = guild.role("keepers", Permissions::MANAGE_GUILD);
    guild.give_role(&keeper, managing);
    let hall = guild.channel("hall");
    keeper
        .slash(&format!(
            "/challenge_config create channel:#{}",
            hall.name()
        ))
        .await;
    let gone = serenity::model::id::ChannelId::new(hall.id().get());
    gone.delete(bot.host().http()).await.unwrap();
    bot.advance(hours(8 * 24)).await;

    let told: Vec<_> = keeper.direct().messages();
    let told = told.iter().map(|it| it.content()).collect::<Vec<_>>();
    let told = told.join("\n");
    assert!(
        told.contains("I cannot post in <#") && told.contains("of Rustaceans"),
        "{told}"
    );
    assert!(told.contains("**2026-W10 is over.**"), "{told}");
    assert!(
        told.contains("`/challenge_config create channel:`"),
        "{told}"
    );
    let total = ben.slash("/total").await.text();
    assert!(total.contains("Dues of 2026: 10.00 € owed"), "{total}");
}
