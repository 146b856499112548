//! Channels: made, changed, deleted, put in order.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::{forums, overwrites, place, threads};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};
use crate::world::overwrite::Overwrite;

const CHANNELS_MAX: usize = 500;
/// Discord's durations after which a thread goes to sleep, in minutes.
pub(crate) const ARCHIVE_AFTER: &[u64] = &[60, 1440, 4320, 10_080];
/// Six hours.
pub(crate) const SLOW_MODE_MAX: u64 = 21_600;

const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(1, 100)),
    ("type", Rule::OneOf(&[0, 2, 4, 5, 13, 15, 16])),
    (
        "flags",
        Rule::OneOf(&[0, 1 << 4, 1 << 15, 1 << 4 | 1 << 15]),
    ),
    ("available_tags", Rule::Any),
    ("default_reaction_emoji", Rule::Any),
    ("default_sort_order", Rule::OneOf(&[0, 1])),
    ("default_forum_layout", Rule::OneOf(&[0, 1, 2])),
    ("position", Rule::Number(0, 1000)),
    ("topic", Rule::Text(0, 4096)),
    ("nsfw", Rule::Flag),
    ("rate_limit_per_user", Rule::Number(0, SLOW_MODE_MAX)),
    ("bitrate", Rule::Number(8000, 96_000)),
    ("user_limit", Rule::Number(0, 99)),
    ("parent_id", Rule::Id),
    ("permission_overwrites", Rule::Any),
    ("rtc_region", Rule::Text(0, 100)),
    ("video_quality_mode", Rule::OneOf(&[1, 2])),
    ("default_auto_archive_duration", Rule::OneOf(ARCHIVE_AFTER)),
    (
        "default_thread_rate_limit_per_user",
        Rule::Number(0, SLOW_MODE_MAX),
    ),
];
/// Fields that are more than something to remember.
const MEANT: [&str; 5] = [
    "name",
    "type",
    "position",
    "parent_id",
    "permission_overwrites",
];

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    Ok(Answer::ok(world.channel_shown_to(call.actor, channel)))
}

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let channels = guild
        .channels
        .iter()
        .filter_map(|id| world.channels.get(id));
    let channels = channels.map(|it| payload::channel::channel(world, it));
    Ok(Answer::ok(channels.collect::<Vec<Value>>()))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_CHANNELS)?;
    let mut body = fields::checked(&call.body, RULES)?;
    fields::required(&body, "name")?;
    if guild.channels.len() >= CHANNELS_MAX {
        return Err(ApiError::too_many_channels());
    }
    let (guild, position) = (guild.id, guild.channels.len());
    let kind = fields::number(&body, "type")?.unwrap_or(0);
    let kind = ChannelKind::of_guild(kind).expect("the rule has looked at it");
    check_kind(kind, &body)?;
    forums::take_tags(world, &mut body)?;
    let mut channel = Channel::empty(world.next_id(), kind);
    channel.position = position;
    channel.guild = Some(guild);
    let overwrites = overwrites::read(world, call, guild, &body)?;
    check_parent(world, guild, &body)?;
    if overwrites.is_none()
        && let Some(parent) = parent_of(&body).and_then(|id| world.channels.get(&id))
    {
        // A channel made in a category begins with what is allowed there.
        channel.overwrites.clone_from(&parent.overwrites);
    }
    change(&mut channel, &body, overwrites);
    let id = channel.id;
    world.create_channel(guild, channel, call.by());
    Ok(Answer::created(payload::channel::channel(
        world,
        world.channel(id)?,
    )))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    if channel.kind.is_thread() {
        return threads::edit(world, call);
    }
    let (channel, guild) = place::channel(world, call, Permissions::MANAGE_CHANNELS)?;
    let id = channel.id;
    let mut body = fields::checked(&call.body, RULES)?;
    check_kind(channel.kind, &body)?;
    let kind = fields::number(&body, "type")?.and_then(ChannelKind::of_guild);
    if let Some(kind) = kind
        && kind != channel.kind
        && !(kind.is_announced_or_text() && channel.kind.is_announced_or_text())
    {
        return Err(ApiError::form(
            &["type"],
            "CHANNEL_TYPE_INVALID",
            "Invalid channel type",
        ));
    }
    forums::take_tags(world, &mut body)?;
    if body.contains_key("permission_overwrites") {
        place::channel(world, call, Permissions::MANAGE_ROLES)?;
    }
    let overwrites = overwrites::read(world, call, guild, &body)?;
    check_parent(world, guild, &body)?;
    let new = world.change_channel(id, call.by(), |it| {
        it.kind = kind.unwrap_or(it.kind);
        change(it, &body, overwrites);
    })?;
    Ok(Answer::ok(new))
}

/// A topic is longer, and some fields are there, in forums only.
fn check_kind(kind: ChannelKind, body: &Map<String, Value>) -> Result<(), ApiError> {
    if kind.is_forum() {
        return Ok(());
    }
    let topic = body.get("topic").and_then(Value::as_str).unwrap_or("");
    fields::short_enough(topic, 1024, &["topic"])?;
    let only = [
        "available_tags",
        "default_reaction_emoji",
        "default_sort_order",
    ];
    let only = only
        .iter()
        .find(|key| body.get(**key).is_some_and(|it| !it.is_null()));
    match only {
        Some(key) => Err(ApiError::form(
            &[key],
            "CHANNEL_TYPE_INVALID",
            "Invalid channel type",
        )),
        None => Ok(()),
    }
}

fn change(channel: &mut Channel, body: &Map<String, Value>, overwrites: Option<Vec<Overwrite>>) {
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        channel.name = match channel.kind {
            ChannelKind::Text | ChannelKind::Announcement => written(name),
            _ => name.to_owned(),
        };
    }
    if let Some(position) = body.get("position").and_then(Value::as_u64) {
        channel.position = usize::try_from(position).unwrap_or(usize::MAX);
    }
    if body.contains_key("parent_id") {
        channel.parent = parent_of(body);
    }
    if let Some(overwrites) = overwrites {
        channel.overwrites = overwrites;
    }
    for (key, value) in body
        .iter()
        .filter(|(key, _)| !MEANT.contains(&key.as_str()))
    {
        match value {
            Value::Null => drop(channel.settings.remove(key)),
            value => drop(channel.settings.insert(key.clone(), value.clone())),
        }
    }
}

/// A text channel's name as Discord writes it: small, with lines for spaces.
fn written(name: &str) -> String {
    name.trim()
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-")
}

fn parent_of(body: &Map<String, Value>) -> Option<Snowflake> {
    body.get("parent_id").and_then(fields::id)
}

fn check_parent(
    world: &World,
    guild: Snowflake,
    body: &Map<String, Value>,
) -> Result<(), ApiError> {
    let Some(parent) = parent_of(body) else {
        return Ok(());
    };
    let parent = world
        .channels
        .get(&parent)
        .filter(|it| it.guild == Some(guild));
    match parent.is_some_and(|it| it.kind == ChannelKind::Category) {
        true => Ok(()),
        false => {
            let message = "Category does not exist";
            Err(ApiError::form(
                &["parent_id"],
                "CHANNEL_PARENT_INVALID",
                message,
            ))
        }
    }
}

/// Deletes a channel of a guild; direct messages are only closed, and come back with the next
/// message.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    if channel.guild.is_none() {
        return Ok(Answer::ok(payload::channel::channel(world, channel)));
    }
    let wanted = match channel.kind.is_thread() {
        true => Permissions::MANAGE_THREADS,
        false => Permissions::MANAGE_CHANNELS,
    };
    let id = place::channel(world, call, wanted)?.0.id;
    Ok(Answer::ok(world.delete_channel(id, call.by())?))
}

/// Moves channels of a guild: `[{id, position, parent_id, lock_permissions}]`.
pub(crate) fn reorder(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_CHANNELS)?.id;
    let Some(entries) = call.body.as_array() else {
        let message = "Only iterables may be used in a ListType";
        return Err(ApiError::form(&[], "LIST_TYPE_CONVERT", message));
    };
    for entry in entries {
        let rules = [
            ("id", Rule::Id),
            ("position", Rule::Number(0, 1000)),
            ("parent_id", Rule::Id),
            ("lock_permissions", Rule::Flag),
        ];
        let entry = fields::checked(entry, &rules)?;
        let id = fields::id(fields::required(&entry, "id")?);
        let channel = id.and_then(|id| world.channels.get(&id));
        let channel = channel.filter(|it| it.guild == Some(guild) && !it.kind.is_thread());
        let id = channel.ok_or_else(ApiError::unknown_channel)?.id;
        check_parent(world, guild, &entry)?;
        let is_locked = entry.get("lock_permissions") == Some(&json!(true));
        let parent = parent_of(&entry).filter(|_| is_locked);
        let overwrites = parent.and_then(|id| world.channels.get(&id));
        let overwrites = overwrites.map(|it| it.overwrites.clone());
        let mut place = entry.clone();
        place.retain(|key, _| matches!(key.as_str(), "position" | "parent_id"));
        world.change_channel(id, call.by(), |it| change(it, &place, overwrites))?;
    }
    Ok(Answer::nothing())
}

/// Lets a channel follow this one, where announcements are made.
pub(crate) fn follow(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let source = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    if source.kind != ChannelKind::Announcement {
        return Err(ApiError::wrong_channel_type());
    }
    let source = source.id;
    let body = fields::checked(&call.body, &[("webhook_channel_id", Rule::Id)])?;
    let target = fields::id(fields::required(&body, "webhook_channel_id")?);
    let target = target.unwrap_or(Snowflake::new(0));
    world.channel_for(call.actor, target, Permissions::MANAGE_WEBHOOKS)?;
    let webhook = world.follow(source, target, call.by())?;
    Ok(Answer::ok(
        json!({ "channel_id": source, "webhook_id": webhook }),
    ))
}

pub(crate) fn typing(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = world
        .writable(call.actor, call.id(1)?, Permissions::NONE)?
        .id;
    world.type_in(id, call.actor);
    Ok(Answer::nothing())
}
