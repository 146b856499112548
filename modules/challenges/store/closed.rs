//! Weeks that were closed.

use std::collections::BTreeSet;

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

use crate::modules::challenges::week::Week;

/// Notes that a week is closed; `false` when it was already.
pub(in crate::modules::challenges) async fn add(
    db: &Db,
    guild: GuildId,
    week: Week,
) -> Result<bool> {
    let sql = "
        insert into challenges_closed (guild_id, year, week) values ($1, $2, $3) on conflict do nothing";
    let insert = db.write(sql).bind(guild);
    let insert = insert.bind(i64::from(week.year)).bind(week.number);
    Ok(insert.execute().await? > 0)
}

pub(in crate::modules::challenges) async fn all(db: &Db, guild: GuildId) -> Result<BTreeSet<Week>> {
    let sql = "select year, week from challenges_closed where guild_id = $1";
    let rows = db.read(sql).bind(guild).all::<(i64, i64)>().await?;
    let weeks = rows
        .into_iter()
        .map(|(year, number)| super::week(year, number));
    Ok(weeks.collect())
}
