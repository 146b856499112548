//! Messages of a channel, as the bot reads and writes them.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::form;
use crate::snowflake::Snowflake;
use crate::transcript::Deed;
use crate::world::World;
use crate::world::message::Message;

/// How many messages a page has when the request does not say.
const PAGE: usize = 50;
const PAGE_MAX: usize = 100;

/// Newest first; `before`, `after` or `around` an id.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let wanted = Permissions::READ_MESSAGE_HISTORY;
    let channel = world.channel_for(bot, call.id(1)?, wanted)?;
    let limit = call.query("limit")?.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        let message = "int value should be between 1 and 100.";
        return Err(ApiError::form(&["limit"], "NUMBER_TYPE_MAX", message));
    }
    let before: Option<Snowflake> = call.query("before")?;
    let after: Option<Snowflake> = call.query("after")?;
    let around: Option<Snowflake> = call.query("around")?;
    let messages = channel.messages.values();
    let seen: Vec<_> = messages.filter(|it| !it.is_ephemeral()).collect();
    let page = match (before, after, around) {
        (Some(before), _, _) => {
            let end = seen.partition_point(|it| it.id < before);
            &seen[end.saturating_sub(limit)..end]
        }
        (_, Some(after), _) => {
            let start = seen.partition_point(|it| it.id <= after);
            &seen[start..(start + limit).min(seen.len())]
        }
        (_, _, Some(around)) => {
            let middle = seen.partition_point(|it| it.id < around);
            let start = middle.saturating_sub(limit / 2);
            &seen[start..(start + limit).min(seen.len())]
        }
        _ => &seen[seen.len().saturating_sub(limit)..],
    };
    let newest_first = page.iter().rev();
    let page = newest_first.map(|it| payload::message::message(world, it));
    Ok(Answer::ok(page.collect::<Vec<Value>>()))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let id = call.id(1)?;
    let draft = form::draft(call.form(), form::PLAIN_FLAGS)?;
    let channel = world.channel_for(bot, id, Permissions::SEND_MESSAGES)?;
    if let Some(target) = draft.reply_to
        && !channel.messages.contains_key(&target)
    {
        let (path, code) = (["message_reference"], "REPLIES_UNKNOWN_MESSAGE");
        return Err(ApiError::form(&path, code, "Unknown message"));
    }
    let newest = channel.last_message;
    let message = world.post(id, bot, draft)?;
    if newest < Some(message) {
        world.record_message(id, message, Deed::Said);
    }
    Ok(Answer::ok(shown(world, id, message)?))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let id = call.id(1)?;
    world.channel_for(bot, id, Permissions::READ_MESSAGE_HISTORY)?;
    public(world, id, call.id(3)?)?;
    Ok(Answer::ok(shown(world, id, call.id(3)?)?))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let (id, message) = (call.id(1)?, call.id(3)?);
    world.channel_for(bot, id, Permissions::VIEW_CHANNEL)?;
    if public(world, id, message)?.author != bot {
        return Err(ApiError::edit_by_other());
    }
    world.edit(id, message, form::edit(call.form())?)?;
    world.record_message(id, message, Deed::Edited);
    Ok(Answer::ok(shown(world, id, message)?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let (id, message) = (call.id(1)?, call.id(3)?);
    let is_own = public(world, id, message)?.author == bot;
    let wanted = match is_own {
        true => Permissions::VIEW_CHANNEL,
        false => Permissions::MANAGE_MESSAGES,
    };
    world.channel_for(bot, id, wanted)?;
    world.delete(id, message)?;
    Ok(Answer::nothing())
}

/// A message that these routes know: ephemeral ones exist only for their interaction.
fn public(world: &World, channel: Snowflake, id: Snowflake) -> Result<&Message, ApiError> {
    let message = world.channel(channel)?.message(id)?;
    match message.is_ephemeral() {
        true => Err(ApiError::unknown_message()),
        false => Ok(message),
    }
}

/// The message as the author reads it.
pub(crate) fn shown(world: &World, channel: Snowflake, id: Snowflake) -> Result<Value, ApiError> {
    let message = world.channel(channel)?.message(id)?;
    Ok(json!(payload::message::message(world, message)))
}
