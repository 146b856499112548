//! Stickers: a guild's own, and the packs that everybody has.

use serde_json::{Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::sticker::{self, Sticker};

/// What a guild without boosts may have.
const STICKERS_MAX: usize = 5;
/// 512 KiB.
const FILE_MAX: usize = 512 * 1024;
/// What a message shows at most.
const SHOWN_MAX: usize = 3;
const RULES: [(&str, Rule); 3] = [
    ("name", Rule::Text(2, 30)),
    ("description", Rule::Text(0, 100)),
    ("tags", Rule::Text(1, 200)),
];

pub(crate) fn packs(_world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(json!({ "sticker_packs": [sticker::pack()] })))
}

pub(crate) fn read_pack(_world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let pack = sticker::pack();
    match pack["id"] == json!(call.id(1)?) {
        true => Ok(Answer::ok(pack)),
        false => Err(ApiError::unknown_sticker_pack()),
    }
}

pub(crate) fn read_any(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(world.any_sticker(call.id(1)?)?))
}

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let stickers = place::guild(world, call, Permissions::NONE)?
        .stickers
        .values();
    let stickers = stickers.map(|it| world.sticker(it));
    Ok(Answer::ok(stickers.collect::<Vec<Value>>()))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let sticker = guild.stickers.get(&call.id(3)?);
    Ok(Answer::ok(
        world.sticker(sticker.ok_or_else(ApiError::unknown_sticker)?),
    ))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::CREATE_GUILD_EXPRESSIONS)?;
    let body = fields::checked(&call.body, &[&RULES[..], &[("file", Rule::Any)]].concat())?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    for key in ["name", "tags"] {
        fields::required(&body, key)?;
    }
    fields::required(&body, "file")?;
    let [file] = &call.files[..] else {
        let message = "This field is required";
        return Err(ApiError::form(&["file"], "BASE_TYPE_REQUIRED", message));
    };
    if file.bytes.len() > FILE_MAX {
        let message = "File cannot be larger than 512.0 kb.";
        return Err(ApiError::form(&["file"], "BINARY_TYPE_MAX_SIZE", message));
    }
    if guild.stickers.len() >= STICKERS_MAX {
        return Err(ApiError::too_many_stickers());
    }
    let about = (
        text("name").unwrap_or_default(),
        text("description").filter(|it| !it.is_empty()),
        text("tags").unwrap_or_default(),
    );
    let guild = guild.id;
    Ok(Answer::created(world.add_sticker(
        guild,
        about,
        file.clone(),
        call.by(),
    )))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    let body = fields::checked(&call.body, &RULES)?;
    let change = |sticker: &mut Sticker| {
        let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
        sticker.name = text("name").unwrap_or_else(|| sticker.name.clone());
        sticker.tags = text("tags").unwrap_or_else(|| sticker.tags.clone());
        if body.contains_key("description") {
            sticker.description = text("description");
        }
    };
    Ok(Answer::ok(world.change_sticker(
        guild,
        id,
        call.by(),
        change,
    )?))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    world.drop_sticker(guild, id, call.by())?;
    Ok(Answer::nothing())
}

/// The guild and its sticker, when the actor may change it: their own, or everybody's.
fn governed(world: &World, call: &Call) -> Result<(Snowflake, Snowflake), ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let sticker = guild.stickers.get(&call.id(3)?);
    let sticker = sticker.ok_or_else(ApiError::unknown_sticker)?;
    place::may_change_expression(guild, call, sticker.creator)?;
    Ok((guild.id, sticker.id))
}

/// Reads the `sticker_ids` of a message.
///
/// # Errors
/// 50035 for more than three.
pub(crate) fn shown(body: &serde_json::Map<String, Value>) -> Result<Vec<Snowflake>, ApiError> {
    let ids = fields::list(body, "sticker_ids")?.unwrap_or_default();
    fields::few_enough(ids, SHOWN_MAX, &["sticker_ids"])?;
    Ok(fields::ids(&ids.into()))
}

/// Whether stickers may be shown in a channel of a guild, or in direct messages.
///
/// # Errors
/// 50081 for one that is unknown, or of another guild.
pub(crate) fn check(
    world: &World,
    guild: Option<Snowflake>,
    ids: &[Snowflake],
) -> Result<(), ApiError> {
    let guild = guild.and_then(|id| world.guilds.get(&id));
    let is_here = |id: &Snowflake| {
        sticker::packed(*id).is_some() || guild.is_some_and(|it| it.stickers.contains_key(id))
    };
    match ids.iter().all(is_here) {
        true => Ok(()),
        false => Err(ApiError::invalid_sticker()),
    }
}
