//! When the module was switched off everywhere.

use cogsmith::prelude::*;

pub(in crate::modules::challenges) async fn begin(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let sql = "insert into challenges_off (off_at) values ($1) on conflict do nothing";
    db.write(sql).bind(now).execute().await?;
    Ok(())
}

/// Nothing happens when it was not off.
pub(in crate::modules::challenges) async fn end(db: &Db, now: DateTime<Utc>) -> Result<()> {
    let sql = "update challenges_off set on_at = $1 where on_at is null";
    db.write(sql).bind(now).execute().await?;
    Ok(())
}

/// Whether it was off at this instant.
pub(in crate::modules::challenges) async fn was_at(
    db: &Db,
    instant: DateTime<Utc>,
) -> Result<bool> {
    let sql = "
        select count(*) from challenges_off where off_at <= $1 and (on_at is null or on_at > $1)";
    let (count,) = db.read(sql).bind(instant).one::<(i64,)>().await?;
    Ok(count > 0)
}
