//! Pinned messages, on the route of today and the one before it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload::{self, timestamp};
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields;
use crate::snowflake::Snowflake;
use crate::world::World;

/// Last pinned first, in pages.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let channel = readable(world, call)?;
    let limit = call.limit(50, 50)?;
    let before = call.query.get("before");
    let before: Option<DateTime<Utc>> = before.and_then(|it| fields::moment(&json!(it)));
    let pins = world
        .pins(channel)?
        .into_iter()
        .filter_map(|it| Some((it.pinned?, it)));
    let pins = pins.filter(|(at, _)| before.is_none_or(|before| *at < before));
    let pins: Vec<_> = pins.collect();
    let items = pins.iter().take(limit).map(|(at, it)| {
        json!({ "pinned_at": timestamp(*at), "message": payload::message::message(world, it) })
    });
    let items: Vec<_> = items.collect();
    Ok(Answer::ok(
        json!({ "items": items, "has_more": pins.len() > limit }),
    ))
}

/// All of them, last pinned first.
pub(crate) fn list_all(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let channel = readable(world, call)?;
    let pins = world.pins(channel)?.into_iter().take(50);
    let pins = pins.map(|it| payload::message::message(world, it));
    Ok(Answer::ok(pins.collect::<Vec<Value>>()))
}

pub(crate) fn add(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, message) = target(world, call)?;
    world.pin(channel, message, call.by())?;
    Ok(Answer::nothing())
}

pub(crate) fn take(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, message) = target(world, call)?;
    world.unpin(channel, message, call.by())?;
    Ok(Answer::nothing())
}

fn readable(world: &World, call: &Call) -> Result<Snowflake, ApiError> {
    let wanted = Permissions::READ_MESSAGE_HISTORY;
    Ok(world.channel_for(call.actor, call.id(1)?, wanted)?.id)
}

/// The message is the last part of both routes.
fn target(world: &World, call: &Call) -> Result<(Snowflake, Snowflake), ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, Permissions::PIN_MESSAGES)?;
    let message = channel.message(call.id(call.parts.len() - 1)?)?;
    if message.is_ephemeral() {
        return Err(ApiError::unknown_message());
    }
    if message.notice.is_some() {
        return Err(ApiError::wrong_message_kind());
    }
    Ok((channel.id, message.id))
}
