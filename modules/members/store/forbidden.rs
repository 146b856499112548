//! Guilds whose list of members Discord refuses.

use cogsmith::prelude::*;
use serenity::model::id::GuildId;

/// Notes one; tells whether it is the first of all.
pub(in crate::modules::members) async fn add(
    db: &Db,
    guild: GuildId,
    since: DateTime<Utc>,
) -> Result<bool> {
    let sql = "
        insert into members_forbidden (guild_id, since) values ($1, $2)
        on conflict (guild_id) do nothing";
    let added = db.write(sql).bind(guild).bind(since).execute().await?;
    let all = db.read("select count(*) from members_forbidden");
    let (all,) = all.one::<(i64,)>().await?;
    Ok(added > 0 && all == 1)
}

/// Forgets one whose list was had.
pub(in crate::modules::members) async fn remove(db: &Db, guild: GuildId) -> Result<()> {
    let known = db.read("select count(*) from members_forbidden where guild_id = $1");
    let (known,) = known.bind(guild).one::<(i64,)>().await?;
    if known > 0 {
        let delete = db.write("delete from members_forbidden where guild_id = $1");
        delete.bind(guild).execute().await?;
    }
    Ok(())
}
