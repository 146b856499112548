//! Who is kept out of a guild.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;

/// A week in seconds: how far back messages can be deleted with a ban.
const DELETED_MAX: u64 = 604_800;
const AT_ONCE_MAX: usize = 200;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::BAN_MEMBERS)?;
    let limit = call.limit(1000, 1000)?;
    let (before, after): (Option<Snowflake>, _) = (call.query("before")?, call.query("after")?);
    let fits = |user: &Snowflake| match before {
        Some(before) => *user < before,
        None => Some(*user) > after,
    };
    let bans = guild.bans.iter().filter(|(user, _)| fits(user));
    let mut page: Vec<_> = bans
        .map(|(user, reason)| object(world, *user, reason.as_deref()))
        .collect();
    match before {
        Some(_) => drop(page.drain(..page.len().saturating_sub(limit))),
        None => page.truncate(limit),
    }
    Ok(Answer::ok(page))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.id(3)?;
    let guild = place::guild(world, call, Permissions::BAN_MEMBERS)?;
    let reason = guild.bans.get(&user).ok_or_else(ApiError::unknown_ban)?;
    Ok(Answer::ok(object(world, user, reason.as_deref())))
}

fn object(world: &World, user: Snowflake, reason: Option<&str>) -> Value {
    let user = world.users.get(&user).map(payload::user::user);
    json!({ "user": user, "reason": reason })
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.id(3)?;
    let guild = place::guild(world, call, Permissions::BAN_MEMBERS)?;
    place::above(guild, call, user)?;
    world.user(user)?;
    let rules = [
        ("delete_message_seconds", Rule::Number(0, DELETED_MAX)),
        ("delete_message_days", Rule::Number(0, 7)),
    ];
    let mut body = match &call.body {
        Value::Null => Map::new(),
        body => fields::checked(body, &rules)?,
    };
    // discord.py has no body, and says this in the address.
    if let Some(seconds) = call.query::<u64>("delete_message_seconds")? {
        let said = json!({ "delete_message_seconds": seconds });
        body.extend(fields::checked(&said, &rules)?);
    }
    let days = fields::number(&body, "delete_message_days")?.unwrap_or(0);
    let seconds = fields::number(&body, "delete_message_seconds")?.unwrap_or(days * 86_400);
    let guild = guild.id;
    ban(world, call, guild, user, seconds);
    Ok(Answer::nothing())
}

/// Bans many at once: those that cannot be banned are named in the answer.
pub(crate) fn create_many(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::BAN_MEMBERS | Permissions::MANAGE_GUILD;
    let guild = place::guild(world, call, wanted)?;
    let rules = [
        ("user_ids", Rule::Ids),
        ("delete_message_seconds", Rule::Number(0, DELETED_MAX)),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let users = fields::ids(fields::required(&body, "user_ids")?);
    if users.is_empty() || users.len() > AT_ONCE_MAX {
        let message = "Must be between 1 and 200 in length.";
        return Err(ApiError::form(
            &["user_ids"],
            "BASE_TYPE_BAD_LENGTH",
            message,
        ));
    }
    let can = |user: &Snowflake| {
        let is_new = !guild.bans.contains_key(user);
        is_new && guild.outranks(call.actor, *user) && world.users.contains_key(user)
    };
    let (banned, failed): (Vec<_>, Vec<_>) = users.into_iter().partition(can);
    if banned.is_empty() {
        return Err(ApiError::failed_to_ban());
    }
    let seconds = fields::number(&body, "delete_message_seconds")?.unwrap_or(0);
    let guild = guild.id;
    for user in &banned {
        ban(world, call, guild, *user, seconds);
    }
    Ok(Answer::ok(
        json!({ "banned_users": banned, "failed_users": failed }),
    ))
}

fn ban(world: &mut World, call: &Call, guild: Snowflake, user: Snowflake, seconds: u64) {
    let back = i64::try_from(seconds).ok().filter(|it| *it > 0);
    let since = back.map(|seconds| world.now() - TimeDelta::seconds(seconds));
    world.ban(guild, user, since, call.by());
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.id(3)?;
    let guild = place::guild(world, call, Permissions::BAN_MEMBERS)?.id;
    world.unban(guild, user, call.by())?;
    Ok(Answer::nothing())
}
