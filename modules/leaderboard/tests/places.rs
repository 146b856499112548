//! Places come from memory, and are those that the database would count.

use cogsmith::testing::{Database, Guild, Person};
use rand::RngExt;

use super::*;

/// What `/rank` says of a member, and what the database says: place and XP.
async fn agree(bot: &TestBot, guild: &Guild, member: &Person) {
    let told = member.slash("/rank").await.text();
    let sql = "select xp from leaderboard_score where guild_id = $1 and user_id = $2";
    let (guild, user) = (guild.id().get(), member.id().get());
    let xp = bot.host().db().read(sql).bind(guild).bind(user);
    let Some((xp,)) = xp.optional::<(i64,)>().await.unwrap() else {
        assert_eq!(told, "You have no XP yet.");
        return;
    };
    let sql = "select 1 + count(*) from leaderboard_score where guild_id = $1 and xp > $2";
    let place = bot.host().db().read(sql).bind(guild).bind(xp);
    let (place,) = place.one::<(i64,)>().await.unwrap();
    let expected = format!("is number {place} with {xp} XP");
    assert!(told.contains(&expected), "{told}, expected {expected}");
}

/// Rows of people who say nothing, many with the same XP.
async fn strangers(bot: &TestBot, guild: &Guild) {
    let mut transaction = bot.host().db().begin().await.unwrap();
    for user in 1..=1_500_i64 {
        let insert = "insert into leaderboard_score values ($1, $2, $3, 1, 0)";
        let xp = rand::rng().random_range(0..120_i64);
        let insert = transaction.query(insert).bind(guild.id().get());
        insert.bind(user).bind(xp).execute().await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn places_are_those_that_the_database_counts() {
    for database in Database::each().await {
        let mut bot = TestBot::start_on(database, crate::modules::all()).await;
        let guild = bot.guild("Rustaceans");
        let members = ["ann", "ben", "cat", "dan"].map(|name| guild.member(name));
        strangers(&bot, &guild).await;
        for round in 0..6 {
            for member in &members {
                agree(&bot, &guild, member).await;
            }
            for member in &members {
                if rand::rng().random_range(0..3) > 0 {
                    member.says("hello").await;
                }
            }
            bot.advance(mins(1)).await;
            if round == 3 {
                members[0].slash("/data delete confirm:delete").await;
            }
            if round == 4 {
                bot.restart().await;
            }
        }
        for member in &members {
            agree(&bot, &guild, member).await;
        }
    }
}
