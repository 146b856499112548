//! Members who come, go and change, at the simulator.

use cogsmith::{
    prelude::*,
    testing::{Database, FaultRule, Guild, Permissions, Person, TestBot},
};

mod data;
mod diffing;
mod exporting;
mod live;
mod looking;
mod showcasing;

/// A bot with the module on in the server.
async fn on(database: Database) -> (TestBot, Guild) {
    let bot = TestBot::start_on(database, crate::modules::all()).await;
    let guild = bot.guild("Rustaceans");
    switch(&bot, &guild, true).await;
    (bot, guild)
}

/// What happens while it is off is not followed, as without the intent.
async fn switch(bot: &TestBot, guild: &Guild, is_on: bool) {
    let verb = if is_on { "enable" } else { "disable" };
    let switch = format!("/module {verb} name:members");
    guild.owner().slash(&switch).await;
    bot.settle().await;
}

/// Takes a snapshot, and lets a minute pass.
async fn snapshot(bot: &TestBot) {
    let task = bot.host().task("members.snapshot").unwrap();
    task.trigger_now().await.unwrap();
    bot.settle().await;
    bot.advance(mins(1)).await;
}

async fn names(bot: &TestBot, guild: &Guild, person: &Person, nick: &str) {
    let guild = serenity::model::id::GuildId::new(guild.id().get());
    let edit = serenity::builder::EditMember::new().nickname(nick);
    let user = person.id().get();
    guild
        .edit_member(bot.host().http(), user, edit)
        .await
        .unwrap();
    bot.settle().await;
}
