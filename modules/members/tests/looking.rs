//! `/members search` and `stats`.

use super::*;

#[tokio::test]
async fn members_are_found_by_the_beginning_of_their_names_a_page_at_a_time() {
    let (bot, guild) = on(Database::sqlite()).await;
    let (owner, general) = (guild.owner(), guild.channel("general"));
    let cat = guild.member("cat");
    names(&bot, &guild, &cat, "person of note").await;
    guild.fill(50);
    let answer = owner.slash("/members search name:person").await;
    assert!(answer.is_ephemeral());
    let text = answer.text();
    assert!(
        text.contains("51 members") && text.contains("Page 1 of 3"),
        "{text}"
    );
    let mut pages = text;
    for _ in 0..2 {
        pages += &owner.presses(&general, "Next", &[]).await.unwrap().text();
    }
    assert!(
        pages.contains("cat `cat` (`person of note`), joined "),
        "{pages}"
    );
    let none = owner.slash("/members search name:`zoe::%").await.text();
    assert_eq!(none, "Nobody's name begins with `ˋzoe::%`.");
    let refused = cat.slash("/members search name:a").await.text();
    assert!(
        refused.starts_with("You need more permissions"),
        "{refused}"
    );
}

#[tokio::test]
async fn stats_count_by_kind_role_and_week_as_of_the_last_snapshot() {
    for database in Database::each().await {
        let (bot, guild) = on(database).await;
        let owner = guild.owner();
        let none = owner.slash("/members stats").await.text();
        assert!(none.starts_with("No snapshot"), "{none}");
        let (ann, helpers) = (
            guild.member("ann"),
            guild.role("helpers", Permissions::NONE),
        );
        guild.give_role(&ann, helpers);
        bot.advance(hours(7 * 24)).await;
        guild.fill(1_200);
        snapshot(&bot).await;
        guild.member("too late");
        bot.settle().await;
        let text = owner.slash("/members stats").await.text();
        for line in [
            "People: 1202",
            "Bots: 1",
            "helpers: 1",
            "2026-W11: 1200",
            "2026-W10: 3",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
