//! What is owed, paid and left.

use super::*;

#[tokio::test]
async fn misses_add_up_and_what_was_paid_is_taken_off() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (guild, ann, ben) = begun(&bot).await;
        ann.slash("/challenge joker").await;
        bot.advance(hours(15 * 24)).await;

        let total = ben.slash("/total").await.text();
        assert!(
            total.contains("Dues of 2026: 20.00 € owed, 0.00 € paid, 20.00 € left to pay"),
            "{total}"
        );
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
        assert!(
            total.contains("Dues of 2026: 20.00 € owed, 12.50 € paid, 7.50 € left to pay"),
            "{total}"
        );
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
async fn a_year_is_computed_by_the_rules_of_its_turn() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, ben) = begun(&bot).await;
    bot.advance(hours(8 * 24)).await;
    ann.slash("/challenge checkin sport:run minutes:30").await;
    let locks = bot.host().locks();
    let key = ("challenges.total", guild.id().get());
    let held = locks.lock(key).await.unwrap();
    let dearer = async {
        while !locks.held().iter().any(|it| !it.waiting.is_empty()) {
            tokio::task::yield_now().await;
        }
        guild
            .owner()
            .slash("/challenge_config create price:7")
            .await;
        drop(held);
    };
    let (total, ()) = tokio::join!(ann.slash("/total"), dearer);
    assert!(total.text().contains("14.00 € owed"), "{}", total.text());
    let total = ben.slash("/total").await.text();
    assert!(total.contains("14.00 € owed"), "{total}");
}

#[tokio::test]
async fn who_has_never_taken_part_pays_nothing() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ..) = begun(&bot).await;
    guild.member("cat");
    let refused = guild.owner().slash("/dues paid user:@cat amount:5").await;
    assert_eq!(
        refused.text(),
        "cat has never taken part here: nothing was noted."
    );
}

#[tokio::test]
async fn dues_are_shown_to_those_who_manage_the_server_only() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (_, _, ben) = begun(&bot).await;
    let refused = ben.try_slash("/dues paid user:@ben amount:5").await;
    assert!(refused.is_err(), "a member is shown /dues");
}
