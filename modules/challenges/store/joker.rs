//! Weeks that members leave out.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Whose, guild_of, user_of};
use crate::modules::challenges::week::Week;

pub(in crate::modules::challenges) async fn add(
    db: &Db,
    guild: GuildId,
    user: UserId,
    week: Week,
) -> Result<()> {
    let sql =
        "insert into challenges_joker (guild_id, user_id, year, week) values ($1, $2, $3, $4)";
    let insert = db.write(sql).bind(guild).bind(user);
    let insert = insert.bind(i64::from(week.year)).bind(week.number);
    insert.execute().await?;
    Ok(())
}

/// A member's of a year.
pub(in crate::modules::challenges) async fn of(
    db: &Db,
    guild: GuildId,
    user: UserId,
    year: i32,
) -> Result<Vec<Week>> {
    let sql =
        "select week from challenges_joker where guild_id = $1 and user_id = $2 and year = $3";
    let rows = db.read(sql).bind(guild).bind(user).bind(i64::from(year));
    let rows = rows.all::<(i64,)>().await?.into_iter();
    Ok(rows
        .map(|(number,)| super::week(year.into(), number))
        .collect())
}

/// Every one, by week.
pub(in crate::modules::challenges) async fn all(
    db: &Db,
    whose: Whose,
) -> Result<Vec<(GuildId, UserId, Week)>> {
    let sql = "
        select guild_id, user_id, year, week from challenges_joker
        where user_id = $1 or guild_id = $2 order by year, week, user_id, guild_id";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild);
    let rows = rows.all::<(i64, i64, i64, i64)>().await?.into_iter();
    let jokers = rows.map(|(guild, user, year, number)| {
        (guild_of(guild), user_of(user), super::week(year, number))
    });
    Ok(jokers.collect())
}
