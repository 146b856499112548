//! Owner-only commands, in three layers, for a stranger, an administrator of the server, and the owner.

use cogsmith::testing::{Guild, Permissions, Person, SlashError};

use super::bot;

const REFUSED: &str = "Only the bot's owner may use this command.";
const COMMANDS: [&str; 2] = ["/task list", "/task stop name:leaderboard.update"];

async fn in_direct_messages(person: &Person, command: &str) -> Result<String, SlashError> {
    let reply = person.try_slash_in(&person.direct(), command).await;
    reply.map(|reply| reply.text())
}

fn administrator(guild: &Guild) -> Person {
    let ada = guild.member("ada");
    let role = guild.role("administrators", Permissions::ADMINISTRATOR);
    guild.give_role(&ada, role);
    ada
}

#[tokio::test]
async fn a_stranger_is_not_shown_them_an_administrator_is_refused_and_the_owner_served() {
    let bot = bot().await;
    let guild = bot.guild("Rustaceans");
    let (ann, ada, owner) = (guild.member("ann"), administrator(&guild), guild.owner());
    let manager = guild.member("mia");
    let role = guild.role("managers", Permissions::MANAGE_GUILD);
    guild.give_role(&manager, role);
    for command in COMMANDS {
        for person in [&ann, &manager] {
            let hidden = person.try_slash(command).await.unwrap_err();
            assert!(matches!(hidden, SlashError::NotPermitted { needed, .. } if needed == "0"));
        }
        assert_eq!(ada.slash(command).await.text(), REFUSED);
        for person in [&ann, &ada] {
            assert_eq!(in_direct_messages(person, command).await.unwrap(), REFUSED);
        }
        assert_ne!(in_direct_messages(&owner, command).await.unwrap(), REFUSED);
        assert_ne!(owner.slash(command).await.text(), REFUSED);
    }
}

#[tokio::test]
async fn with_an_owner_guild_they_are_there_and_nowhere_else() {
    let mut bot = bot().await;
    let home = bot.guild("Home");
    bot.set_owner_guild(&home);
    bot.restart().await;
    let [home, away] = ["Home", "Rustaceans"].map(|name| bot.guild(name));
    let is_there = |guild: Guild| async move {
        let suggested = guild.owner().completes("/task show name:flush").await;
        suggested.is_ok()
    };
    bot.simulator()
        .until(|simulator| {
            let requests = simulator.requests();
            let puts = requests.iter().filter(|it| it.method == "PUT");
            puts.filter(|it| it.path.contains("/guilds/")).count() == 1
        })
        .await;
    assert!(is_there(home.clone()).await && !is_there(away.clone()).await);
    let (ada, owner) = (administrator(&home), home.owner());
    for command in COMMANDS {
        assert_ne!(owner.slash(command).await.text(), REFUSED);
        assert_eq!(ada.slash(command).await.text(), REFUSED);
        let stranger = home.member("ann").try_slash(command).await;
        assert!(matches!(stranger, Err(SlashError::NotPermitted { .. })));
        for person in [&away.owner(), &administrator(&away)] {
            let away = person.try_slash(command).await;
            assert!(matches!(away, Err(SlashError::NotRegistered { .. })));
        }
        let direct = in_direct_messages(&owner, command).await;
        assert!(matches!(direct, Err(SlashError::NotRegistered { .. })));
    }
    assert!(
        away.owner()
            .slash("/module list")
            .await
            .text()
            .contains("welcome")
    );
}
