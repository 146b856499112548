//! Joining, leaving, checking in, and leaving weeks out.

use super::*;

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
        said.contains("You have no joker week of 2026 left."),
        "{said}"
    );
}

#[tokio::test]
async fn leaving_and_joining_again_keeps_what_is_owed() {
    for database in Database::each().await {
        let bot = TestBot::start_on(database, crate::modules::all()).await;
        let (_, ann, _) = begun(&bot).await;
        bot.advance(hours(8 * 24)).await;
        let left = ann.slash("/challenge leave").await.text();
        assert!(left.contains("2026-W11, this one, is your last"), "{left}");
        let again = ann.slash("/challenge leave").await.text();
        assert!(again.contains("You have left already"), "{again}");
        bot.advance(hours(7 * 24)).await;
        let refused = ann.slash("/challenge checkin sport:run minutes:30").await;
        assert_eq!(
            refused.text(),
            "2026-W11 was your last week: `/challenge join` takes part again."
        );
        let joined = ann.slash("/challenge join").await.text();
        assert!(joined.contains("Your first week is 2026-W13"), "{joined}");
        bot.advance(hours(14 * 24)).await;

        let status = ann.slash("/challenge status").await.text();
        let weeks = "❌ W10 5.00 €\n❌ W11 10.00 €\n❌ W13 20.00 €";
        assert!(status.contains(weeks), "{status}");
        assert!(status.contains("Owed: 35.00 €"), "{status}");
    }
}

#[tokio::test]
async fn whoever_leaves_before_the_first_week_never_took_part() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, _) = begun(&bot).await;
    let cat = guild.member("cat");
    bot.advance(hours(24)).await;
    cat.slash("/challenge join").await;
    let status = cat.slash("/challenge status").await.text();
    assert!(status.contains("cat: takes no part this week"), "{status}");
    let left = cat.slash("/challenge leave").await.text();
    assert_eq!(left, "No week of yours had begun: you do not take part.");
    bot.advance(hours(14 * 24)).await;
    let total = ann.slash("/total").await.text();
    assert!(!total.contains("cat"), "{total}");
}

#[tokio::test]
async fn a_week_in_which_somebody_left_and_joined_again_counts_once() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (_, ann, _) = begun(&bot).await;
    ann.slash("/challenge leave").await;
    let joined = ann.slash("/challenge join").await.text();
    assert!(joined.contains("Your first week is 2026-W11"), "{joined}");
    ann.slash("/challenge checkin sport:run minutes:90").await;
    bot.advance(hours(8 * 24)).await;
    let status = ann.slash("/challenge status").await.text();
    assert!(status.contains("Weeks: ✅ W10\n"), "{status}");
}

#[tokio::test]
async fn nothing_counts_before_ones_first_week() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ..) = begun(&bot).await;
    let cat = guild.member("cat");
    bot.advance(hours(24)).await;
    cat.slash("/challenge join").await;
    for command in [
        "/challenge checkin sport:run minutes:30",
        "/challenge joker",
    ] {
        assert_eq!(
            cat.slash(command).await.text(),
            "Your first week is 2026-W11, from Monday, 2026-03-09, on: nothing counts before it."
        );
    }
}

#[tokio::test]
async fn nothing_counts_for_a_week_that_is_closed() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, _) = begun(&bot).await;
    // Monday, 00:10 in Prague, is Sunday in New York.
    bot.advance(hours(6 * 24 + 14) + mins(10)).await;
    let owner = guild.owner();
    owner
        .slash("/challenge_config create zone:America/New_York")
        .await;
    for command in [
        "/challenge checkin sport:run minutes:30",
        "/challenge joker",
    ] {
        assert_eq!(
            ann.slash(command).await.text(),
            "2026-W10 is closed: nothing more counts for it."
        );
    }
}

#[tokio::test]
async fn a_challenge_without_joker_weeks_says_so() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ann, _) = begun(&bot).await;
    let made = guild
        .owner()
        .slash("/challenge_config create jokers:0")
        .await;
    assert!(
        made.text().contains("Joker weeks in a year: None"),
        "{}",
        made.text()
    );
    assert_eq!(
        ann.slash("/challenge joker").await.text(),
        "This challenge has no joker weeks."
    );
}
