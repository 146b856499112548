//! What a challenge asks for, and what it refuses.

use super::*;

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
            "/challenge_config create zone:Mars",
            "`Mars` is no time zone",
        ),
        (
            &guild.owner(),
            "/challenge_config create price:five",
            "`five` is no price",
        ),
        (
            &guild.owner(),
            "/challenge_config sport name:\" \" minutes:30",
            "A sport needs a name",
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
async fn sports_that_are_added_at_once_are_all_there() {
    let bot = TestBot::start(crate::modules::all()).await;
    let (guild, ..) = begun(&bot).await;
    let owner = guild.owner();
    let names = ["chess", "climb", "row", "skate", "surf", "yoga"];
    let commands = names.map(|name| format!("/challenge_config sport name:{name} minutes:45"));
    let added = commands.iter().map(|command| owner.slash(command));
    futures_util::future::join_all(added).await;
    let rules = owner.slash("/challenge rules").await.text();
    for name in names {
        assert!(
            rules.contains(&format!("{name}: 45 min")),
            "{name}: {rules}"
        );
    }
}
