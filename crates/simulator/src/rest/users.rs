//! Users, and the bot itself.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::rest::fields;
use crate::world::World;

pub(crate) fn own(world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    let own = world.user(world.application.id)?;
    Ok(Answer::ok(payload::user::current(own)))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let user = world.user(call.id(1)?)?;
    Ok(Answer::ok(payload::user::user(user)))
}

/// The guilds of the bot, in the order of their ids.
pub(crate) fn guilds(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let after = call.query("after")?;
    let limit = call.query("limit")?.unwrap_or(200).clamp(1, 200);
    let homes = world.guilds.values().filter(|it| Some(it.id) > after);
    let homes = homes.filter(|it| it.members.contains_key(&bot));
    let guilds = homes.take(limit).map(|it| {
        json!({
            "id": it.id,
            "name": it.name,
            "icon": null,
            "banner": null,
            "owner": it.owner == bot,
            "permissions": it.base_permissions(bot),
            "features": [],
        })
    });
    Ok(Answer::ok(guilds.collect::<Vec<Value>>()))
}

/// Opens direct messages with a person.
pub(crate) fn open_direct(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let object = fields::object(&call.body, &["recipient_id"])?;
    let id = fields::string(object, "recipient_id")?;
    let id = id.and_then(|id| id.parse().ok()).ok_or_else(|| {
        let message = "This field is required";
        ApiError::form(&["recipient_id"], "BASE_TYPE_REQUIRED", message)
    })?;
    let channel = world.direct_channel(id)?;
    let object = payload::channel::channel(world, world.channel(channel)?);
    Ok(Answer::ok(object))
}
