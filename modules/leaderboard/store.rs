//! The leaderboard's SQL, nothing else.

use std::collections::HashMap;

use cogsmith::{prelude::*, store};
use futures_util::{Stream, TryStreamExt, stream::BoxStream};
use serenity::model::id::{GuildId, UserId};

use super::ledger::{Gain, Member};

/// One line of a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Line {
    pub(super) place: i64,
    pub(super) user_id: i64,
    pub(super) xp: i64,
}

/// A guild's board as of its last update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Board {
    pub(super) lines: Vec<Line>,
    pub(super) updated_at: DateTime<Utc>,
}

/// Adds gains to the scores; a sum above 2^63 - 1 stays there. Left alone, SQLite would make it a `real`, which
/// its column refuses, and PostgreSQL would refuse it too.
pub(super) async fn add(
    transaction: &mut Transaction,
    gains: impl IntoIterator<Item = (&Member, &Gain)>,
) -> Result<()> {
    let mut rows = Rows::new(
        "insert into leaderboard_score (guild_id, user_id, xp, messages, awarded_at)",
        "on conflict (guild_id, user_id) do update set
            xp = case when leaderboard_score.xp > 9223372036854775807 - excluded.xp
                then 9223372036854775807 else leaderboard_score.xp + excluded.xp end,
            messages = case when leaderboard_score.messages > 9223372036854775807 - excluded.messages
                then 9223372036854775807 else leaderboard_score.messages + excluded.messages end,
            awarded_at = case when excluded.awarded_at > leaderboard_score.awarded_at
                then excluded.awarded_at else leaderboard_score.awarded_at end",
    );
    for ((guild, user), gain) in gains {
        rows.push([
            (*guild).into(),
            (*user).into(),
            gain.xp.into(),
            gain.messages.into(),
            gain.awarded_at.into(),
        ]);
    }
    Ok(transaction.write(rows).await?)
}

/// Who was awarded XP after `since`, and when.
pub(super) async fn awarded_since(db: &Db, since: DateTime<Utc>) -> Result<HashMap<Member, i64>> {
    let sql = "select guild_id, user_id, awarded_at from leaderboard_score where awarded_at > $1";
    let rows = db.read(sql).bind(since).all::<(i64, i64, i64)>().await?;
    Ok(rows
        .into_iter()
        .map(|(guild, user, at)| ((guild_of(guild), user_of(user)), at))
        .collect())
}

/// A member of a guild, with all that an export has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Placed {
    pub(super) place: i64,
    pub(super) user_id: i64,
    pub(super) xp: i64,
    pub(super) messages: i64,
    pub(super) awarded_at: i64,
}

/// Every member with XP in a guild, in the order of a board.
pub(super) fn placed(db: &Db, guild: GuildId) -> BoxStream<'_, store::Result<Placed>> {
    let sql = "
        select rank() over (order by xp desc) as place, user_id, xp, messages, awarded_at
        from leaderboard_score where guild_id = $1 and xp > 0
        order by place, awarded_at, user_id";
    db.stream(sql, [guild.into()])
}

/// Every guild with a score.
pub(super) async fn guilds(db: &Db) -> Result<Vec<GuildId>> {
    let rows = db
        .read("select distinct guild_id from leaderboard_score")
        .all::<(i64,)>()
        .await?;
    Ok(rows.into_iter().map(|(guild,)| guild_of(guild)).collect())
}

/// Replaces a guild's board by the top `size` of now.
pub(super) async fn update_board(
    db: &Db,
    guild: GuildId,
    size: i64,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut transaction = db.begin().await?;
    transaction
        .query("delete from leaderboard_board where guild_id = $1")
        .bind(guild)
        .execute()
        .await?;
    let insert = "
        insert into leaderboard_board (guild_id, user_id, place, xp, updated_at)
        select top.guild_id, top.user_id, rank() over (order by top.xp desc), top.xp, $3
        from (select guild_id, user_id, xp from leaderboard_score
              where guild_id = $1 and xp > 0
              order by xp desc, awarded_at, user_id limit $2) as top";
    transaction
        .query(insert)
        .bind(guild)
        .bind(size)
        .bind(now)
        .execute()
        .await?;
    Ok(transaction.commit().await?)
}

/// A guild's board, if it has one.
pub(super) async fn board(db: &Db, guild: GuildId) -> Result<Option<Board>> {
    let sql = "select place, user_id, xp from leaderboard_board where guild_id = $1 order by place, user_id";
    let lines = db.read(sql).bind(guild).all::<Line>().await?;
    let sql = "select max(updated_at) from leaderboard_board where guild_id = $1";
    let (updated_at,) = db.read(sql).bind(guild).one::<(Option<i64>,)>().await?;
    let updated_at = updated_at.and_then(DateTime::from_timestamp_millis);
    Ok(updated_at.map(|updated_at| Board { lines, updated_at }))
}

/// All that is kept of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Score {
    pub(super) guild_id: i64,
    pub(super) user_id: i64,
    pub(super) xp: i64,
    pub(super) messages: i64,
    pub(super) awarded_at: i64,
}

impl Score {
    pub(super) fn guild(&self) -> GuildId {
        guild_of(self.guild_id)
    }
}

/// What is kept of a person, in every guild.
pub(super) async fn scores_of(db: &Db, user: UserId) -> Result<Vec<Score>> {
    let sql = "select guild_id, user_id, xp, messages, awarded_at from leaderboard_score
               where user_id = $1 order by guild_id";
    Ok(db.read(sql).bind(user).all().await?)
}

/// The scores of a guild in no order, all of the moment at which it begins to read.
pub(super) fn stream_of(db: &Db, guild: GuildId) -> impl Stream<Item = Result<Score>> {
    let sql = "select guild_id, user_id, xp, messages, awarded_at from leaderboard_score where guild_id = $1";
    db.stream::<Score>(sql, [guild.into()]).err_into()
}

/// What is kept of a guild.
pub(super) async fn scores_in(db: &Db, guild: GuildId) -> Result<Vec<Score>> {
    let sql = "select guild_id, user_id, xp, messages, awarded_at from leaderboard_score
               where guild_id = $1 order by user_id";
    Ok(db.read(sql).bind(guild).all().await?)
}

/// Deletes a person, in every guild.
pub(super) async fn delete_user(db: &Db, user: UserId) -> Result<()> {
    let mut transaction = db.begin().await?;
    for sql in [
        "delete from leaderboard_score where user_id = $1",
        "delete from leaderboard_board where user_id = $1",
    ] {
        transaction.query(sql).bind(user).execute().await?;
    }
    Ok(transaction.commit().await?)
}

/// Deletes a guild.
pub(super) async fn delete_guild(db: &Db, guild: GuildId) -> Result<()> {
    let mut transaction = db.begin().await?;
    for sql in [
        "delete from leaderboard_score where guild_id = $1",
        "delete from leaderboard_board where guild_id = $1",
    ] {
        transaction.query(sql).bind(guild).execute().await?;
    }
    Ok(transaction.commit().await?)
}

fn guild_of(id: i64) -> GuildId {
    GuildId::new(id.cast_unsigned())
}

fn user_of(id: i64) -> UserId {
    UserId::new(id.cast_unsigned())
}
