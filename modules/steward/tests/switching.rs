//! Modules are switched on and off while the bot runs.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use cogsmith::{prelude::*, testing::TestBot};

use super::bot;

/// Uses commands and looks for what each answers.
async fn says(person: &cogsmith::testing::Person, steps: &[(&str, &str)]) {
    for (command, expected) in steps {
        let answer = person.slash(command).await.text();
        assert!(answer.contains(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn a_module_that_a_server_switches_off_does_nothing_there_until_it_is_on_again() {
    let mut bot = bot().await;
    let names = ["Rustaceans", "Pythonistas"];
    for name in names {
        bot.guild(name).member("ann").says("hello").await;
    }
    let owner = bot.guild("Rustaceans").owner();
    says(
        &owner,
        &[
            (
                "/module disable name:leaderboard",
                "`leaderboard` is switched off in this server.\nState: on in this server → off in this server.",
            ),
            (
                "/module disable name:leaderboard",
                "was switched off in this server already",
            ),
            ("/module list", "`leaderboard`: off in this server"),
            ("/module list", "`steward`: always on"),
            ("/rank", "`leaderboard` is switched off in this server."),
        ],
    )
    .await;
    bot.restart().await;
    bot.advance(mins(2)).await;
    for name in names {
        bot.guild(name).member("ann").says("anybody?").await;
    }
    let elsewhere = bot.guild("Pythonistas").member("ann");
    says(&elsewhere, &[("/rank", "from 2 messages")]).await;
    let [owner, ann] = [
        bot.guild("Rustaceans").owner(),
        bot.guild("Rustaceans").member("ann"),
    ];
    let refused = ann.slash("/rank").await;
    assert!(refused.is_ephemeral());
    let enable = "/module enable name:leaderboard";
    says(&owner, &[(enable, "→ on in this server.")]).await;
    says(&ann, &[("/rank", "from 1 message:")]).await;
    bot.advance(mins(2)).await;
    ann.says("back").await;
    says(&ann, &[("/rank", "from 2 messages")]).await;
}

#[tokio::test]
async fn a_module_that_is_off_everywhere_goes_on_where_it_was() {
    let mut bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let ann = bot.guild("Rustaceans").member("ann");
    ann.says("hello").await;
    says(
        &owner,
        &[("/task interval name:leaderboard.update time:1h", "every 1h")],
    )
    .await;
    let off = "/module_everywhere disable name:leaderboard";
    says(
        &owner,
        &[
            (
                off,
                "`leaderboard` is switched off everywhere.\nState: on → switched off everywhere.",
            ),
            (
                "/task purge",
                "Every task that is stored belongs to a module.",
            ),
            ("/task show name:leaderboard.update", "No task is named"),
        ],
    )
    .await;
    says(
        &ann,
        &[("/rank", "`leaderboard` is switched off at the moment.")],
    )
    .await;
    ann.says("is anybody counting?").await;
    bot.restart().await;
    let owner = bot.guild("Rustaceans").owner();
    let ann = bot.guild("Rustaceans").member("ann");
    ann.says("nobody").await;
    bot.settle().await;
    let on = "/module_everywhere enable name:leaderboard";
    says(
        &owner,
        &[
            (
                on,
                "`leaderboard` is switched on everywhere.\nState: switched off everywhere → on.",
            ),
            (
                "/task show name:leaderboard.update",
                "every 1h (set by hand",
            ),
        ],
    )
    .await;
    says(&ann, &[("/rank", "from 1 message:")]).await;
    bot.advance(mins(2)).await;
    ann.says("at last").await;
    bot.settle().await;
    says(&ann, &[("/rank", "from 2 messages")]).await;
}

#[tokio::test]
async fn what_cannot_be_switched_is_said() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    says(
        &owner,
        &[
            (
                "/module disable name:steward",
                "`steward` cannot be switched off.",
            ),
            (
                "/module_everywhere disable name:steward",
                "`steward` cannot be switched off.",
            ),
            (
                "/module enable name:steward",
                "`steward` was switched on in this server already.\nState: always on.",
            ),
            (
                "/module disable name:Leaderboard",
                "`leaderboard` is switched off in this server.",
            ),
            (
                "/module enable name:nothing",
                "There is no module `nothing`.",
            ),
        ],
    )
    .await;
    let suggested = owner.completes("/module disable name:LEAD").await.unwrap();
    let choices = suggested.choices().unwrap().to_string();
    assert!(
        choices.contains("leaderboard: off in this server"),
        "{choices}"
    );
}

#[tokio::test]
async fn whoever_manages_a_server_switches_there_and_not_everywhere() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let ann = guild.member("ann");
    assert!(ann.try_slash("/module list").await.is_err());
    let role = guild.role("managers", cogsmith::testing::Permissions::MANAGE_GUILD);
    guild.give_role(&ann, role);
    let disable = "/module disable name:welcome";
    says(&ann, &[(disable, "→ off in this server.")]).await;
    let everywhere = "/module_everywhere disable name:welcome";
    assert!(ann.try_slash(everywhere).await.is_err());
    let owner = bot.guild("Rustaceans").owner();
    let here = owner.direct();
    let switched = owner.try_slash_in(&here, everywhere).await;
    let text = switched.unwrap().text();
    let expected = "`welcome` is switched off everywhere.\nState: on → switched off everywhere.";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn whoever_joins_where_welcome_is_off_is_not_greeted() {
    let bot: TestBot = bot().await;
    let [here, there] = ["Rustaceans", "Pythonistas"].map(|name| bot.guild(name));
    here.owner().slash("/module disable name:welcome").await;
    let ann = here.member("ann");
    there.member_as(&ann);
    bot.settle().await;
    let greeting = format!("Welcome, <@{}>!", ann.id());
    assert!(!bot.messages(&here, "general").contains(&greeting));
    assert!(bot.messages(&there, "general").contains(&greeting));
}

static IS_THERE: AtomicBool = AtomicBool::new(false);

/// Cannot be loaded at first.
struct Late;

impl Module for Late {
    const NAME: &'static str = "late";

    async fn load(_host: Host) -> Result<Self> {
        anyhow::ensure!(IS_THERE.load(SeqCst), "not there yet");
        Ok(Self)
    }

    fn setup(_setup: &mut Setup<Self>) {}
}

#[tokio::test]
async fn the_owner_loads_again_from_any_server_what_could_not_be_loaded() {
    let mut bot = TestBot::start(crate::modules::all().with::<Late>()).await;
    bot.expect_failures(2);
    let owner = bot.guild("Rustaceans").owner();
    let enable = "/module enable name:late";
    let already = "`late` was switched on in this server already.\nState: ";
    let failed = format!("{already}could not be loaded: not there yet.");
    says(&owner, &[(enable, &failed)]).await;
    IS_THERE.store(true, SeqCst);
    let loaded = format!("{already}could not be loaded: not there yet → on in this server.");
    says(&owner, &[(enable, &loaded)]).await;
}
