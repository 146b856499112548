//! What members have done.

use std::collections::BTreeMap;

use cogsmith::{prelude::*, store::Value};
use serenity::model::id::{GuildId, UserId};

use super::{Whose, guild_of, small, user_of};
use crate::modules::challenges::{activity::Activity, week::Week};

/// Activities of one member, day and sport are numbered: check-ins below this, those of files above it, so that
/// neither replaces the other.
const FILES: i64 = 1_000_000;

/// Notes a check-in, beside those that are there.
pub(in crate::modules::challenges) async fn check_in(
    db: &Db,
    guild: GuildId,
    activity: &Activity,
) -> Result<()> {
    let sql = "
        insert into challenges_activity (guild_id, user_id, day, sport, number, year, week, minutes)
        select $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, $6, $7 from challenges_activity
        where guild_id = $1 and user_id = $2 and day = $3 and sport = $4 and number < $8";
    let week = Week::of(activity.day);
    let insert = db.write(sql).bind(guild).bind(activity.user);
    let insert = insert
        .bind(activity.day.to_string())
        .bind(activity.sport.as_str());
    let insert = insert.bind(i64::from(week.year)).bind(week.number);
    insert.bind(activity.minutes).bind(FILES).execute().await?;
    Ok(())
}

/// Notes those of a file. They replace what a file has noted of the same member, day and sport, one by one, so
/// that the same file twice counts once.
pub(in crate::modules::challenges) async fn import(
    transaction: &mut Transaction,
    guild: GuildId,
    activities: &[Activity],
) -> Result<()> {
    let mut numbers = BTreeMap::new();
    let mut rows = Rows::new(
        "insert into challenges_activity (guild_id, user_id, day, sport, number, year, week, minutes)",
        "on conflict (guild_id, user_id, day, sport, number) do update set minutes = excluded.minutes",
    );
    for activity in activities {
        let key = (activity.user, activity.day, &activity.sport);
        let number = numbers.entry(key).or_insert(FILES);
        *number += 1;
        rows.push(row(guild, activity, *number));
    }
    Ok(transaction.write(rows).await?)
}

fn row(guild: GuildId, activity: &Activity, number: i64) -> [Value; 8] {
    let week = Week::of(activity.day);
    [
        guild.into(),
        activity.user.into(),
        activity.day.to_string().into(),
        activity.sport.as_str().into(),
        number.into(),
        i64::from(week.year).into(),
        week.number.into(),
        activity.minutes.into(),
    ]
}

/// A row as it is handed out.
pub(in crate::modules::challenges) struct Kept {
    pub(in crate::modules::challenges) guild: GuildId,
    pub(in crate::modules::challenges) user: UserId,
    pub(in crate::modules::challenges) day: String,
    pub(in crate::modules::challenges) sport: String,
    pub(in crate::modules::challenges) minutes: u32,
    pub(in crate::modules::challenges) is_of_file: bool,
}

/// Every one, by day.
pub(in crate::modules::challenges) async fn all(db: &Db, whose: Whose) -> Result<Vec<Kept>> {
    let sql = "
        select guild_id, user_id, day, sport, number, minutes from challenges_activity
        where user_id = $1 or guild_id = $2 order by day, user_id, guild_id, sport, number";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild);
    let rows = rows.all::<(i64, i64, String, String, i64, i64)>().await?;
    let kept = rows
        .into_iter()
        .map(|(guild, user, day, sport, number, minutes)| Kept {
            guild: guild_of(guild),
            user: user_of(user),
            day,
            sport,
            minutes: small(minutes),
            is_of_file: number > FILES,
        });
    Ok(kept.collect())
}
