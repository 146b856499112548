//! What everybody who takes part, or took part, has done in a year.

use std::collections::BTreeMap;

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Whose, small, stint, user_of, week};
use crate::modules::challenges::{dues::Record, money::Cents, rules::Rules};

type Records = BTreeMap<UserId, Record>;

pub(in crate::modules::challenges) async fn all(
    db: &Db,
    guild: GuildId,
    year: i32,
    rules: &Rules,
) -> Result<Records> {
    let (mut records, year) = (Records::new(), i64::from(year));
    for (_, user, stint) in stint::all(db, Whose::Guild(guild)).await? {
        records.entry(user).or_default().stints.push(stint);
    }
    add_points(db, guild, year, rules, &mut records).await?;
    add_jokers(db, guild, year, &mut records).await?;
    add_payments(db, guild, year, &mut records).await?;
    Ok(records)
}

async fn add_points(
    db: &Db,
    guild: GuildId,
    year: i64,
    rules: &Rules,
    records: &mut Records,
) -> Result<()> {
    let sql = "select user_id, week, sport, minutes from challenges_activity where guild_id = $1 and year = $2";
    let rows = db.read(sql).bind(guild).bind(year);
    for (user, number, sport, minutes) in rows.all::<(i64, i64, String, i64)>().await? {
        if let Some(record) = records.get_mut(&user_of(user)) {
            let sum = record.points.entry(week(year, number)).or_insert(0);
            *sum = sum.saturating_add(rules.points(&sport, small(minutes)));
        }
    }
    Ok(())
}

async fn add_jokers(db: &Db, guild: GuildId, year: i64, records: &mut Records) -> Result<()> {
    let sql = "select user_id, week from challenges_joker where guild_id = $1 and year = $2";
    let rows = db.read(sql).bind(guild).bind(year);
    for (user, number) in rows.all::<(i64, i64)>().await? {
        if let Some(record) = records.get_mut(&user_of(user)) {
            record.jokers.insert(week(year, number));
        }
    }
    Ok(())
}

async fn add_payments(db: &Db, guild: GuildId, year: i64, records: &mut Records) -> Result<()> {
    let sql = "
        select user_id, cast(sum(cents) as bigint) from challenges_payment where guild_id = $1 and year = $2
        group by user_id";
    let rows = db.read(sql).bind(guild).bind(year);
    for (user, cents) in rows.all::<(i64, i64)>().await? {
        if let Some(record) = records.get_mut(&user_of(user)) {
            record.paid = Cents::new(cents.unsigned_abs());
        }
    }
    Ok(())
}
