//! Guilds, roles and members on the wire.

use serde_json::{Value, json};

use crate::payload::{self, timestamp};
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::guild::Guild;
use crate::world::member::Member;
use crate::world::role::Role;
use crate::world::stage::Stage;

pub(crate) fn role(role: &Role) -> Value {
    let mut object = json!({
        "id": role.id,
        "name": role.name,
        "description": null,
        "permissions": role.permissions,
        "position": role.position,
        "color": role.look.color,
        "colors": {
            "primary_color": role.look.color,
            "secondary_color": null,
            "tertiary_color": null,
        },
        "hoist": role.look.is_hoisted,
        "managed": role.bot.is_some(),
        "mentionable": role.look.is_mentionable,
        "icon": null,
        "unicode_emoji": null,
        "flags": 0,
    });
    if let Some(bot) = role.bot {
        object["tags"] = json!({ "bot_id": bot });
    }
    object
}

pub(crate) fn roles(guild: &Guild) -> Vec<Value> {
    guild.roles.values().map(role).collect()
}

/// A member as REST gives it.
pub(crate) fn member(world: &World, member: &Member) -> Value {
    let mut object = partial_member(member);
    let user = world.users.get(&member.user);
    // Moved in: `json!` would copy it.
    object["user"] = user.map_or(Value::Null, payload::user::user);
    object
}

/// A member as it stands beside a user: in messages and among resolved options.
pub(crate) fn partial_member(member: &Member) -> Value {
    json!({
        "nick": member.nick,
        "avatar": member.avatar,
        "banner": member.banner,
        "roles": member.roles,
        "joined_at": timestamp(member.joined_at),
        "premium_since": null,
        "communication_disabled_until": member.timed_out_until.map(timestamp),
        "deaf": member.is_deaf,
        "mute": member.is_mute,
        "pending": false,
        "flags": member.flags,
    })
}

/// A member of an interaction: with what they may do in its channel.
pub(crate) fn acting_member(world: &World, it: &Member, permissions: Permissions) -> Value {
    let mut object = member(world, it);
    object["permissions"] = json!(permissions);
    object
}

/// A member in `GUILD_MEMBER_*`.
pub(crate) fn member_event(world: &World, guild: Snowflake, it: &Member) -> Value {
    let mut object = member(world, it);
    object["guild_id"] = json!(guild);
    object
}

/// A guild as REST gives it, but for its emojis and stickers.
pub(crate) fn guild(guild: &Guild) -> Value {
    let mut object = json!({
        "id": guild.id,
        "name": guild.name,
        "icon": null,
        "banner": null,
        "splash": null,
        "discovery_splash": null,
        "home_header": null,
        "description": null,
        "owner_id": guild.owner,
        "region": "deprecated",
        "afk_channel_id": null,
        "afk_timeout": 300,
        "widget_enabled": false,
        "widget_channel_id": null,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": roles(guild),
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": null,
        "system_channel_id": guild.system_channel,
        "system_channel_flags": 0,
        "rules_channel_id": null,
        "public_updates_channel_id": null,
        "safety_alerts_channel_id": null,
        "max_members": 25_000_000,
        "max_presences": null,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": null,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": false,
        "preferred_locale": "en-US",
        "nsfw": false,
        "nsfw_level": 0,
        "incidents_data": null,
    });
    for (key, value) in &guild.settings {
        object[key] = value.clone();
    }
    object
}

/// A guild as REST gives it.
pub(crate) fn whole(world: &World, home: &Guild) -> Value {
    let mut object = guild(home);
    object["emojis"] = home.emojis.values().map(|it| world.emoji(it)).collect();
    object["stickers"] = home.stickers.values().map(|it| world.sticker(it)).collect();
    object
}

/// A guild in `GUILD_CREATE`. Of a guild with more than `threshold` members only the bot is listed;
/// with a threshold of 0, which is that of sessions without the intent, nobody's presence is.
pub(crate) fn create(world: &World, home: &Guild, threshold: u64) -> Value {
    let bot = world.application.id;
    let count = home.members.len() as u64;
    let listed = home.members.values();
    let listed = listed.filter(|it| count <= threshold || it.user == bot);
    let shown = listed.clone().filter(|_| threshold > 0);
    let shown = shown.filter_map(|it| world.presence_in(home.id, it.user));
    let presences: Vec<_> = shown.collect();
    let members: Vec<_> = listed.map(|it| member(world, it)).collect();
    let channels = home.channels.iter().filter_map(|id| world.channels.get(id));
    let channels: Vec<_> = channels
        .map(|channel| payload::channel::channel(world, channel))
        .collect();
    let joined_at = home.members.get(&bot).map(|it| timestamp(it.joined_at));
    let mut object = whole(world, home);
    object["joined_at"] = json!(joined_at);
    object["large"] = json!(count > LARGE);
    object["unavailable"] = json!(false);
    object["member_count"] = json!(count);
    object["members"] = members.into();
    object["presences"] = presences.into();
    object["voice_states"] = world.voice_states_of(home.id).into();
    object["channels"] = channels.into();
    object["embedded_activities"] = json!([]);
    object["soundboard_sounds"] = home.sounds.values().map(|it| world.sound(it)).collect();
    let stages = world.stages.values().filter(|it| it.guild == home.id);
    object["stage_instances"] = stages.map(Stage::object).collect();
    let threads = world.threads_of(home.id).filter(|(channel, it)| {
        let may = world.permissions_in(bot, channel);
        !it.is_archived && may.allows(Permissions::VIEW_CHANNEL)
    });
    let threads = threads.map(|(channel, _)| world.channel_shown_to(bot, channel));
    object["threads"] = threads.collect();
    let events = home.events.values();
    object["guild_scheduled_events"] = events
        .map(|it| world.scheduled_event(home.id, it))
        .collect();
    object
}

/// Discord calls a guild large above this many members, whatever the threshold of the session.
const LARGE: u64 = 250;
