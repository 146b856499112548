//! Reactions under a message.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::reaction::Used;

/// The channel, the message and the emoji that the path names.
struct Target {
    channel: Snowflake,
    message: Snowflake,
    emoji: Used,
}

fn target(world: &World, call: &Call, wanted: Permissions) -> Result<Target, ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, wanted)?;
    let message = channel.message(call.id(3)?)?;
    if message.is_ephemeral() {
        return Err(ApiError::unknown_message());
    }
    Ok(Target {
        channel: channel.id,
        message: message.id,
        emoji: world.emoji_named(call.part(5))?,
    })
}

/// Who reacted with an emoji, by id.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let target = target(world, call, Permissions::READ_MESSAGE_HISTORY)?;
    let limit = call.limit(25, 100)?;
    let after: Option<Snowflake> = call.query("after")?;
    let is_burst = call.query("type")? == Some(1);
    let message = world.channel(target.channel)?.message(target.message)?;
    let reaction = message
        .reactions
        .iter()
        .find(|it| it.emoji.is(&target.emoji));
    let mut users = reaction.map(|it| it.users.clone()).unwrap_or_default();
    users.sort_unstable();
    let users = users
        .into_iter()
        .filter(|id| Some(*id) > after && !is_burst);
    let users = users.take(limit).filter_map(|id| world.users.get(&id));
    Ok(Answer::ok(
        users.map(payload::user::user).collect::<Vec<Value>>(),
    ))
}

pub(crate) fn add(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let target = target(world, call, Permissions::READ_MESSAGE_HISTORY)?;
    let channel = world.channel(target.channel)?;
    let known = &channel.message(target.message)?.reactions;
    if !known.iter().any(|it| it.emoji.is(&target.emoji)) {
        world.channel_for(call.actor, target.channel, Permissions::ADD_REACTIONS)?;
    }
    world.react(target.channel, target.message, call.actor, &target.emoji)?;
    Ok(Answer::nothing())
}

pub(crate) fn take(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.user(6)?;
    let wanted = match user == call.actor {
        true => Permissions::READ_MESSAGE_HISTORY,
        false => Permissions::MANAGE_MESSAGES,
    };
    let target = target(world, call, wanted)?;
    world.take_reaction(target.channel, target.message, user, &target.emoji)?;
    Ok(Answer::nothing())
}

pub(crate) fn clear_emoji(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let target = target(world, call, Permissions::MANAGE_MESSAGES)?;
    world.clear_reactions(target.channel, target.message, Some(&target.emoji))?;
    Ok(Answer::nothing())
}

pub(crate) fn clear(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::MANAGE_MESSAGES;
    let channel = world.channel_for(call.actor, call.id(1)?, wanted)?.id;
    world.clear_reactions(channel, call.id(3)?, None)?;
    Ok(Answer::nothing())
}
