//! Looks at all members of a guild: which were finished, and how far one that was not has come.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

use super::{guild_of, instant};
use crate::modules::members::snapshot::{Progress, Snapshot};

/// Whether a guild has one that was begun at this instant or later and is finished.
pub(in crate::modules::members) async fn is_taken(
    db: &Db,
    guild: GuildId,
    since: DateTime<Utc>,
) -> Result<bool> {
    let sql = "
        select count(*) from members_snapshot
        where guild_id = $1 and begun_at >= $2 and taken_at is not null";
    let (count,) = db.read(sql).bind(guild).bind(since).one::<(i64,)>().await?;
    Ok(count > 0)
}

/// The one that was begun at this instant or later and is not finished.
pub(in crate::modules::members) async fn unfinished(
    db: &Db,
    guild: GuildId,
    since: DateTime<Utc>,
) -> Result<Option<Progress>> {
    let sql = "
        select begun_at, reached from members_snapshot
        where guild_id = $1 and begun_at >= $2 and taken_at is null";
    let row = db.read(sql).bind(guild).bind(since);
    let row = row.optional::<(i64, i64)>().await?;
    Ok(row.map(|(begun_at, reached)| Progress {
        begun_at: instant(begun_at),
        reached: reached.cast_unsigned(),
    }))
}

/// Begins one, in the place of any that was not finished.
pub(in crate::modules::members) async fn begin(
    db: &Db,
    guild: GuildId,
    begun: &Progress,
) -> Result<()> {
    let mut transaction = db.begin().await?;
    let unfinished = "delete from members_snapshot where guild_id = $1 and taken_at is null";
    transaction.query(unfinished).bind(guild).execute().await?;
    let insert = "
        insert into members_snapshot (guild_id, begun_at, reached) values ($1, $2, $3)
        on conflict (guild_id, begun_at) do update set reached = excluded.reached, taken_at = null";
    let insert = transaction.query(insert).bind(guild);
    insert
        .bind(begun.begun_at)
        .bind(begun.reached)
        .execute()
        .await?;
    Ok(transaction.commit().await?)
}

/// Notes how far one has come, and when it is finished.
pub(in crate::modules::members) async fn go_on(
    transaction: &mut Transaction,
    guild: GuildId,
    progress: &Progress,
    taken_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let sql = "
        update members_snapshot set reached = $3, taken_at = $4 where guild_id = $1 and begun_at = $2";
    let update = transaction.query(sql).bind(guild).bind(progress.begun_at);
    update
        .bind(progress.reached)
        .bind(taken_at)
        .execute()
        .await?;
    Ok(())
}

/// Those that are finished, the newest first.
pub(in crate::modules::members) async fn taken(db: &Db, guild: GuildId) -> Result<Vec<Snapshot>> {
    let sql = "
        select begun_at, taken_at from members_snapshot
        where guild_id = $1 and taken_at is not null order by taken_at desc";
    let rows = db.read(sql).bind(guild).all::<(i64, i64)>().await?;
    let taken = rows.into_iter().map(|(begun_at, taken_at)| Snapshot {
        begun_at: instant(begun_at),
        taken_at: instant(taken_at),
    });
    Ok(taken.collect())
}

/// Guilds of which anything is kept that grows old.
pub(in crate::modules::members) async fn guilds(db: &Db) -> Result<Vec<GuildId>> {
    let sql = "select guild_id from members_snapshot union select guild_id from members_version order by 1";
    let rows = db.read(sql).all::<(i64,)>().await?;
    Ok(rows.into_iter().map(|(guild,)| guild_of(guild)).collect())
}

/// Forgets what was seen before an instant, and everything of a guild that nobody has looked at since.
pub(in crate::modules::members) async fn prune(
    db: &Db,
    guild: GuildId,
    before: DateTime<Utc>,
) -> Result<()> {
    let statements = [
        "delete from members_snapshot where guild_id = $1 and coalesce(taken_at, begun_at) < $2",
        "delete from members_version where guild_id = $1 and until_at < $2",
        "delete from members_version where guild_id = $1 and from_at < $2
            and not exists (select 1 from members_snapshot where guild_id = $1)",
    ];
    let mut transaction = db.begin().await?;
    for sql in statements {
        let statement = transaction.query(sql).bind(guild).bind(before);
        statement.execute().await?;
    }
    Ok(transaction.commit().await?)
}
