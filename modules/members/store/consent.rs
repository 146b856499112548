//! Who has agreed to be shown among those with a role.

use cogsmith::prelude::*;
use serenity::model::id::{GuildId, RoleId, UserId};

use super::{Whose, guild_of, instant, user_of};
use crate::modules::members::showcase::Consent;

/// Notes a consent, in the place of an earlier one in the guild.
pub(in crate::modules::members) async fn give(db: &Db, consent: &Consent) -> Result<()> {
    let sql = "
        insert into members_consent (guild_id, user_id, role_id, given_at) values ($1, $2, $3, $4)
        on conflict (guild_id, user_id) do update set role_id = excluded.role_id, given_at = excluded.given_at";
    let insert = db.write(sql).bind(consent.guild).bind(consent.user);
    let insert = insert.bind(consent.role.get()).bind(consent.given_at);
    insert.execute().await?;
    Ok(())
}

/// Forgets a consent; tells whether there was one.
pub(in crate::modules::members) async fn withdraw(
    db: &Db,
    guild: GuildId,
    user: UserId,
) -> Result<bool> {
    let sql = "delete from members_consent where guild_id = $1 and user_id = $2";
    let deleted = db.write(sql).bind(guild).bind(user).execute().await?;
    Ok(deleted > 0)
}

/// Every one of a person or a guild.
pub(in crate::modules::members) async fn all(db: &Db, whose: Whose) -> Result<Vec<Consent>> {
    let sql = "
        select guild_id, user_id, role_id, given_at from members_consent
        where user_id = $1 or guild_id = $2 order by guild_id, user_id";
    let (user, guild) = whose.ids();
    let rows = db.read(sql).bind(user).bind(guild);
    let rows = rows.all::<(i64, i64, i64, i64)>().await?;
    let consents = rows
        .into_iter()
        .map(|(guild, user, role, given_at)| Consent {
            guild: guild_of(guild),
            user: user_of(user),
            role: RoleId::new(role.cast_unsigned()),
            given_at: instant(given_at),
        });
    Ok(consents.collect())
}
