//! What members have paid.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, UserId};

use super::{Whose, guild_of, maybe_user_of, user_of};
use crate::modules::challenges::{money::Cents, payment::Payment};

type Columns = (i64, i64, i64, i64, i64, i64);

pub(in crate::modules::challenges) async fn add(
    transaction: &mut Transaction,
    guild: GuildId,
    payment: &Payment,
) -> Result<()> {
    let sql = "
        insert into challenges_payment (guild_id, user_id, paid_at, number, year, cents, recorded_by)
        select $1, $2, $3, count(*) + 1, $4, $5, $6 from challenges_payment where guild_id = $1 and user_id = $2";
    let insert = transaction.query(sql).bind(guild).bind(payment.user);
    let insert = insert.bind(payment.paid_at).bind(i64::from(payment.year));
    let insert = insert
        .bind(payment.cents.get())
        .bind(payment.recorded_by.map_or(0, UserId::get));
    insert.execute().await?;
    Ok(())
}

/// Every one, as they came.
pub(in crate::modules::challenges) async fn all(
    db: &Db,
    whose: Whose,
) -> Result<Vec<(GuildId, Payment)>> {
    let sql = "
        select guild_id, user_id, paid_at, year, cents, recorded_by from challenges_payment
        where user_id = $1 or guild_id = $2 order by paid_at, user_id, guild_id, number";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild).all::<Columns>().await?;
    Ok(rows.into_iter().map(read).collect())
}

/// Those that somebody has recorded.
pub(in crate::modules::challenges) async fn recorded_by(
    db: &Db,
    user: UserId,
) -> Result<Vec<(GuildId, Payment)>> {
    let sql = "
        select guild_id, user_id, paid_at, year, cents, recorded_by from challenges_payment
        where recorded_by = $1 order by paid_at, user_id, guild_id, number";
    let rows = db.read(sql).bind(user).all::<Columns>().await?;
    Ok(rows.into_iter().map(read).collect())
}

fn read((guild, user, paid_at, year, cents, recorded_by): Columns) -> (GuildId, Payment) {
    let payment = Payment {
        user: user_of(user),
        year: i32::try_from(year).unwrap_or(i32::MAX),
        cents: Cents::new(cents.unsigned_abs()),
        paid_at: DateTime::from_timestamp_millis(paid_at).unwrap_or_default(),
        recorded_by: maybe_user_of(recorded_by),
    };
    (guild_of(guild), payment)
}
