//! A guild's challenge with its sports.

use chrono_tz::Tz;
use cogsmith::prelude::*;
use serenity::model::id::{ChannelId, GuildId, UserId};

use super::{guild_of, maybe_user_of, small, week};
use crate::modules::challenges::{challenge::Challenge, money::Cents, rules::Rules};

#[derive(sqlx::FromRow)]
struct Row {
    channel_id: i64,
    zone: String,
    start_year: i64,
    start_week: i64,
    needed: i64,
    tolerance: i64,
    price: i64,
    factor: i64,
    jokers: i64,
    set_up_by: i64,
}

/// Sets a guild's challenge; what members have done stays.
pub(in crate::modules::challenges) async fn write(
    transaction: &mut Transaction,
    guild: GuildId,
    challenge: &Challenge,
) -> Result<()> {
    for sql in [
        "delete from challenges_rules where guild_id = $1",
        "delete from challenges_sport where guild_id = $1",
    ] {
        transaction.query(sql).bind(guild).execute().await?;
    }
    write_rules(transaction, guild, challenge).await?;
    let mut sports = Rows::new(
        "insert into challenges_sport (guild_id, sport, minutes)",
        "",
    );
    for (sport, minutes) in &challenge.rules.sports {
        sports.push([guild.into(), sport.as_str().into(), (*minutes).into()]);
    }
    Ok(transaction.write(sports).await?)
}

async fn write_rules(
    transaction: &mut Transaction,
    guild: GuildId,
    challenge: &Challenge,
) -> Result<()> {
    let rules = &challenge.rules;
    let mut rows = Rows::new(
        "insert into challenges_rules (guild_id, channel_id, zone, start_year, start_week,
            needed, tolerance, price, factor, jokers, set_up_by)",
        "",
    );
    rows.push([
        guild.into(),
        challenge.channel.into(),
        challenge.zone.name().into(),
        i64::from(rules.start.year).into(),
        rules.start.number.into(),
        rules.needed.into(),
        rules.tolerance.into(),
        rules.price.get().into(),
        rules.factor.into(),
        rules.jokers.into(),
        challenge.set_up_by.map_or(0, UserId::get).into(),
    ]);
    Ok(transaction.write(rows).await?)
}

/// A guild's challenge, if it has one.
pub(in crate::modules::challenges) async fn read(
    db: &Db,
    guild: GuildId,
) -> Result<Option<Challenge>> {
    let sql = "
        select channel_id, zone, start_year, start_week, needed, tolerance, price, factor, jokers, set_up_by
        from challenges_rules where guild_id = $1";
    let Some(row) = db.read(sql).bind(guild).optional::<Row>().await? else {
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
        set_up_by: maybe_user_of(row.set_up_by),
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

/// The guilds whose challenge somebody has set up.
pub(in crate::modules::challenges) async fn set_up_by(
    db: &Db,
    user: UserId,
) -> Result<Vec<GuildId>> {
    let sql = "select guild_id from challenges_rules where set_up_by = $1 order by guild_id";
    let guilds = db.read(sql).bind(user).all::<(i64,)>().await?;
    Ok(guilds.into_iter().map(|(id,)| guild_of(id)).collect())
}
