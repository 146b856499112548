//! Weeks that are played by people against the simulator.

use cogsmith::{
    prelude::*,
    testing::{Database, Guild, Permissions, Person, TestBot},
};

use super::Challenges;

mod data;
mod importing;
mod money;
mod set_up;
mod taking_part;
mod weeks;

/// The test's clock begins on Monday, 2 March 2026, in week 10.
async fn begun(bot: &TestBot) -> (Guild, Person, Person) {
    let guild = bot.guild("Rustaceans");
    let (ann, ben) = (guild.member("ann"), guild.member("ben"));
    let owner = guild.owner();
    let made = owner
        .slash("/challenge_config create zone:Europe/Prague")
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
