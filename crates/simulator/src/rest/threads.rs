//! Threads: opened and changed.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::channels::{ARCHIVE_AFTER, SLOW_MODE_MAX};
use crate::rest::fields::{self, Rule};
use crate::rest::{forums, place};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};
use crate::world::thread::{NewThread, Thread};

const NAME: (&str, Rule) = ("name", Rule::Text(1, 100));
const ARCHIVE: (&str, Rule) = ("auto_archive_duration", Rule::OneOf(ARCHIVE_AFTER));
/// A flag of a thread: it stands above the others of its forum.
const PINNED: u64 = 1 << 1;
const SLOW: (&str, Rule) = ("rate_limit_per_user", Rule::Number(0, SLOW_MODE_MAX));

/// Opens a thread at a message.
pub(crate) fn create_at(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let message = call.id(3)?;
    let (channel, _) = place::channel(world, call, Permissions::CREATE_PUBLIC_THREADS)?;
    channel.message(message)?;
    if world.channels.contains_key(&message) {
        return Err(ApiError::thread_exists());
    }
    // discord.js says a type here too; it follows from the channel.
    let rules = [NAME, ARCHIVE, SLOW, ("type", Rule::Any)];
    create(
        world,
        call,
        ChannelKind::PublicThread,
        &rules,
        Some(message),
    )
}

/// Opens a thread by itself; private when the request does not say.
pub(crate) fn create_alone(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let parent = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    if parent.kind.is_forum() {
        return forums::create(world, call);
    }
    let rules = [
        NAME,
        ARCHIVE,
        SLOW,
        ("type", Rule::OneOf(&[10, 11, 12])),
        ("invitable", Rule::Flag),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let (kind, wanted) = match fields::number(&body, "type")? {
        Some(10) => (
            ChannelKind::AnnouncementThread,
            Permissions::CREATE_PUBLIC_THREADS,
        ),
        Some(11) => (
            ChannelKind::PublicThread,
            Permissions::CREATE_PUBLIC_THREADS,
        ),
        _ => (
            ChannelKind::PrivateThread,
            Permissions::CREATE_PRIVATE_THREADS,
        ),
    };
    place::channel(world, call, wanted)?;
    create(world, call, kind, &rules, None)
}

fn create(
    world: &mut World,
    call: &Call,
    kind: ChannelKind,
    rules: &[(&'static str, Rule)],
    message: Option<Snowflake>,
) -> Result<Answer, ApiError> {
    let (channel, guild) = place::channel(world, call, Permissions::VIEW_CHANNEL)?;
    let kind = match (channel.kind, kind) {
        (ChannelKind::Text, ChannelKind::PublicThread | ChannelKind::PrivateThread) => kind,
        (
            ChannelKind::Announcement,
            ChannelKind::PublicThread | ChannelKind::AnnouncementThread,
        ) => ChannelKind::AnnouncementThread,
        _ => return Err(ApiError::wrong_channel_type()),
    };
    let body = fields::checked(&call.body, rules)?;
    let new = NewThread {
        message,
        ..new(channel, &body, kind)?
    };
    let parent = channel.id;
    let id = world.open_thread(guild, parent, &new, call.by())?;
    let object = world.channel_shown_to(call.actor, world.channel(id)?);
    Ok(Answer::created(object))
}

/// Reads a thread as somebody wants to open it in a channel.
///
/// # Errors
/// 50035 when it has no name.
pub(crate) fn new(
    channel: &Channel,
    body: &Map<String, Value>,
    kind: ChannelKind,
) -> Result<NewThread, ApiError> {
    let name = fields::required(body, "name")?;
    let usual = |key: &str| channel.settings.get(key).and_then(Value::as_u64);
    let asleep = fields::number(body, "auto_archive_duration")?;
    let slow = fields::number(body, "rate_limit_per_user")?;
    Ok(NewThread {
        kind,
        name: name.as_str().unwrap_or("").to_owned(),
        auto_archive: asleep
            .or(usual("default_auto_archive_duration"))
            .unwrap_or(4320),
        slow_mode: slow
            .or(usual("default_thread_rate_limit_per_user"))
            .unwrap_or(0),
        is_invitable: body.get("invitable") != Some(&json!(false)),
        message: None,
        tags: Vec::new(),
    })
}

/// Changes a thread: whoever manages threads everything, whoever opened it its name and sleep.
pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rules = [
        NAME,
        ARCHIVE,
        SLOW,
        ("archived", Rule::Flag),
        ("locked", Rule::Flag),
        ("invitable", Rule::Flag),
        ("applied_tags", Rule::Ids),
        ("flags", Rule::OneOf(&[0, PINNED])),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let (channel, thread) = thread(world, call)?;
    let may = world.permissions_in(call.actor, channel);
    let is_manager = may.allows(Permissions::MANAGE_THREADS);
    let is_managed = |key: &&str| body.contains_key(*key);
    let needs_manager = thread.is_locked
        || ["locked", "rate_limit_per_user", "flags"]
            .iter()
            .any(is_managed);
    if !is_manager && (needs_manager || thread.owner != call.actor) {
        return Err(ApiError::missing_permissions());
    }
    if thread.is_archived && body.get("archived") != Some(&json!(false)) {
        return Err(ApiError::archived_thread());
    }
    if body.contains_key("applied_tags") || body.contains_key("flags") {
        let parent = channel.parent.and_then(|id| world.channels.get(&id));
        let forum = parent.filter(|it| it.kind.is_forum());
        let forum = forum.ok_or_else(ApiError::wrong_channel_type)?;
        if body.contains_key("applied_tags") {
            forums::applied(world, call.actor, forum, &body)?;
        }
    }
    let (id, now) = (channel.id, world.now());
    let new = world.change_channel(id, call.by(), |it| {
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            name.clone_into(&mut it.name);
        }
        for key in ["rate_limit_per_user", "applied_tags", "flags"] {
            if let Some(value) = body.get(key) {
                it.settings.insert(key.to_owned(), value.clone());
            }
        }
        let Some(thread) = &mut it.thread else {
            return;
        };
        let flag = |key: &str, was: bool| body.get(key).map_or(was, |it| it == true);
        let was_archived = thread.is_archived;
        thread.is_archived = flag("archived", was_archived);
        thread.is_locked = flag("locked", thread.is_locked);
        thread.is_invitable = flag("invitable", thread.is_invitable);
        if let Some(minutes) = body.get("auto_archive_duration").and_then(Value::as_u64) {
            thread.auto_archive = minutes;
        }
        if was_archived != thread.is_archived {
            thread.archived_at = now;
        }
    })?;
    Ok(Answer::ok(new))
}

/// The thread at the second part of the path.
pub(super) fn thread<'a>(
    world: &'a World,
    call: &Call,
) -> Result<(&'a Channel, &'a Thread), ApiError> {
    let channel = world.channel_for(call.actor, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    let thread = channel
        .thread
        .as_ref()
        .ok_or_else(ApiError::wrong_channel_type)?;
    Ok((channel, thread))
}
