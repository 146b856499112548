//! Who is in a thread: listed, let in, put out.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::threads::thread;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::ChannelKind;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, thread) = thread(world, call)?;
    let whole = call.flag("with_member")?;
    let limit = call.limit(100, 100)?;
    let after: Option<Snowflake> = call.query("after")?;
    let members = thread
        .members
        .iter()
        .filter(|(user, _)| Some(**user) > after);
    let members = members.take(if whole { limit } else { usize::MAX });
    let members =
        members.map(|(user, joined)| world.thread_member(channel.id, *user, *joined, whole));
    Ok(Answer::ok(members.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, thread) = thread(world, call)?;
    let user = call.user(3)?;
    let whole = call.flag("with_member")?;
    let joined = thread
        .members
        .get(&user)
        .ok_or_else(ApiError::unknown_member)?;
    Ok(Answer::ok(
        world.thread_member(channel.id, user, *joined, whole),
    ))
}

/// Joins, or lets another member in.
pub(crate) fn add(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.user(3)?;
    let (channel, thread) = thread(world, call)?;
    if thread.is_archived {
        return Err(ApiError::archived_thread());
    }
    let (id, guild) = (
        channel.id,
        channel.guild.ok_or_else(ApiError::unknown_channel)?,
    );
    if user != call.actor {
        world.channel_for(call.actor, id, Permissions::SEND_MESSAGES_IN_THREADS)?;
        world.user(user)?;
        world.guild(guild)?.member(user)?;
    }
    world.join_thread(id, user)?;
    Ok(Answer::nothing())
}

/// Leaves, or puts another member out.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = call.user(3)?;
    let (channel, thread) = thread(world, call)?;
    if thread.is_archived {
        return Err(ApiError::archived_thread());
    }
    let is_private = channel.kind == ChannelKind::PrivateThread;
    let is_allowed = user == call.actor || is_private && thread.owner == call.actor;
    let id = channel.id;
    if !is_allowed {
        world.channel_for(call.actor, id, Permissions::MANAGE_THREADS)?;
    }
    world.leave_thread(id, user)?;
    Ok(Answer::nothing())
}
