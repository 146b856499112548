//! Guilds, their members and roles.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;

const PAGE_MAX: usize = 1000;

/// The guild at the second part of the path, when the bot is in it.
fn home<'a>(world: &'a World, call: &Call) -> Result<&'a Guild, ApiError> {
    let guild = world.guild(call.id(1)?)?;
    match guild.members.contains_key(&world.application.id) {
        true => Ok(guild),
        false => Err(ApiError::unknown_guild()),
    }
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = home(world, call)?;
    let mut object = payload::guild::whole(world, guild);
    if call.query("with_counts")? == Some(true) {
        object["approximate_member_count"] = guild.members.len().into();
        object["approximate_presence_count"] = guild.members.len().into();
    }
    Ok(Answer::ok(object))
}

pub(crate) fn channels(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = home(world, call)?;
    let channels = guild
        .channels
        .iter()
        .filter_map(|id| world.channels.get(id));
    let channels = channels.map(|it| payload::channel::channel(world, it));
    Ok(Answer::ok(channels.collect::<Vec<Value>>()))
}

pub(crate) fn roles(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(payload::guild::roles(home(world, call)?)))
}

pub(crate) fn members(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = home(world, call)?;
    let limit = call.query("limit")?.unwrap_or(1);
    if !(1..=PAGE_MAX).contains(&limit) {
        let message = "int value should be between 1 and 1000.";
        return Err(ApiError::form(&["limit"], "NUMBER_TYPE_MAX", message));
    }
    let after: Option<Snowflake> = call.query("after")?;
    let members = guild.members.values().filter(|it| Some(it.user) > after);
    let members = members
        .take(limit)
        .map(|it| payload::guild::member(world, it));
    Ok(Answer::ok(members.collect::<Vec<Value>>()))
}

pub(crate) fn member(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = match call.part(3) {
        "@me" => world.application.id,
        _ => call.id(3)?,
    };
    let guild = home(world, call)?;
    world.user(user)?;
    let member = guild.member(user)?;
    Ok(Answer::ok(payload::guild::member(world, member)))
}

pub(crate) fn give_role(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change_role(world, call, true)
}

pub(crate) fn take_role(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    change_role(world, call, false)
}

fn change_role(world: &mut World, call: &Call, given: bool) -> Result<Answer, ApiError> {
    let (user, role) = (call.id(3)?, call.id(5)?);
    let guild = home(world, call)?;
    let bot = world.application.id;
    let known = guild.roles.get(&role).ok_or_else(ApiError::unknown_role)?;
    let may = guild
        .base_permissions(bot)
        .allows(Permissions::MANAGE_ROLES);
    let is_above = guild.owner == bot || known.position < guild.rank(bot);
    if !may || !is_above || known.bot.is_some() {
        return Err(ApiError::missing_permissions());
    }
    let id = guild.id;
    world.set_role(id, user, role, given)?;
    Ok(Answer::nothing())
}
