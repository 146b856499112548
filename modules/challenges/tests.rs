//! Weeks that are played by people against the simulator.

use cogsmith::{
    prelude::*,
    testing::{Database, TestBot},
};
use cogsmith_simulator::{Guild, Person};

use super::Challenges;

/// The test's clock begins on Monday, 2 March 2026, in week 10.
async fn begun(bot: &TestBot) -> (Guild, Person, Person) {
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let owner = guild.owner();
    let made = owner
        .slash("/challenge create zone:Europe/Prague")
        .await
        .text();
    assert!(made.contains("The challenge begins."), "{made}");
    for person in [&ann, &ben] {
        let joined = person.slash("/challenge join").await.text();
        assert!(joined.contains("Your first week is 2026-W10"), "{joined}");
    }
    (guild, ann, ben)
}

fn posts(bot: &TestBot, guild: &Guild, part: &str) -> Vec<String> {
    let said = bot.messages(guild, "general").into_iter();
    said.filter(|text| text.contains(part)).collect()
}

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
        closed[0].contains("**2026-W10 is over.** In the pot: 5.00 €"),
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
async fn misses_add_up_and_what_was_paid_is_taken_off() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (guild, ann, ben) = begun(&bot).await;
        ann.slash("/challenge joker").await;
        bot.advance(hours(15 * 24)).await;

        let total = ben.slash("/total").await.text();
        assert!(total.contains("Dues of 2026: 20.00 € in all"), "{total}");
        let first = "💸 ben: 15.00 €** (2 missed weeks)\nann: 5.00 € (1 missed week)";
        assert!(total.contains(first), "{total}");

        let owner = guild.owner();
        let paid = owner
            .slash("/dues paid user:@ben amount:12.50")
            .await
            .text();
        assert!(
            paid.contains("has paid 12.50 € for 2026; 2.50 € left to pay"),
            "{paid}"
        );
        let total = ben.slash("/total").await.text();
        assert!(total.contains("Dues of 2026: 7.50 € in all"), "{total}");
    }
}

#[tokio::test]
async fn two_who_ask_at_once_have_it_computed_once() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (_, ann, ben) = begun(&bot).await;
    bot.advance(hours(8 * 24)).await;
    // What the closing of the week has computed counts no more.
    ann.slash("/challenge checkin sport:run minutes:30").await;
    let module = bot.host().module::<Challenges>().unwrap();
    let before = module.computed();
    let (first, second) = tokio::join!(ann.slash("/total"), ben.slash("/total"));
    assert_eq!(first.text(), second.text());
    assert_eq!(module.computed() - before, 1);
    ann.slash("/total").await;
    assert_eq!(module.computed() - before, 1);
}

#[tokio::test]
async fn what_cannot_be_is_refused_in_a_sentence() {
    let bot = TestBot::start(crate::modules::all()).await;
    let stranger = bot.guild("Rustaceans").member("cat");
    let refused = stranger.slash("/total").await.text();
    assert!(
        refused.contains("There is no challenge here yet"),
        "{refused}"
    );
    let (guild, ann, _) = begun(&bot).await;
    for (person, command, expected) in [
        (
            &ann,
            "/challenge checkin sport:chess minutes:30",
            "`chess` gives no points here",
        ),
        (
            &ann,
            "/challenge checkin sport:run minutes:30 day:2026-03-01",
            "is no day of this week",
        ),
        (&ann, "/challenge join", "You take part already"),
        (
            &ann,
            "/challenge joker week:9",
            "only this one and later ones",
        ),
        (
            &stranger,
            "/challenge checkin sport:run minutes:30",
            "You do not take part yet",
        ),
        (&stranger, "/challenge leave", "You do not take part."),
        (
            &guild.owner(),
            "/challenge create zone:Mars",
            "`Mars` is no time zone",
        ),
        (
            &guild.owner(),
            "/challenge create price:five",
            "`five` is no price",
        ),
        (
            &guild.owner(),
            "/dues paid user:@ann amount:0",
            "`0` is no amount",
        ),
    ] {
        let said = person.slash(command).await.text();
        assert!(said.contains(expected), "{command}: {said}");
    }
}

#[tokio::test]
async fn jokers_run_out() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (_, ann, _) = begun(&bot).await;
    for (week, left) in [
        (10, "3 joker weeks"),
        (11, "2 joker weeks"),
        (12, "1 joker week"),
        (13, "0 joker weeks"),
    ] {
        let said = ann
            .slash(&format!("/challenge joker week:{week}"))
            .await
            .text();
        assert!(said.contains(&format!("{left} left this year")), "{said}");
    }
    let said = ann.slash("/challenge joker week:14").await.text();
    assert!(
        said.contains("All 4 joker weeks of this year are used"),
        "{said}"
    );
}

#[tokio::test]
async fn all_of_a_member_can_be_had_and_deleted() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (guild, ann, _) = begun(&bot).await;
        ann.slash("/challenge checkin sport:run minutes:90").await;
        ann.slash("/challenge joker week:11").await;
        guild.owner().slash("/dues paid user:@ann amount:5").await;
        let user = serenity::model::id::UserId::new(ann.id().get());

        use cogsmith::module::Stores;
        let kept = Challenges::export_user(bot.host(), user).await.unwrap();
        for list in ["takes_part", "activities", "joker_weeks", "payments"] {
            assert_eq!(
                kept[list].as_array().map(Vec::len),
                Some(1),
                "{list}: {kept}"
            );
        }
        Challenges::delete_user(bot.host(), user).await.unwrap();
        let kept = Challenges::export_user(bot.host(), user).await.unwrap();
        assert!(kept.is_null(), "{kept}");
    }
}
