//! Users, and the bot itself.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::upload::Image;

pub(crate) fn own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let own = world.user(call.actor)?;
    Ok(Answer::ok(payload::user::current(own)))
}

/// Changes the actor's own name and image.
pub(crate) fn edit_own(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let rules = [
        ("username", Rule::Text(2, 32)),
        ("avatar", Rule::Image),
        ("banner", Rule::Image),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let avatar = body.get("avatar");
    let image = avatar.and_then(Value::as_str).and_then(Image::parse);
    let hash = image.map(|image| world.keep_image("avatars", call.actor, &image));
    let banner = body.get("banner");
    let picture = banner.and_then(Value::as_str).and_then(Image::parse);
    let picture = picture.map(|image| world.keep_image("banners", call.actor, &image));
    world.change_user(call.actor, |user| {
        if banner.is_some() {
            user.banner = picture;
        }
        if let Some(name) = body.get("username").and_then(Value::as_str) {
            name.clone_into(&mut user.name);
        }
        if avatar.is_some() {
            user.avatar = hash;
        }
    });
    own(world, call)
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = world.user(call.id(1)?)?;
    Ok(Answer::ok(payload::user::user(user)))
}

/// The guilds of the actor, in the order of their ids.
pub(crate) fn guilds(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (before, after): (Option<Snowflake>, Option<Snowflake>) =
        (call.query("before")?, call.query("after")?);
    let limit = call.limit(200, 200)?;
    let counted = call.flag("with_counts")?;
    let homes = world
        .guilds
        .values()
        .filter(|it| it.members.contains_key(&call.actor));
    let homes = homes.filter(|it| Some(it.id) > after);
    let homes = homes.filter(|it| before.is_none_or(|before| it.id < before));
    let mut homes: Vec<_> = homes.collect();
    match before {
        Some(_) => drop(homes.drain(..homes.len().saturating_sub(limit))),
        None => homes.truncate(limit),
    }
    let guilds = homes.into_iter().map(|it| {
        let mut object = json!({
            "id": it.id,
            "name": it.name,
            "icon": it.settings.get("icon"),
            "banner": null,
            "owner": it.owner == call.actor,
            "permissions": it.base_permissions(call.actor),
            "features": [],
        });
        if counted {
            object["approximate_member_count"] = json!(it.members.len());
            object["approximate_presence_count"] = json!(it.members.len());
        }
        object
    });
    Ok(Answer::ok(guilds.collect::<Vec<Value>>()))
}

/// Opens direct messages with a person.
pub(crate) fn open_direct(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let object = fields::checked(&call.body, &[("recipient_id", Rule::Id)])?;
    let id = fields::id(fields::required(&object, "recipient_id")?);
    let channel = world.direct_channel(id.ok_or_else(ApiError::unknown_user)?)?;
    let object = payload::channel::channel(world, world.channel(channel)?);
    Ok(Answer::ok(object))
}
