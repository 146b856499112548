//! A guild's own emojis.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::emoji::Emoji;
use crate::world::upload::Image;

const EMOJIS_MAX: usize = 50;
/// 256 KiB.
const IMAGE_MAX: usize = 256 * 1024;

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let emojis = place::guild(world, call, Permissions::NONE)?
        .emojis
        .values();
    let emojis = emojis.map(|it| world.emoji(it));
    Ok(Answer::ok(emojis.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let emoji = guild
        .emojis
        .get(&call.id(3)?)
        .ok_or_else(ApiError::unknown_emoji)?;
    Ok(Answer::ok(world.emoji(emoji)))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::CREATE_GUILD_EXPRESSIONS)?;
    let rules = [
        ("name", Rule::Text(2, 32)),
        ("image", Rule::Image),
        ("roles", Rule::Ids),
    ];
    let body = fields::checked(&call.body, &rules)?;
    let name = fields::required(&body, "name")?
        .as_str()
        .unwrap_or("")
        .to_owned();
    check_name(&name)?;
    let image = image_of(&body)?;
    let is_animated = image.content_type == "image/gif";
    let same_kind = guild
        .emojis
        .values()
        .filter(|it| it.is_animated == is_animated);
    if same_kind.count() >= EMOJIS_MAX {
        return Err(ApiError::too_many_emojis());
    }
    let roles = body.get("roles").map(fields::ids).unwrap_or_default();
    let guild = guild.id;
    Ok(Answer::created(world.add_emoji(
        guild,
        name,
        roles,
        &image,
        call.by(),
    )))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    let body = fields::checked(
        &call.body,
        &[("name", Rule::Text(2, 32)), ("roles", Rule::Ids)],
    )?;
    let name = fields::string(&body, "name")?;
    name.map_or(Ok(()), check_name)?;
    let change = |emoji: &mut Emoji| {
        if let Some(name) = name {
            name.clone_into(&mut emoji.name);
        }
        if let Some(roles) = body.get("roles") {
            emoji.roles = fields::ids(roles);
        }
    };
    Ok(Answer::ok(world.change_emoji(
        guild,
        id,
        call.by(),
        change,
    )?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    world.drop_emoji(guild, id, call.by())?;
    Ok(Answer::nothing())
}

/// The guild and its emoji, when the actor may change it: their own, or everybody's.
fn governed(world: &World, call: &Call) -> Result<(Snowflake, Snowflake), ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let emoji = guild
        .emojis
        .get(&call.id(3)?)
        .ok_or_else(ApiError::unknown_emoji)?;
    place::may_change_expression(guild, call, emoji.creator)?;
    Ok((guild.id, emoji.id))
}

/// The `image` of a new emoji.
///
/// # Errors
/// 50035 when it is missing or too large.
pub(super) fn image_of(body: &Map<String, Value>) -> Result<Image, ApiError> {
    let image = fields::required(body, "image")?.as_str();
    let image = image
        .and_then(Image::parse)
        .expect("the rule has looked at it");
    if image.bytes.len() > IMAGE_MAX {
        let message = "File cannot be larger than 256.0 kb.";
        return Err(ApiError::form(&["image"], "BINARY_TYPE_MAX_SIZE", message));
    }
    Ok(image)
}

pub(super) fn check_name(name: &str) -> Result<(), ApiError> {
    if name
        .chars()
        .all(|it| it.is_ascii_alphanumeric() || it == '_')
    {
        return Ok(());
    }
    let message = "String value did not match validation regex.";
    Err(ApiError::form(&["name"], "STRING_TYPE_REGEX", message))
}
