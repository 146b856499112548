//! The SQL of the entries.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serenity::model::id::{GuildId, UserId};

use super::{Actor, By, Change, Filter, Recorded};
use crate::store::{Db, Result, Transaction};

/// How the kinds of actors are kept.
const USER: &str = "user";
const SHELL: &str = "shell";
const BOT: &str = "bot";
const DELETED: &str = "deleted";

/// At, actor, user and uid, guild, verb, target, whom it is about, before, after, reason.
type Columns = (
    i64,
    String,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    String,
    String,
    Option<i64>,
    Option<String>,
    Option<String>,
    Option<String>,
);

pub(super) async fn add(
    transaction: &mut Transaction,
    at: DateTime<Utc>,
    change: &Change,
) -> Result<()> {
    let sql = "
        insert into audit_entry
            (at, actor, user_id, uid, guild_id, verb, target, about_id, before, after, reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let (actor, user, uid) = match change.by.actor {
        Actor::User(user) => (USER, Some(user), None),
        Actor::Shell(uid) => (SHELL, None, Some(i64::from(uid))),
        Actor::Bot => (BOT, None, None),
        Actor::Deleted => (DELETED, None, None),
    };
    let guild = change.guild.map(|guild| guild.get().cast_signed());
    let insert = transaction.query(sql).bind(at).bind(actor);
    let insert = insert.bind(id(user)).bind(uid).bind(guild);
    let insert = insert.bind(&*change.verb).bind(&*change.target);
    let insert = insert.bind(id(change.about)).bind(change.before.clone());
    let insert = insert.bind(change.after.clone());
    let insert = insert.bind(change.by.reason.clone());
    insert.execute().await.map(drop)
}

pub(super) async fn verbs(db: &Db) -> Result<BTreeSet<String>> {
    let verbs = db.read("select distinct verb from audit_entry");
    let verbs = verbs.all::<(String,)>().await?;
    Ok(verbs.into_iter().map(|(verb,)| verb).collect())
}

pub(super) async fn list(db: &Db, filter: &Filter, most: u32) -> Result<Vec<Recorded>> {
    let sql = "
        select at, actor, user_id, uid, guild_id, verb, target, about_id, before, after, reason
        from audit_entry
        where ($1 is null or guild_id = $1) and ($2 is null or user_id = $2)
            and lower(verb || ' ' || target) like $3 escape '!'
        order by id desc limit $4";
    let guild = filter.guild.map(|guild| guild.get().cast_signed());
    let rows = db.read(sql).bind(guild).bind(id(filter.user));
    let rows = rows.bind(pattern(filter.what.as_deref())).bind(most);
    Ok(rows.all::<Columns>().await?.into_iter().map(read).collect())
}

/// Matches whatever has this text in it.
fn pattern(text: Option<&str>) -> String {
    let mut pattern = String::from("%");
    for c in text.unwrap_or_default().trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

pub(super) async fn of_user(db: &Db, user: UserId) -> Result<Vec<Recorded>> {
    let sql = "
        select at, actor, user_id, uid, guild_id, verb, target, about_id, before, after, reason
        from audit_entry where user_id = $1 or about_id = $1 order by id";
    let rows = db.read(sql).bind(user).all::<Columns>().await?;
    Ok(rows.into_iter().map(read).collect())
}

pub(super) async fn forget_user(db: &Db, user: UserId) -> Result<()> {
    let mut transaction = db.begin().await?;
    for sql in [
        "update audit_entry set actor = 'deleted', user_id = null, reason = null where user_id = $1",
        "update audit_entry set about_id = null where about_id = $1",
    ] {
        transaction.query(sql).bind(user).execute().await?;
    }
    transaction.commit().await
}

pub(super) async fn forget_guild(db: &Db, guild: GuildId) -> Result<()> {
    let sql = "delete from audit_entry where guild_id = $1";
    db.write(sql).bind(guild).execute().await.map(drop)
}

pub(super) async fn prune(db: &Db, oldest: DateTime<Utc>) -> Result<u64> {
    let sql = "delete from audit_entry where at < $1";
    db.write(sql).bind(oldest).execute().await
}

fn id(user: Option<UserId>) -> Option<i64> {
    user.map(|user| user.get().cast_signed())
}

fn user(id: Option<i64>) -> Option<UserId> {
    let id = id.filter(|id| *id != 0)?;
    Some(UserId::new(id.cast_unsigned()))
}

fn read(columns: Columns) -> Recorded {
    let (at, actor, user_id, uid, guild, verb, target, about, before, after, reason) = columns;
    let uid = uid.and_then(|uid| u32::try_from(uid).ok());
    let actor = match (&*actor, user(user_id), uid) {
        (USER, Some(user), _) => Actor::User(user),
        (SHELL, _, Some(uid)) => Actor::Shell(uid),
        (BOT, ..) => Actor::Bot,
        _ => Actor::Deleted,
    };
    let guild = guild.filter(|id| *id != 0);
    let change = Change {
        by: By { actor, reason },
        guild: guild.map(|id| GuildId::new(id.cast_unsigned())),
        verb,
        target,
        about: user(about),
        before,
        after,
    };
    Recorded {
        at: DateTime::from_timestamp_millis(at).unwrap_or_default(),
        change,
    }
}
