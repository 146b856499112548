//! The SQL of challenges, nothing else.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use cogsmith::prelude::*;
use serde_json::{Value, json};
use serenity::model::id::{ChannelId, GuildId, UserId};

use super::{challenge::Challenge, dues::Record, money::Cents, rules::Rules, week::Week};

/// Something that a member has done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Activity {
    pub(super) user: UserId,
    pub(super) day: NaiveDate,
    pub(super) sport: String,
    pub(super) minutes: u32,
}

#[derive(sqlx::FromRow)]
struct RulesRow {
    channel_id: i64,
    zone: String,
    start_year: i64,
    start_week: i64,
    needed: i64,
    tolerance: i64,
    price: i64,
    factor: i64,
    jokers: i64,
}

/// Sets a guild's challenge; what members have done stays.
pub(super) async fn set(db: &Db, guild: GuildId, challenge: &Challenge) -> Result<()> {
    let rules = &challenge.rules;
    let mut transaction = db.begin().await?;
    for sql in [
        "delete from challenges_rules where guild_id = $1",
        "delete from challenges_sport where guild_id = $1",
    ] {
        transaction.query(sql).bind(guild).execute().await?;
    }
    let insert = "
        insert into challenges_rules
            (guild_id, channel_id, zone, start_year, start_week, needed, tolerance, price, factor, jokers)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let insert = transaction
        .query(insert)
        .bind(guild)
        .bind(challenge.channel)
        .bind(challenge.zone.name());
    let insert = insert
        .bind(i64::from(rules.start.year))
        .bind(rules.start.number);
    let insert = insert
        .bind(rules.needed)
        .bind(rules.tolerance)
        .bind(rules.price.get());
    insert
        .bind(rules.factor)
        .bind(rules.jokers)
        .execute()
        .await?;
    let mut sports = Rows::new(
        "insert into challenges_sport (guild_id, sport, minutes)",
        "",
    );
    for (sport, minutes) in &rules.sports {
        sports.push([guild.into(), sport.as_str().into(), (*minutes).into()]);
    }
    transaction.write(sports).await?;
    Ok(transaction.commit().await?)
}

/// A guild's challenge, if it has one.
pub(super) async fn challenge(db: &Db, guild: GuildId) -> Result<Option<Challenge>> {
    let sql = "
        select channel_id, zone, start_year, start_week, needed, tolerance, price, factor, jokers
        from challenges_rules where guild_id = $1";
    let Some(row) = db.read(sql).bind(guild).optional::<RulesRow>().await? else {
        return Ok(None);
    };
    let sql = "select sport, minutes from challenges_sport where guild_id = $1";
    let sports = db.read(sql).bind(guild).all::<(String, i64)>().await?;
    let sports = sports
        .into_iter()
        .map(|(sport, minutes)| (sport, small(minutes)));
    Ok(Some(Challenge {
        channel: ChannelId::new(row.channel_id.cast_unsigned()),
        zone: row.zone.parse::<Tz>()?,
        rules: Rules {
            start: week(row.start_year, row.start_week),
            needed: small(row.needed),
            tolerance: small(row.tolerance),
            price: Cents::new(row.price.unsigned_abs()),
            factor: small(row.factor),
            jokers: small(row.jokers),
            sports: sports.collect(),
        },
    }))
}

/// Lets a member take part from `first` on; one who has left takes part again, and owes nothing for the time between
/// only as far as it lies before `first`.
pub(super) async fn join(db: &Db, guild: GuildId, user: UserId, first: Week) -> Result<bool> {
    let sql = "
        insert into challenges_member (guild_id, user_id, first_year, first_week) values ($1, $2, $3, $4)
        on conflict (guild_id, user_id) do update
            set first_year = excluded.first_year, first_week = excluded.first_week, last_year = null, last_week = null
            where challenges_member.last_year is not null";
    let join = db
        .write(sql)
        .bind(guild)
        .bind(user)
        .bind(i64::from(first.year))
        .bind(first.number);
    Ok(join.execute().await? > 0)
}

/// Ends a member's taking part with `last`, the last week that counts.
pub(super) async fn leave(db: &Db, guild: GuildId, user: UserId, last: Week) -> Result<bool> {
    let sql = "
        update challenges_member set last_year = $3, last_week = $4
        where guild_id = $1 and user_id = $2 and last_year is null";
    let leave = db
        .write(sql)
        .bind(guild)
        .bind(user)
        .bind(i64::from(last.year))
        .bind(last.number);
    Ok(leave.execute().await? > 0)
}

/// Notes activities. Those of one member, day and sport are numbered as they come, after `number` that are there:
/// with 0, what is noted already is replaced, so that the same file imported twice counts once.
pub(super) async fn note(
    db: &Db,
    guild: GuildId,
    activities: &[Activity],
    after: i64,
) -> Result<()> {
    let mut numbers = BTreeMap::new();
    let mut rows = Rows::new(
        "insert into challenges_activity (guild_id, user_id, day, sport, number, year, week, minutes)",
        "on conflict (guild_id, user_id, day, sport, number) do update set minutes = excluded.minutes",
    );
    for activity in activities {
        let number = numbers
            .entry((activity.user, activity.day, &activity.sport))
            .or_insert(after);
        *number += 1;
        let week = Week::of(activity.day);
        rows.push([
            guild.into(),
            activity.user.into(),
            activity.day.to_string().into(),
            activity.sport.as_str().into(),
            (*number).into(),
            i64::from(week.year).into(),
            week.number.into(),
            activity.minutes.into(),
        ]);
    }
    let mut transaction = db.begin().await?;
    transaction.write(rows).await?;
    Ok(transaction.commit().await?)
}

/// How many activities of one sport a member has noted on a day.
pub(super) async fn noted(db: &Db, guild: GuildId, activity: &Activity) -> Result<i64> {
    let sql = "
        select count(*) from challenges_activity where guild_id = $1 and user_id = $2 and day = $3 and sport = $4";
    let query = db
        .read(sql)
        .bind(guild)
        .bind(activity.user)
        .bind(activity.day.to_string());
    let (count,) = query.bind(activity.sport.as_str()).one::<(i64,)>().await?;
    Ok(count)
}

/// Leaves a week out; `false` when it was left out already.
pub(super) async fn add_joker(db: &Db, guild: GuildId, user: UserId, week: Week) -> Result<bool> {
    let sql = "
        insert into challenges_joker (guild_id, user_id, year, week) values ($1, $2, $3, $4) on conflict do nothing";
    let insert = db
        .write(sql)
        .bind(guild)
        .bind(user)
        .bind(i64::from(week.year))
        .bind(week.number);
    Ok(insert.execute().await? > 0)
}

/// A payment for a year's dues.
pub(super) struct Payment {
    pub(super) user: UserId,
    pub(super) year: i32,
    pub(super) cents: Cents,
    pub(super) recorded_by: UserId,
}

pub(super) async fn pay(
    db: &Db,
    guild: GuildId,
    payment: &Payment,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "
        insert into challenges_payment (guild_id, user_id, paid_at, number, year, cents, recorded_by)
        select $1, $2, $3, count(*) + 1, $4, $5, $6 from challenges_payment where guild_id = $1 and user_id = $2";
    let insert = db
        .write(sql)
        .bind(guild)
        .bind(payment.user)
        .bind(now)
        .bind(i64::from(payment.year));
    insert
        .bind(payment.cents.get())
        .bind(payment.recorded_by)
        .execute()
        .await?;
    Ok(())
}

/// What everybody who takes part, or took part, has done in a year.
pub(super) async fn records(
    db: &Db,
    guild: GuildId,
    year: i32,
    rules: &Rules,
) -> Result<BTreeMap<UserId, Record>> {
    let mut records = members(db, guild).await?;
    let sql = "select user_id, week, sport, minutes from challenges_activity where guild_id = $1 and year = $2";
    let rows = db
        .read(sql)
        .bind(guild)
        .bind(i64::from(year))
        .all::<(i64, i64, String, i64)>()
        .await?;
    for (user, number, sport, minutes) in rows {
        let points = rules.points(&sport, small(minutes));
        if let Some(record) = records.get_mut(&user_of(user)) {
            let sum = record
                .points
                .entry(week(i64::from(year), number))
                .or_insert(0);
            *sum = sum.saturating_add(points);
        }
    }
    let sql = "select user_id, week from challenges_joker where guild_id = $1 and year = $2";
    for (user, number) in db
        .read(sql)
        .bind(guild)
        .bind(i64::from(year))
        .all::<(i64, i64)>()
        .await?
    {
        if let Some(record) = records.get_mut(&user_of(user)) {
            record.jokers.insert(week(i64::from(year), number));
        }
    }
    let sql = "
        select user_id, cast(sum(cents) as bigint) from challenges_payment where guild_id = $1 and year = $2
        group by user_id";
    for (user, cents) in db
        .read(sql)
        .bind(guild)
        .bind(i64::from(year))
        .all::<(i64, i64)>()
        .await?
    {
        if let Some(record) = records.get_mut(&user_of(user)) {
            record.paid = Cents::new(cents.unsigned_abs());
        }
    }
    Ok(records)
}

async fn members(db: &Db, guild: GuildId) -> Result<BTreeMap<UserId, Record>> {
    let sql = "
        select user_id, first_year, first_week, last_year, last_week from challenges_member where guild_id = $1";
    let rows = db
        .read(sql)
        .bind(guild)
        .all::<(i64, i64, i64, Option<i64>, Option<i64>)>()
        .await?;
    let records = rows
        .into_iter()
        .map(|(user, first_year, first_week, last_year, last_week)| {
            let record = Record {
                first: Some(week(first_year, first_week)),
                last: last_year
                    .zip(last_week)
                    .map(|(year, number)| week(year, number)),
                ..Record::default()
            };
            (user_of(user), record)
        });
    Ok(records.collect())
}

/// Whether a member takes part now.
pub(super) async fn takes_part(db: &Db, guild: GuildId, user: UserId) -> Result<bool> {
    let sql = "
        select count(*) from challenges_member where guild_id = $1 and user_id = $2 and last_year is null";
    let (count,) = db.read(sql).bind(guild).bind(user).one::<(i64,)>().await?;
    Ok(count > 0)
}

fn week(year: i64, number: i64) -> Week {
    Week {
        year: i32::try_from(year).unwrap_or(i32::MAX),
        number: small(number),
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn user_of(id: i64) -> UserId {
    UserId::new(id.cast_unsigned())
}

/// What is kept of one person: rows as JSON, by the names of their columns.
pub(super) async fn takings_part(db: &Db, user: UserId) -> Result<Vec<Value>> {
    let sql = "
        select guild_id, first_year, first_week, last_year, last_week from challenges_member where user_id = $1";
    let rows = db
        .read(sql)
        .bind(user)
        .all::<(i64, i64, i64, Option<i64>, Option<i64>)>()
        .await?;
    let shown = rows.into_iter().map(|(guild, first_year, first_week, last_year, last_week)| {
        let last = last_year.zip(last_week).map(|(year, number)| week(year, number).to_string());
        json!({"guild": guild.to_string(), "first": week(first_year, first_week).to_string(), "last": last})
    });
    Ok(shown.collect())
}

pub(super) async fn activities(db: &Db, user: UserId) -> Result<Vec<Value>> {
    let sql = "select guild_id, day, sport, minutes from challenges_activity where user_id = $1 order by day";
    let rows = db
        .read(sql)
        .bind(user)
        .all::<(i64, String, String, i64)>()
        .await?;
    let shown = rows.into_iter().map(|(guild, day, sport, minutes)| {
        json!({"guild": guild.to_string(), "day": day, "sport": sport, "minutes": minutes})
    });
    Ok(shown.collect())
}

pub(super) async fn jokers(db: &Db, user: UserId) -> Result<Vec<Value>> {
    let sql =
        "select guild_id, year, week from challenges_joker where user_id = $1 order by year, week";
    let rows = db.read(sql).bind(user).all::<(i64, i64, i64)>().await?;
    let shown = rows.into_iter().map(|(guild, year, number)| {
        json!({"guild": guild.to_string(), "week": week(year, number).to_string()})
    });
    Ok(shown.collect())
}

pub(super) async fn payments(db: &Db, user: UserId) -> Result<Vec<Value>> {
    let sql = "select guild_id, paid_at, year, cents from challenges_payment where user_id = $1 order by paid_at";
    let rows = db
        .read(sql)
        .bind(user)
        .all::<(i64, i64, i64, i64)>()
        .await?;
    let shown = rows.into_iter().map(|(guild, paid_at, year, cents)| {
        json!({"guild": guild.to_string(), "paid_at": paid_at, "year": year, "cents": cents})
    });
    Ok(shown.collect())
}

/// Deletes all of a person; what they have recorded of others stays, without their name.
pub(super) async fn delete_user(db: &Db, user: UserId) -> Result<()> {
    let statements = [
        "delete from challenges_member where user_id = $1",
        "delete from challenges_activity where user_id = $1",
        "delete from challenges_joker where user_id = $1",
        "delete from challenges_payment where user_id = $1",
        "update challenges_payment set recorded_by = 0 where recorded_by = $1",
    ];
    run_all(db, &statements, user).await
}

/// Runs statements about one user or guild in one transaction.
async fn run_all(
    db: &Db,
    statements: &[&'static str],
    id: impl Into<cogsmith::store::Value> + Copy,
) -> Result<()> {
    let mut transaction = db.begin().await?;
    for sql in statements {
        transaction.query(sql).bind(id).execute().await?;
    }
    Ok(transaction.commit().await?)
}

pub(super) async fn export_guild(db: &Db, guild: GuildId) -> Result<Value> {
    let Some(challenge) = challenge(db, guild).await? else {
        return Ok(Value::Null);
    };
    let sql = "select user_id, day, sport, minutes from challenges_activity where guild_id = $1 order by day, user_id";
    let rows = db
        .read(sql)
        .bind(guild)
        .all::<(i64, String, String, i64)>()
        .await?;
    let activities = rows.into_iter().map(|(user, day, sport, minutes)| {
        json!({"user": user.to_string(), "day": day, "sport": sport, "minutes": minutes})
    });
    let sql =
        "select user_id, year, cents from challenges_payment where guild_id = $1 order by paid_at";
    let rows = db.read(sql).bind(guild).all::<(i64, i64, i64)>().await?;
    let payments = rows
        .into_iter()
        .map(|(user, year, cents)| json!({"user": user.to_string(), "year": year, "cents": cents}));
    let rules = &challenge.rules;
    Ok(json!({
        "zone": challenge.zone.name(),
        "start": rules.start.to_string(),
        "needed": rules.needed,
        "tolerance": rules.tolerance,
        "price_cents": rules.price.get(),
        "factor_percent": rules.factor,
        "jokers": rules.jokers,
        "sports": rules.sports,
        "activities": activities.collect::<Vec<_>>(),
        "payments": payments.collect::<Vec<_>>(),
    }))
}

pub(super) async fn delete_guild(db: &Db, guild: GuildId) -> Result<()> {
    let statements = [
        "delete from challenges_rules where guild_id = $1",
        "delete from challenges_sport where guild_id = $1",
        "delete from challenges_member where guild_id = $1",
        "delete from challenges_activity where guild_id = $1",
        "delete from challenges_joker where guild_id = $1",
        "delete from challenges_payment where guild_id = $1",
    ];
    run_all(db, &statements, guild).await
}
