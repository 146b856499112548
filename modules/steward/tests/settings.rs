//! What a server sets.

use cogsmith::testing::Permissions;

use super::bot;

#[tokio::test]
async fn a_setting_is_changed_shown_and_reset_in_one_server_alone() {
    let mut bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let steps = [
        ("/settings show", "`leaderboard.lines`: `10` (default) · "),
        (
            "/settings set key:leaderboard.lines value:3",
            "`leaderboard.lines` is `3` here now; it was `10`.",
        ),
        ("/settings show", "`leaderboard.lines`: `3` · "),
        (
            "/settings set key:leaderboard.lines value:3",
            "was `3` here already: nothing has changed.",
        ),
        (
            "/settings set key:Leaderboard.Lines value:10",
            "`leaderboard.lines` is `10` here now; it was `3`.",
        ),
        (
            "/settings set key:leaderboard.lines value:3",
            "`leaderboard.lines` is `3` here now; it was `10`.",
        ),
        (
            "/settings set key:leaderboard.lines value:1000",
            "`1000` is no value for `leaderboard.lines`: I expected a whole number from 1 to 25.",
        ),
        (
            "/settings set key:nothing value:1",
            "There is no setting `nothing`.",
        ),
    ];
    for (command, expected) in steps {
        let answer = owner.slash(command).await;
        assert!(answer.is_ephemeral(), "{command}");
        assert!(
            answer.text().contains(expected),
            "{command}: {}",
            answer.text()
        );
    }
    bot.restart().await;
    let [owner, other] = ["Rustaceans", "Pythonistas"].map(|name| bot.guild(name).owner());
    let kept = owner.slash("/settings show").await.text();
    assert!(kept.contains("`leaderboard.lines`: `3` · "), "{kept}");
    let default = other.slash("/settings show").await.text();
    assert!(default.contains("`10` (default)"), "{default}");
    let reset = owner.slash("/settings reset key:leaderboard.lines").await;
    assert_eq!(
        reset.text(),
        "`leaderboard.lines` is `10` here now, the default; it was `3`."
    );
}

#[tokio::test]
async fn a_board_has_as_many_lines_as_its_server_wants() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    guild
        .owner()
        .slash("/settings set key:leaderboard.lines value:1")
        .await;
    for name in ["ann", "ben"] {
        guild.member(name).says("hello").await;
    }
    bot.advance(cogsmith::prelude::mins(10)).await;
    let board = guild.member("ann").slash("/leaderboard view").await.text();
    assert_eq!(board.matches(" XP, level").count(), 1, "{board}");
}

#[tokio::test]
async fn whoever_does_not_manage_the_server_sets_nothing() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    assert!(ann.try_slash("/settings show").await.is_err());
    let role = guild.role("managers", Permissions::MANAGE_GUILD);
    guild.give_role(&ann, role);
    let answer = ann.slash("/settings show").await.text();
    assert!(answer.contains("leaderboard.lines"), "{answer}");
}

#[tokio::test]
async fn keys_and_values_are_suggested() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    for (typed, expected) in [
        ("/settings reset key:BOARD", "leaderboard.lines"),
        ("/settings set key:leaderboard.lines value:2", "25"),
    ] {
        let suggested = owner.completes(typed).await.unwrap();
        let choices = suggested.choices().unwrap().to_string();
        assert!(choices.contains(expected), "{typed}: {choices}");
    }
}
