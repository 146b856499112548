//! The SQL of the switches.

use std::collections::BTreeSet;

use serenity::model::id::GuildId;

use crate::{
    events::Position,
    store::{Db, Result, Transaction},
};

/// How a switch stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) is_on: bool,
    /// Up to and with this event it stood the other way.
    pub(super) since: Option<Position>,
}

impl Row {
    pub(super) fn was_on(&self, event: &Position) -> bool {
        let is_before = self.since.as_ref().is_some_and(|since| {
            since.session == event.session && event.sequence <= since.sequence
        });
        self.is_on != is_before
    }
}

/// Stands for no guild: the switch of all.
const EVERYWHERE: i64 = 0;

type Columns = (String, i64, i64, i64, String, i64);

/// Every switch: its module, its guild, how it stands.
pub(super) async fn all(db: &Db) -> Result<Vec<(String, Option<GuildId>, Row)>> {
    let sql = "select module, guild_id, is_on, shard_id, session_id, sequence from switches_module";
    let rows = db.read(sql).all::<Columns>().await?;
    Ok(rows.into_iter().map(read).collect())
}

fn read(
    (module, guild, is_on, shard, session, sequence): Columns,
) -> (String, Option<GuildId>, Row) {
    let guild = (guild != EVERYWHERE).then(|| GuildId::new(guild.cast_unsigned()));
    let since = u32::try_from(shard).ok().filter(|_| !session.is_empty());
    let since = since.map(|shard| Position {
        shard,
        session: session.into(),
        sequence: sequence.cast_unsigned(),
    });
    let row = Row {
        is_on: is_on != 0,
        since,
    };
    (module, guild, row)
}

pub(super) async fn set(
    transaction: &mut Transaction,
    module: &str,
    guild: Option<GuildId>,
    row: &Row,
) -> Result<()> {
    let sql = "
        insert into switches_module (module, guild_id, is_on, shard_id, session_id, sequence)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (module, guild_id) do update set is_on = excluded.is_on,
            shard_id = excluded.shard_id, session_id = excluded.session_id, sequence = excluded.sequence";
    let guild = guild.map_or(EVERYWHERE, |guild| guild.get().cast_signed());
    let since = row.since.as_ref();
    let write = transaction.query(sql).bind(module).bind(guild);
    let write = write.bind(row.is_on);
    let write = write
        .bind(since.map_or(0, |since| since.shard))
        .bind(since.map_or("", |since| &*since.session))
        .bind(since.map_or(0, |since| since.sequence));
    write.execute().await.map(drop)
}

pub(super) async fn forget(db: &Db, guild: GuildId) -> Result<()> {
    let sql = "delete from switches_module where guild_id = $1";
    db.write(sql).bind(guild).execute().await.map(drop)
}

/// The guilds whose own command list may have commands.
pub(super) async fn listed(db: &Db) -> Result<BTreeSet<GuildId>> {
    let rows = db
        .read("select guild_id from switches_list")
        .all::<(i64,)>();
    let ids = rows.await?.into_iter().filter(|(id,)| *id != 0);
    Ok(ids.map(|(id,)| GuildId::new(id.cast_unsigned())).collect())
}

pub(super) async fn note_list(db: &Db, guild: GuildId, has_commands: bool) -> Result<()> {
    let sql = if has_commands {
        "insert into switches_list (guild_id) values ($1) on conflict (guild_id) do nothing"
    } else {
        "delete from switches_list where guild_id = $1"
    };
    db.write(sql).bind(guild).execute().await.map(drop)
}
