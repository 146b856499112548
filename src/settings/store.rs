//! The SQL of the settings.

use serenity::model::id::GuildId;

use crate::store::{Db, Result, Transaction};

/// Guild, key and text of everything that was set.
pub(super) async fn all(db: &Db) -> Result<Vec<(GuildId, String, String)>> {
    let sql = "select guild_id, key, value from settings_value";
    let rows = db.read(sql).all::<(i64, String, String)>().await?;
    let rows = rows.into_iter().filter(|(guild, ..)| *guild != 0);
    Ok(rows
        .map(|(guild, key, value)| (GuildId::new(guild.cast_unsigned()), key, value))
        .collect())
}

/// Keeps a value, or with `None` none.
pub(super) async fn write(
    transaction: &mut Transaction,
    guild: GuildId,
    key: &str,
    value: Option<&str>,
) -> Result<()> {
    let set = "insert into settings_value (guild_id, key, value) values ($1, $2, $3)
               on conflict (guild_id, key) do update set value = excluded.value";
    let reset = "delete from settings_value where guild_id = $1 and key = $2";
    let sql = if value.is_some() { set } else { reset };
    let mut write = transaction.query(sql).bind(guild).bind(key);
    if let Some(value) = value {
        write = write.bind(value);
    }
    write.execute().await.map(drop)
}

pub(super) async fn forget(db: &Db, guild: GuildId) -> Result<()> {
    let sql = "delete from settings_value where guild_id = $1";
    db.write(sql).bind(guild).execute().await.map(drop)
}
