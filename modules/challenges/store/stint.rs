//! When members take part.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Whose, guild_of, user_of, week};
use crate::modules::challenges::{stint::Stint, week::Week};

type Columns = (i64, i64, i64, i64, Option<i64>, Option<i64>);

/// Begins one that has no last week yet.
pub(in crate::modules::challenges) async fn begin(
    db: &Db,
    guild: GuildId,
    user: UserId,
    first: Week,
) -> Result<()> {
    let sql = "
        insert into challenges_stint (guild_id, user_id, first_year, first_week) values ($1, $2, $3, $4)";
    let begin = db.write(sql).bind(guild).bind(user);
    let begin = begin.bind(i64::from(first.year)).bind(first.number);
    begin.execute().await?;
    Ok(())
}

/// Ends the one that has no last week yet.
pub(in crate::modules::challenges) async fn end(
    db: &Db,
    guild: GuildId,
    user: UserId,
    last: Week,
) -> Result<()> {
    let sql = "
        update challenges_stint set last_year = $3, last_week = $4
        where guild_id = $1 and user_id = $2 and last_year is null";
    let end = db.write(sql).bind(guild).bind(user);
    let end = end.bind(i64::from(last.year)).bind(last.number);
    end.execute().await?;
    Ok(())
}

/// Takes back the one that has no last week yet.
pub(in crate::modules::challenges) async fn take_back(
    db: &Db,
    guild: GuildId,
    user: UserId,
) -> Result<()> {
    let sql =
        "delete from challenges_stint where guild_id = $1 and user_id = $2 and last_year is null";
    db.write(sql).bind(guild).bind(user).execute().await?;
    Ok(())
}

/// A member's, oldest first.
pub(in crate::modules::challenges) async fn of(
    db: &Db,
    guild: GuildId,
    user: UserId,
) -> Result<Vec<Stint>> {
    let sql = "
        select guild_id, user_id, first_year, first_week, last_year, last_week from challenges_stint
        where guild_id = $1 and user_id = $2 order by first_year, first_week";
    let rows = db.read(sql).bind(guild).bind(user).all::<Columns>().await?;
    let stints = rows.into_iter().map(|row| read(row).2);
    Ok(stints.collect())
}

/// Every one, each member's oldest first.
pub(in crate::modules::challenges) async fn all(
    db: &Db,
    whose: Whose,
) -> Result<Vec<(GuildId, UserId, Stint)>> {
    let sql = "
        select guild_id, user_id, first_year, first_week, last_year, last_week from challenges_stint
        where user_id = $1 or guild_id = $2 order by user_id, guild_id, first_year, first_week";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild).all::<Columns>().await?;
    Ok(rows.into_iter().map(read).collect())
}

fn read(
    (guild, user, first_year, first_week, last_year, last_week): Columns,
) -> (GuildId, UserId, Stint) {
    let last = last_year.zip(last_week);
    let stint = Stint {
        first: week(first_year, first_week),
        last: last.map(|(year, number)| week(year, number)),
    };
    (guild_of(guild), user_of(user), stint)
}
