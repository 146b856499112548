//! Channels on the wire.

use serde_json::{Value, json};

use crate::payload;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::channel::{Channel, ChannelKind, Overwrite};

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
        "position": channel.position,
        "parent_id": null,
        "permission_overwrites": channel.overwrites.iter().map(overwrite).collect::<Vec<_>>(),
        "nsfw": false,
        "flags": 0,
        "last_message_id": channel.last_message,
        "rate_limit_per_user": 0,
    });
    if channel.kind == ChannelKind::Voice {
        object["bitrate"] = json!(64_000);
        object["user_limit"] = json!(0);
        object["rtc_region"] = Value::Null;
    } else {
        object["topic"] = Value::Null;
    }
    object
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

fn overwrite(overwrite: &Overwrite) -> Value {
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
        "parent_id": null,
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
