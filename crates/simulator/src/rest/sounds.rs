//! The soundboard: a guild's own sounds, and those that everybody has.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::sound::{Sound, default_sounds};

/// What a guild without boosts may have.
const SOUNDS_MAX: usize = 8;
/// 512 KiB, in base64.
const DATA_MAX: usize = 512 * 1024 * 4 / 3;
const RULES: [(&str, Rule); 4] = [
    ("name", Rule::Text(2, 32)),
    ("volume", Rule::Any),
    ("emoji_id", Rule::Id),
    ("emoji_name", Rule::Text(1, 32)),
];

pub(crate) fn default(_world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    Ok(Answer::ok(default_sounds()))
}

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let sounds = place::guild(world, call, Permissions::NONE)?
        .sounds
        .values();
    let sounds: Vec<_> = sounds.map(|it| world.sound(it)).collect();
    Ok(Answer::ok(json!({ "items": sounds })))
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let sound = guild.sounds.get(&call.id(3)?);
    Ok(Answer::ok(
        world.sound(sound.ok_or_else(ApiError::unknown_sound)?),
    ))
}

pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::CREATE_GUILD_EXPRESSIONS)?;
    let body = fields::checked(&call.body, &[&RULES[..], &[("sound", Rule::Any)]].concat())?;
    let name = fields::required(&body, "name")?
        .as_str()
        .unwrap_or("")
        .to_owned();
    check_sound(fields::required(&body, "sound")?)?;
    if guild.sounds.len() >= SOUNDS_MAX {
        return Err(ApiError::too_many_sounds());
    }
    let guild = guild.id;
    let sound = Sound {
        id: world.next_id(),
        name,
        volume: volume(&body)?.unwrap_or(1.0),
        emoji: emoji(&body),
        creator: call.actor,
        guild,
    };
    Ok(Answer::created(world.add_sound(sound, call.by())))
}

fn check_sound(sound: &Value) -> Result<(), ApiError> {
    let text = sound.as_str().unwrap_or("");
    let kinds = [
        "data:audio/mpeg;base64,",
        "data:audio/mp3;base64,",
        "data:audio/ogg;base64,",
    ];
    if !kinds.iter().any(|kind| text.starts_with(kind)) {
        let message = "Could not interpret the value as a sound as a data URI.";
        return Err(ApiError::form(&["sound"], "BASE64_TYPE_DECODE", message));
    }
    match text.len() <= DATA_MAX {
        true => Ok(()),
        false => {
            let message = "File cannot be larger than 512.0 kb.";
            Err(ApiError::form(&["sound"], "BINARY_TYPE_MAX_SIZE", message))
        }
    }
}

fn volume(body: &Map<String, Value>) -> Result<Option<f64>, ApiError> {
    let Some(volume) = body.get("volume").filter(|it| !it.is_null()) else {
        return Ok(None);
    };
    let volume = volume.as_f64().filter(|it| (0.0..=1.0).contains(it));
    let message = "float value should be between 0 and 1.";
    let wrong = || ApiError::form(&["volume"], "NUMBER_TYPE_MAX", message);
    volume.ok_or_else(wrong).map(Some)
}

fn emoji(body: &Map<String, Value>) -> (Option<Snowflake>, Option<String>) {
    let name = body.get("emoji_name").and_then(Value::as_str);
    (
        body.get("emoji_id").and_then(fields::id),
        name.map(str::to_owned),
    )
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    let body = fields::checked(&call.body, &RULES)?;
    let (name, volume) = (fields::string(&body, "name")?, volume(&body)?);
    let new = world.change_sound(guild, id, call.by(), |sound| {
        if let Some(name) = name {
            name.clone_into(&mut sound.name);
        }
        sound.volume = volume.unwrap_or(sound.volume);
        if body.contains_key("emoji_id") || body.contains_key("emoji_name") {
            sound.emoji = emoji(&body);
        }
    })?;
    Ok(Answer::ok(new))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (guild, id) = governed(world, call)?;
    world.drop_sound(guild, id, call.by())?;
    Ok(Answer::nothing())
}

/// The guild and its sound, when the actor may change it: their own, or everybody's.
fn governed(world: &World, call: &Call) -> Result<(Snowflake, Snowflake), ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let sound = guild.sounds.get(&call.id(3)?);
    let sound = sound.ok_or_else(ApiError::unknown_sound)?;
    place::may_change_expression(guild, call, sound.creator)?;
    Ok((guild.id, sound.id))
}
