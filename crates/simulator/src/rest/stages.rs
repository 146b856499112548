//! Stages, and the voice states of those who are on them or in any voice channel.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};
use crate::world::stage::{Part, Stage};

const TOPIC: (&str, Rule) = ("topic", Rule::Text(1, 120));
const PRIVACY: (&str, Rule) = ("privacy_level", Rule::OneOf(&[2]));

/// What a moderator of a stage may.
fn moderating() -> Permissions {
    Permissions::MANAGE_CHANNELS | Permissions::MUTE_MEMBERS | Permissions::MOVE_MEMBERS
}

/// A stage where the actor may do this.
fn stage(
    world: &World,
    call: &Call,
    id: Snowflake,
    wanted: Permissions,
) -> Result<(Snowflake, Snowflake), ApiError> {
    let channel = world.channel_for(call.actor, id, wanted)?;
    let guild = channel.guild.ok_or_else(ApiError::not_while_direct)?;
    match channel.kind {
        ChannelKind::Stage => Ok((guild, channel.id)),
        _ => Err(ApiError::wrong_channel_type()),
    }
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rules = [
        TOPIC,
        PRIVACY,
        ("channel_id", Rule::Id),
        ("guild_scheduled_event_id", Rule::Id),
        ("send_start_notification", Rule::Flag),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let channel = fields::id(fields::required(&body, "channel_id")?);
    let channel = channel.unwrap_or(Snowflake::new(0));
    let topic = fields::required(&body, "topic")?.as_str().unwrap_or("");
    let (guild, channel) = stage(world, call, channel, moderating())?;
    let is_announced = body.get("send_start_notification") == Some(&json!(true));
    if is_announced {
        world.channel_for(call.actor, channel, Permissions::MENTION_EVERYONE)?;
    }
    let event = body.get("guild_scheduled_event_id").and_then(fields::id);
    if let Some(event) = event {
        world.guild(guild)?.event(event)?;
    }
    let new = Stage {
        id: world.next_id(),
        guild,
        channel,
        topic: topic.to_owned(),
        event,
    };
    Ok(Answer::ok(world.open_stage(new, call.by())?))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (_, channel) = stage(world, call, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    Ok(Answer::ok(world.stage(channel)?.object()))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (_, channel) = stage(world, call, call.id(1)?, moderating())?;
    let body = fields::checked(&call.body, &[TOPIC, PRIVACY])?;
    let topic = fields::string(&body, "topic")?;
    Ok(Answer::ok(world.change_stage(channel, topic, call.by())?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (_, channel) = stage(world, call, call.id(1)?, moderating())?;
    world.close_stage(channel, call.by())?;
    Ok(Answer::nothing())
}

/// The channel where somebody is.
fn whereabouts(world: &World, guild: Snowflake, user: Snowflake) -> Result<&Channel, ApiError> {
    let state = world.voice_states.get(&(guild, user));
    let channel = state.and_then(|it| world.channels.get(&it.channel));
    channel.ok_or_else(ApiError::unknown_voice_state)
}

pub(crate) fn voice_state(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?.id;
    let user = call.user(3)?;
    let channel = whereabouts(world, guild, user)?.id;
    world.channel_for(call.actor, channel, Permissions::VIEW_CHANNEL)?;
    Ok(Answer::ok(world.voice_state_in(guild, user)))
}

/// Lets somebody on a stage speak, or only listen; of oneself also asks to speak.
pub(crate) fn edit_voice_state(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?.id;
    let user = call.user(3)?;
    let rules = [
        ("channel_id", Rule::Id),
        ("suppress", Rule::Flag),
        ("request_to_speak_timestamp", Rule::Moment),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let channel = whereabouts(world, guild, user)?;
    let named = body.get("channel_id").and_then(fields::id);
    if named.is_some_and(|named| named != channel.id) {
        return Err(ApiError::unknown_voice_state());
    }
    if channel.kind != ChannelKind::Stage {
        return Err(ApiError::wrong_channel_type());
    }
    let channel = channel.id;
    let part = part(world.part_of(guild, user), &body);
    let is_own = user == call.actor;
    let wanted = match () {
        () if !part.is_suppressed || !is_own => Permissions::MUTE_MEMBERS,
        () if part.asked_at.is_some() => Permissions::REQUEST_TO_SPEAK,
        () => Permissions::NONE,
    };
    world.channel_for(call.actor, channel, wanted)?;
    world.set_part(guild, user, part);
    Ok(Answer::nothing())
}

fn part(former: Part, body: &Map<String, Value>) -> Part {
    let asked = body.get("request_to_speak_timestamp");
    Part {
        is_suppressed: body
            .get("suppress")
            .map_or(former.is_suppressed, |it| it == true),
        asked_at: asked.map_or(former.asked_at, fields::moment),
    }
}

/// Says above a voice channel what goes on in it.
pub(crate) fn set_status(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::SET_VOICE_CHANNEL_STATUS)?;
    if channel.kind != ChannelKind::Voice {
        return Err(ApiError::wrong_channel_type());
    }
    let id = channel.id;
    let state = world.voice_states.get(&(guild, call.actor));
    if state.is_none_or(|it| it.channel != id) {
        place::channel(world, call, Permissions::MANAGE_CHANNELS)?;
    }
    let body = fields::checked(&call.body, &[("status", Rule::Text(0, 500))])?;
    let status = fields::string(&body, "status")?.filter(|it| !it.is_empty());
    world.set_voice_status(guild, id, status, call.by());
    Ok(Answer::nothing())
}
