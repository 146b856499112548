//! The bots that are integrated in a guild.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::place;
use crate::world::World;
use crate::world::integration::integration_id;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let bots = world.applications.keys();
    let here = bots.filter(|bot| guild.members.contains_key(bot));
    let here = here.map(|bot| world.integration(guild.id, *bot));
    Ok(Answer::ok(here.collect::<Vec<Value>>()))
}

/// Takes a bot out of the guild.
pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let (home, wanted) = (guild.id, call.id(3)?);
    let bots = world.applications.keys();
    let mut here = bots.filter(|bot| guild.members.contains_key(bot));
    let bot = here.find(|bot| integration_id(home, **bot) == wanted);
    let bot = *bot.ok_or_else(ApiError::unknown_integration)?;
    world.drop_integration(home, bot, call.by());
    Ok(Answer::nothing())
}
