//! The SQL of challenges, nothing else, in a file for each noun.

pub(super) mod activity;
pub(super) mod challenge;
pub(super) mod closed;
pub(super) mod joker;
pub(super) mod off;
pub(super) mod payment;
pub(super) mod record;
pub(super) mod stint;

use cogsmith::{prelude::*, store::Value};
use serenity::model::id::{GuildId, UserId};

use super::week::Week;

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

/// Deletes all of a person; what they have set up or recorded of others stays, without their name.
pub(super) async fn delete_user(db: &Db, user: UserId) -> Result<()> {
    let statements = [
        "delete from challenges_stint where user_id = $1",
        "delete from challenges_activity where user_id = $1",
        "delete from challenges_joker where user_id = $1",
        "delete from challenges_payment where user_id = $1",
        "update challenges_payment set recorded_by = 0 where recorded_by = $1",
        "update challenges_rules set set_up_by = 0 where set_up_by = $1",
    ];
    run_all(db, &statements, user).await
}

pub(super) async fn delete_guild(db: &Db, guild: GuildId) -> Result<()> {
    let statements = [
        "delete from challenges_rules where guild_id = $1",
        "delete from challenges_sport where guild_id = $1",
        "delete from challenges_stint where guild_id = $1",
        "delete from challenges_closed where guild_id = $1",
        "delete from challenges_activity where guild_id = $1",
        "delete from challenges_joker where guild_id = $1",
        "delete from challenges_payment where guild_id = $1",
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

fn week(year: i64, number: i64) -> Week {
    let year = i32::try_from(year).unwrap_or(i32::MAX);
    let number = small(number);
    Week { year, number }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn guild_of(id: i64) -> GuildId {
    GuildId::new(id.cast_unsigned())
}

fn user_of(id: i64) -> UserId {
    UserId::new(id.cast_unsigned())
}

/// 0 stands for somebody who was deleted.
fn maybe_user_of(id: i64) -> Option<UserId> {
    (id != 0).then(|| user_of(id))
}
