//! Channels.

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::world::World;

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let channel = world.channel_for(bot, call.id(1)?, Permissions::VIEW_CHANNEL)?;
    Ok(Answer::ok(payload::channel::channel(world, channel)))
}

pub(crate) fn typing(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let bot = world.application.id;
    let id = call.id(1)?;
    world.channel_for(bot, id, Permissions::SEND_MESSAGES)?;
    world.type_in(id, bot);
    Ok(Answer::nothing())
}
