//! The widget of a guild, and its address of vanity.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::world::World;
use crate::world::guild::Guild;

pub(crate) fn settings(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let whole = payload::guild::guild(guild);
    Ok(Answer::ok(json!({
        "enabled": whole["widget_enabled"],
        "channel_id": whole["widget_channel_id"],
    })))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let body = fields::checked(
        &call.body,
        &[("enabled", Rule::Flag), ("channel_id", Rule::Id)],
    )?;
    let channel = body.get("channel_id").and_then(fields::id);
    if channel.is_some_and(|id| !guild.channels.contains(&id)) {
        return Err(ApiError::form(
            &["channel_id"],
            "CHANNEL_INVALID",
            "Invalid channel",
        ));
    }
    let id = guild.id;
    world.change_guild(id, call.by(), |guild| {
        for (key, value) in body {
            guild.settings.insert(format!("widget_{key}"), value);
        }
    })?;
    settings(world, call)
}

/// What anybody may see while the widget is on: who is there, and the channels for voice.
pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = world.guild(call.id(1)?)?;
    if payload::guild::guild(guild)["widget_enabled"] != true {
        return Err(ApiError::widget_disabled());
    }
    let channels = guild
        .channels
        .iter()
        .filter_map(|id| world.channels.get(id));
    let channels = channels.filter(|it| it.kind.is_spoken());
    let channels =
        channels.map(|it| json!({ "id": it.id, "name": it.name, "position": it.position }));
    let members: Vec<_> = present(world, guild);
    Ok(Answer::ok(json!({
        "id": guild.id,
        "name": guild.name,
        "instant_invite": null,
        "channels": channels.collect::<Vec<_>>(),
        "presence_count": members.len(),
        "members": members,
    })))
}

/// Those who show that they are there, without their ids.
fn present(world: &World, guild: &Guild) -> Vec<Value> {
    let shown = guild.members.keys().filter_map(|user| {
        let presence = world.presence_in(guild.id, *user)?;
        Some((world.users.get(user)?, presence["status"].clone()))
    });
    let shown = shown.filter(|(_, status)| status != "offline");
    let numbered = shown.zip(0_u64..).map(|((user, status), number)| {
        json!({
            "id": number.to_string(),
            "username": user.name,
            "discriminator": "0000",
            "avatar": null,
            "status": status,
            "avatar_url": format!("{}/widget-avatars/{number}", world.base_url),
        })
    });
    numbered.collect()
}

/// No guild here has one, as it takes boosts.
pub(crate) fn vanity(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    place::guild(world, call, Permissions::MANAGE_GUILD)?;
    Ok(Answer::ok(json!({ "code": null, "uses": 0 })))
}
