//! Guilds themselves.

use chrono::TimeDelta;
use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::payload;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::world::World;
use crate::world::guild::Guild;
use crate::world::upload::Image;

const RULES: &[(&str, Rule)] = &[
    ("name", Rule::Text(2, 100)),
    ("description", Rule::Text(0, 300)),
    ("icon", Rule::Image),
    ("verification_level", Rule::OneOf(&[0, 1, 2, 3, 4])),
    ("default_message_notifications", Rule::OneOf(&[0, 1])),
    ("explicit_content_filter", Rule::OneOf(&[0, 1, 2])),
    ("preferred_locale", Rule::Text(2, 6)),
    ("afk_timeout", Rule::OneOf(&[60, 300, 900, 1800, 3600])),
    ("afk_channel_id", Rule::Id),
    ("system_channel_id", Rule::Id),
    ("system_channel_flags", Rule::Number(0, 63)),
    ("rules_channel_id", Rule::Id),
    ("public_updates_channel_id", Rule::Id),
    ("safety_alerts_channel_id", Rule::Id),
    ("premium_progress_bar_enabled", Rule::Flag),
    ("region", Rule::Text(0, 100)),
    ("features", Rule::Any),
    ("discovery_splash", Rule::Image),
    ("splash", Rule::Any),
    ("banner", Rule::Any),
    ("home_header", Rule::Any),
];
/// Features that those who manage a guild switch themselves.
const FEATURES: [&str; 4] = [
    "COMMUNITY",
    "DISCOVERABLE",
    "INVITES_DISABLED",
    "RAID_ALERTS_DISABLED",
];
/// What takes boosts, which no guild here has.
const BOOSTED: [&str; 3] = ["splash", "banner", "home_header"];

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let mut object = payload::guild::whole(world, guild);
    if call.flag("with_counts")? {
        object["approximate_member_count"] = guild.members.len().into();
        object["approximate_presence_count"] = guild.members.len().into();
    }
    Ok(Answer::ok(object))
}

/// What anybody may know of a guild.
pub(crate) fn preview(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let whole = payload::guild::whole(world, guild);
    let keys = [
        "id",
        "name",
        "icon",
        "description",
        "home_header",
        "splash",
        "discovery_splash",
        "features",
        "emojis",
        "stickers",
    ];
    let mut object: serde_json::Map<_, _> = keys
        .iter()
        .map(|key| ((*key).to_owned(), whole[*key].clone()))
        .collect();
    for key in ["approximate_member_count", "approximate_presence_count"] {
        object.insert(key.to_owned(), json!(guild.members.len()));
    }
    Ok(Answer::ok(Value::Object(object)))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let id = guild.id;
    let mut body = fields::checked(&call.body, RULES)?;
    for (key, value) in body.iter().filter(|(key, _)| key.ends_with("channel_id")) {
        let is_here = fields::id(value).is_none_or(|id| guild.channels.contains(&id));
        if !is_here {
            return Err(ApiError::form(&[key], "CHANNEL_INVALID", "Invalid channel"));
        }
    }
    if BOOSTED
        .iter()
        .any(|key| body.get(*key).is_some_and(|it| !it.is_null()))
    {
        return Err(ApiError::boosts_required());
    }
    body.retain(|key, _| !BOOSTED.contains(&key.as_str()) && key != "region");
    check_features(guild, &body)?;
    if let Some(splash) = body.get("discovery_splash").and_then(Value::as_str)
        && let Some(splash) = Image::parse(splash)
    {
        let hash = world.keep_image("discovery-splashes", id, &splash);
        body.insert("discovery_splash".to_owned(), json!(hash));
    }
    if let Some(icon) = body
        .get("icon")
        .and_then(Value::as_str)
        .and_then(Image::parse)
    {
        let hash = world.keep_image("icons", id, &icon);
        body.insert("icon".to_owned(), json!(hash));
    }
    world.change_guild(id, call.by(), |guild| {
        if let Some(Value::String(name)) = body.remove("name") {
            guild.name = name;
        }
        if let Some(channel) = body.remove("system_channel_id") {
            guild.system_channel = fields::id(&channel);
        }
        for (key, value) in body {
            match value {
                Value::Null => drop(guild.settings.remove(&key)),
                value => drop(guild.settings.insert(key, value)),
            }
        }
    })?;
    Ok(Answer::ok(payload::guild::whole(world, world.guild(id)?)))
}

/// A community has rules, a channel for news from Discord, and looks at who comes and what they show.
fn check_features(guild: &Guild, body: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(features) = fields::list(body, "features")? else {
        return Ok(());
    };
    let is_known = |it: &Value| it.as_str().is_some_and(|it| FEATURES.contains(&it));
    if !features.iter().all(is_known) {
        return Err(ApiError::form(
            &["features"],
            "BASE_TYPE_CHOICES",
            "Invalid feature",
        ));
    }
    if !features.iter().any(|it| it == "COMMUNITY") {
        return Ok(());
    }
    let is_set = |key: &str| {
        let value = body.get(key).or_else(|| guild.settings.get(key));
        value.is_some_and(|it| !it.is_null() && *it != 0)
    };
    let needed = [
        "rules_channel_id",
        "public_updates_channel_id",
        "verification_level",
        "explicit_content_filter",
    ];
    match needed.into_iter().find(|key| !is_set(key)) {
        Some(key) => Err(ApiError::form(
            &[key],
            "BASE_TYPE_REQUIRED",
            "This field is required",
        )),
        None => Ok(()),
    }
}

/// Shuts the doors for a while, at most a day: to invites, and to direct messages among members.
pub(crate) fn set_incidents(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let keys = ["invites_disabled_until", "dms_disabled_until"];
    let mut body = fields::checked(&call.body, &keys.map(|key| (key, Rule::Moment)))?;
    fields::tell_in_full(&mut body, &keys);
    let (id, latest) = (guild.id, world.now() + TimeDelta::days(1));
    for (key, value) in &body {
        if fields::moment(value).is_some_and(|end| end > latest) {
            let message = "Must be at most 24 hours from now.";
            return Err(ApiError::form(&[key], "DATE_TIME_TYPE_INVALID", message));
        }
    }
    let mut incidents = json!({ "invites_disabled_until": null, "dms_disabled_until": null });
    if let Some(known) = guild.settings.get("incidents_data") {
        incidents = known.clone();
    }
    for (key, value) in body {
        incidents[key] = value;
    }
    world.change_guild(id, call.by(), |guild| {
        let value = incidents.clone();
        guild.settings.insert("incidents_data".to_owned(), value);
    })?;
    Ok(Answer::ok(incidents))
}

/// The bot leaves; the guild lives on without it.
pub(crate) fn leave(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = world.guild(call.id(3)?)?;
    guild
        .member(call.actor)
        .map_err(|_| ApiError::unknown_guild())?;
    if guild.owner == call.actor {
        return Err(ApiError::owner_cannot_leave());
    }
    let id = guild.id;
    world.leave(id, call.actor);
    Ok(Answer::nothing())
}

/// Where the voice of a guild could be: each has the same choice.
pub(crate) fn own_regions(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    place::guild(world, call, Permissions::NONE)?;
    regions(world, call)
}

/// Where voice could be.
pub(crate) fn regions(_world: &mut World, _call: &Call) -> Result<Answer, ApiError> {
    let names = [
        ("rotterdam", "Rotterdam"),
        ("us-east", "US East"),
        ("singapore", "Singapore"),
    ];
    let regions = names.map(|(id, name)| {
        let optimal = id == "rotterdam";
        json!({ "id": id, "name": name, "optimal": optimal, "deprecated": false, "custom": false })
    });
    Ok(Answer::ok(regions.to_vec()))
}
