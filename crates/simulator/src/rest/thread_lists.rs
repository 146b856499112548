//! Threads of a guild that are awake, and of a channel that sleep.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::{fields, place};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};

/// The threads of a guild that are awake and that the actor sees.
pub(crate) fn active(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?.id;
    let threads = world.threads_of(guild).filter(|(channel, it)| {
        let may = world.permissions_in(call.actor, channel);
        let is_in = channel.kind != ChannelKind::PrivateThread
            || it.members.contains_key(&call.actor)
            || may.allows(Permissions::MANAGE_THREADS);
        !it.is_archived && may.allows(Permissions::VIEW_CHANNEL) && is_in
    });
    let threads: Vec<_> = threads.map(|(channel, _)| channel).collect();
    let mut object = page(world, call, &threads);
    object["has_more"] = json!(false);
    Ok(Answer::ok(object))
}

pub(crate) fn archived_public(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    archived(world, call, Permissions::READ_MESSAGE_HISTORY, |it, _| {
        it.kind != ChannelKind::PrivateThread
    })
}

pub(crate) fn archived_private(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::READ_MESSAGE_HISTORY | Permissions::MANAGE_THREADS;
    archived(world, call, wanted, |it, _| {
        it.kind == ChannelKind::PrivateThread
    })
}

pub(crate) fn archived_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    archived(
        world,
        call,
        Permissions::READ_MESSAGE_HISTORY,
        |it, actor| {
            let is_in = it
                .thread
                .as_ref()
                .is_some_and(|it| it.members.contains_key(&actor));
            it.kind == ChannelKind::PrivateThread && is_in
        },
    )
}

/// Those archived last come first.
fn archived(
    world: &World,
    call: &Call,
    wanted: Permissions,
    fits: impl Fn(&Channel, Snowflake) -> bool,
) -> Result<Answer, ApiError> {
    let (parent, guild) = place::channel(world, call, wanted)?;
    let limit = call.limit(50, 100)?;
    let before = call.query.get("before");
    let before: Option<DateTime<Utc>> = before.and_then(|it| fields::moment(&json!(it)));
    let threads = world.threads_of(guild).filter(|(channel, it)| {
        let is_earlier = before.is_none_or(|before| it.archived_at < before);
        channel.parent == Some(parent.id)
            && it.is_archived
            && is_earlier
            && fits(channel, call.actor)
    });
    let mut threads: Vec<_> = threads.collect();
    threads.sort_by_key(|(_, it)| std::cmp::Reverse(it.archived_at));
    let more = threads.len() > limit;
    let threads: Vec<_> = threads.into_iter().take(limit).map(|(it, _)| it).collect();
    let mut object = page(world, call, &threads);
    object["has_more"] = json!(more);
    Ok(Answer::ok(object))
}

pub(super) fn page(world: &World, call: &Call, threads: &[&Channel]) -> Value {
    let objects = threads
        .iter()
        .map(|it| payload::channel::channel(world, it));
    let own = threads.iter().map(|it| own_place(world, call, it.id));
    let own = own.filter(|it| !it.is_null());
    json!({ "threads": objects.collect::<Vec<_>>(), "members": own.collect::<Vec<_>>() })
}

fn own_place(world: &World, call: &Call, id: Snowflake) -> Value {
    let thread = world.channels.get(&id).and_then(|it| it.thread.as_ref());
    let joined = thread.and_then(|it| it.members.get(&call.actor));
    joined.map_or(Value::Null, |joined| {
        world.thread_member(id, call.actor, *joined, false)
    })
}
