//! Where a request happens, and whether its actor may do what it asks for.

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::Call;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::Channel;
use crate::world::guild::Guild;

/// The guild at the second part of the path, when the actor is in it and may do this.
///
/// # Errors
/// 10004 for an unknown guild or one they are not in, 50013 for lacking `wanted`.
pub(crate) fn guild<'a>(
    world: &'a World,
    call: &Call,
    wanted: Permissions,
) -> Result<&'a Guild, ApiError> {
    let guild = world.guild(call.id(1)?)?;
    if !guild.members.contains_key(&call.actor) {
        return Err(ApiError::unknown_guild());
    }
    match guild.base_permissions(call.actor).allows(wanted) {
        true => Ok(guild),
        false => Err(ApiError::missing_permissions()),
    }
}

/// The channel at the second part of the path, and its guild.
///
/// # Errors
/// As [`World::channel_for`]; 50003 for direct messages.
pub(crate) fn channel<'a>(
    world: &'a World,
    call: &Call,
    wanted: Permissions,
) -> Result<(&'a Channel, Snowflake), ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, wanted)?;
    let guild = channel.guild.ok_or_else(ApiError::not_while_direct)?;
    Ok((channel, guild))
}

/// Whether the actor stands above a member.
///
/// # Errors
/// 50013 when they do not.
pub(crate) fn above(guild: &Guild, call: &Call, member: Snowflake) -> Result<(), ApiError> {
    match guild.outranks(call.actor, member) {
        true => Ok(()),
        false => Err(ApiError::missing_permissions()),
    }
}

/// Whether the actor may hand out these permissions: those that they have themselves.
///
/// # Errors
/// 50013 when they may not.
pub(crate) fn may_give(own: Permissions, given: Permissions) -> Result<(), ApiError> {
    match own.allows(given) {
        true => Ok(()),
        false => Err(ApiError::missing_permissions()),
    }
}

/// Whether the actor may change an emoji, a sticker or a sound: their own, or everybody's.
///
/// # Errors
/// 50013 when they may not.
pub(crate) fn may_change_expression(
    guild: &Guild,
    call: &Call,
    creator: Snowflake,
) -> Result<(), ApiError> {
    let may = guild.base_permissions(call.actor);
    let is_own = creator == call.actor && may.allows(Permissions::CREATE_GUILD_EXPRESSIONS);
    match is_own || may.allows(Permissions::MANAGE_GUILD_EXPRESSIONS) {
        true => Ok(()),
        false => Err(ApiError::missing_permissions()),
    }
}
