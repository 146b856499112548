//! The SQL of members, nothing else, in a file for each noun.

pub(super) mod consent;
pub(super) mod forbidden;
pub(super) mod snapshot;
pub(super) mod version;

use cogsmith::{prelude::*, store::Value};
use serenity::model::id::{GuildId, UserId};

/// Of whom all rows are wanted.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    User(UserId),
    Guild(GuildId),
}

impl Whose {
    /// For `where user_id = $1 or guild_id = $2`: no id is 0.
    fn ids(self) -> (u64, u64) {
        match self {
            Self::User(user) => (user.get(), 0),
            Self::Guild(guild) => (0, guild.get()),
        }
    }
}

/// Deletes all of a person.
pub(super) async fn delete_user(db: &Db, user: UserId) -> Result<()> {
    let statements = [
        "delete from members_version where user_id = $1",
        "delete from members_consent where user_id = $1",
    ];
    run_all(db, &statements, user).await
}

pub(super) async fn delete_guild(db: &Db, guild: GuildId) -> Result<()> {
    let statements = [
        "delete from members_snapshot where guild_id = $1",
        "delete from members_version where guild_id = $1",
        "delete from members_consent where guild_id = $1",
        "delete from members_forbidden where guild_id = $1",
    ];
    run_all(db, &statements, guild).await
}

/// Runs statements about one user or guild in one transaction.
async fn run_all(db: &Db, statements: &[&'static str], id: impl Into<Value> + Copy) -> Result<()> {
    let mut transaction = db.begin().await?;
    for sql in statements {
        transaction.query(sql).bind(id).execute().await?;
    }
    Ok(transaction.commit().await?)
}

fn guild_of(id: i64) -> GuildId {
    GuildId::new(id.cast_unsigned())
}

fn user_of(id: i64) -> UserId {
    UserId::new(id.cast_unsigned())
}

/// Of UTC milliseconds.
fn instant(at: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}
