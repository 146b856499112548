//! Channels on the wire.

use serde_json::{Value, json};

use crate::payload::{self, timestamp};
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind};
use crate::world::overwrite::Overwrite;
use crate::world::thread::Thread;

pub(crate) fn channel(world: &World, channel: &Channel) -> Value {
    match channel.guild {
        Some(guild) => in_guild(channel, guild),
        None => direct(world, channel),
    }
}

fn in_guild(channel: &Channel, guild: Snowflake) -> Value {
    let mut object = json!({
        "id": channel.id,
        "type": channel.kind as u8,
        "guild_id": guild,
        "name": channel.name,
        "parent_id": channel.parent,
        "flags": 0,
        "last_message_id": channel.last_message,
        "rate_limit_per_user": 0,
    });
    if let Some(last) = channel.last_pin {
        object["last_pin_timestamp"] = json!(timestamp(last));
    }
    if let Some(thread) = &channel.thread {
        add_thread(channel, thread, &mut object);
    } else {
        object["position"] = json!(channel.position);
        object["nsfw"] = json!(false);
        object["permission_overwrites"] = channel.overwrites.iter().map(overwrite).collect();
    }
    if channel.kind.is_forum() {
        object["available_tags"] = json!([]);
        object["default_reaction_emoji"] = Value::Null;
        object["default_sort_order"] = Value::Null;
        object["default_forum_layout"] = json!(0);
    }
    if channel.kind.is_spoken() {
        object["bitrate"] = json!(64_000);
        object["user_limit"] = json!(0);
        object["rtc_region"] = Value::Null;
    } else if channel.thread.is_none() {
        object["topic"] = Value::Null;
    }
    for (key, value) in &channel.settings {
        object[key] = value.clone();
    }
    object
}

fn add_thread(channel: &Channel, thread: &Thread, object: &mut Value) {
    let count = channel
        .messages
        .values()
        .filter(|it| it.notice.is_none())
        .count();
    object["owner_id"] = json!(thread.owner);
    object["message_count"] = json!(count);
    object["total_message_sent"] = json!(count);
    // Discord counts up to 50 here.
    object["member_count"] = json!(thread.members.len().min(50));
    object["thread_metadata"] = json!({
        "archived": thread.is_archived,
        "archive_timestamp": timestamp(thread.archived_at),
        "auto_archive_duration": thread.auto_archive,
        "locked": thread.is_locked,
        "create_timestamp": timestamp(thread.created_at),
    });
    if channel.kind == ChannelKind::PrivateThread {
        object["thread_metadata"]["invitable"] = json!(thread.is_invitable);
    }
}

fn direct(world: &World, channel: &Channel) -> Value {
    let recipient = channel.recipient.and_then(|id| world.users.get(&id));
    let recipients: Vec<_> = recipient.map(payload::user::user).into_iter().collect();
    json!({
        "id": channel.id,
        "type": channel.kind as u8,
        "flags": 0,
        "last_message_id": channel.last_message,
        "recipients": recipients,
    })
}

/// What a role or member is allowed and denied.
pub(crate) fn overwrite(overwrite: &Overwrite) -> Value {
    json!({
        "id": overwrite.id,
        "type": u8::from(overwrite.is_member),
        "allow": overwrite.allow,
        "deny": overwrite.deny,
    })
}

/// A channel among the resolved options of a command.
pub(crate) fn resolved(channel: &Channel, permissions: Permissions) -> Value {
    json!({
        "id": channel.id,
        "type": channel.kind as u8,
        "name": channel.name,
        "parent_id": channel.parent,
        "permissions": permissions,
        "app_permissions": Permissions::ALL,
        "nsfw": false,
        "flags": 0,
    })
}

/// `TYPING_START`.
pub(crate) fn typing(world: &World, channel: &Channel, user: Snowflake) -> Value {
    let mut object = json!({
        "channel_id": channel.id,
        "user_id": user,
        "timestamp": world.now().timestamp(),
    });
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    if let Some(guild) = guild
        && let Some(member) = guild.members.get(&user)
    {
        object["guild_id"] = json!(guild.id);
        object["member"] = payload::guild::member(world, member);
    }
    object
}
