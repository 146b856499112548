//! Messages of a channel, as the bot and people read and write them.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::{form, forwarding, place, stickers};
use crate::snowflake::Snowflake;
use crate::transcript::Deed;
use crate::world::World;
use crate::world::audit::{self, action};
use crate::world::channel::ChannelKind;
use crate::world::draft::Draft;
use crate::world::message::{Message, Notice};

/// How many messages a page has when the request does not say.
const PAGE: usize = 50;
const PAGE_MAX: usize = 100;

/// Newest first; `before`, `after` or `around` an id.
pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::READ_MESSAGE_HISTORY;
    let channel = world.channel_for(call.actor, call.id(1)?, wanted)?;
    let limit = call.limit(PAGE, PAGE_MAX)?;
    let before: Option<Snowflake> = call.query("before")?;
    let after: Option<Snowflake> = call.query("after")?;
    let around: Option<Snowflake> = call.query("around")?;
    let messages = channel.messages.values();
    let seen: Vec<_> = messages.filter(|it| it.is_visible_to(call.actor)).collect();
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
    let page = newest_first.map(|it| payload::message::message_for(world, it, call.actor));
    Ok(Answer::ok(page.collect::<Vec<Value>>()))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let mut draft = form::draft(call.form(), form::PLAIN_FLAGS)?;
    let channel = world.writable(call.actor, call.id(1)?, wanted_by(&draft))?;
    let (id, newest) = (channel.id, channel.last_message);
    stickers::check(world, channel.guild, &draft.stickers)?;
    if let Some(reference) = draft.reference {
        forwarding::follow(world, call.actor, id, &mut draft, reference)?;
    }
    world.check_pace(id, call.actor)?;
    world.moderate(id, call.actor, &draft.content)?;
    let message = world.post(id, call.actor, draft)?;
    if newest < Some(message) {
        world.record_message(id, message, Deed::Said);
    }
    Ok(Answer::ok(shown(world, id, message)?))
}

/// What a message needs beside the right to write.
fn wanted_by(draft: &Draft) -> Permissions {
    let files = match draft.files.is_empty() {
        true => Permissions::NONE,
        false => Permissions::ATTACH_FILES,
    };
    let spoken = match draft.is_spoken {
        true => Permissions::SEND_TTS_MESSAGES,
        false => Permissions::NONE,
    };
    let asked = match draft.poll.is_some() {
        true => Permissions::SEND_POLLS,
        false => Permissions::NONE,
    };
    let shown = match draft.embeds.is_empty() {
        true => Permissions::NONE,
        false => Permissions::EMBED_LINKS,
    };
    files | spoken | asked | shown
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = call.id(1)?;
    world.channel_for(call.actor, id, Permissions::READ_MESSAGE_HISTORY)?;
    let message = world.channel(id)?.message(call.id(3)?)?;
    if !message.is_visible_to(call.actor) {
        return Err(ApiError::unknown_message());
    }
    Ok(Answer::ok(payload::message::message_for(
        world, message, call.actor,
    )))
}

/// Changes the actor's own message; those who manage messages may hide the embeds of others.
pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, message) = (call.id(1)?, call.id(3)?);
    world.channel_for(call.actor, id, Permissions::VIEW_CHANNEL)?;
    if public(world, id, message)?.author != call.actor {
        let body = call.body.as_object().into_iter().flatten();
        let mut said = body.filter(|(_, value)| !value.is_null());
        if said.any(|(key, _)| key != "flags") {
            return Err(ApiError::edit_by_other());
        }
        world.channel_for(call.actor, id, Permissions::MANAGE_MESSAGES)?;
    }
    world.edit(id, message, form::edit(call.form())?)?;
    world.record_message(id, message, Deed::Edited);
    Ok(Answer::ok(shown(world, id, message)?))
}

/// Publishes a message of an announcement channel to the channels that follow.
pub(crate) fn crosspost(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, _) = place::channel(world, call, Permissions::SEND_MESSAGES)?;
    if channel.kind != ChannelKind::Announcement {
        return Err(ApiError::wrong_channel_type());
    }
    let id = channel.id;
    let message = public(world, id, call.id(3)?)?;
    let (message, author) = (message.id, message.author);
    if author != call.actor {
        world.channel_for(call.actor, id, Permissions::MANAGE_MESSAGES)?;
    }
    world.crosspost(id, message)?;
    Ok(Answer::ok(shown(world, id, message)?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (id, message) = (call.id(1)?, call.id(3)?);
    world.channel_for(call.actor, id, Permissions::VIEW_CHANNEL)?;
    let known = public(world, id, message)?;
    let author = known.author;
    if author != call.actor {
        world.channel_for(call.actor, id, Permissions::MANAGE_MESSAGES)?;
    } else if known.notice == Some(Notice::ThreadStarter) {
        return Err(ApiError::wrong_message_kind());
    }
    world.delete(id, message)?;
    if let Some(guild) = world.channel(id)?.guild.filter(|_| author != call.actor) {
        let options = json!({ "channel_id": id, "count": "1" });
        let deed = audit::Deed::new(action::MESSAGE_DELETE, author).options(options);
        world.audit(guild, call.by(), deed);
    }
    Ok(Answer::nothing())
}

/// Deletes 2 to 100 messages, none of them older than two weeks.
pub(crate) fn delete_many(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_MESSAGES)?;
    let channel = channel.id;
    let body = fields::checked(&call.body, &[("messages", Rule::Ids)])?;
    let mut ids = fields::ids(fields::required(&body, "messages")?);
    ids.sort_unstable();
    ids.dedup();
    if !(2..=100).contains(&ids.len()) {
        return Err(ApiError::wrong_count_to_delete());
    }
    let oldest = world.now() - TimeDelta::days(14);
    if ids.iter().any(|id| id.created_at() < oldest) {
        return Err(ApiError::too_old_to_delete());
    }
    world.delete_many(channel, &ids);
    let options = json!({ "count": ids.len().to_string() });
    let deed = audit::Deed::new(action::MESSAGE_BULK_DELETE, channel).options(options);
    world.audit(guild, call.by(), deed);
    Ok(Answer::nothing())
}

/// A message that can be changed here: ephemeral ones exist only for their interaction.
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
