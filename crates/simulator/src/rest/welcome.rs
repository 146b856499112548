//! What new members meet: the welcome screen, and onboarding.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::rest::place;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::audit::{Deed, action};
use crate::world::guild::Guild;

/// Channels of an onboarding that is on: so many, and so many of them where people may write.
const DEFAULT_CHANNELS: (usize, usize) = (7, 5);

pub(crate) fn screen(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    let screen = guild.welcome_screen.as_ref();
    let screen = screen.ok_or_else(ApiError::unknown_welcome_screen)?;
    if screen["enabled"] != true {
        place::guild(world, call, Permissions::MANAGE_GUILD)?;
    }
    Ok(Answer::ok(shown(screen)))
}

fn shown(screen: &Value) -> Value {
    json!({
        "description": screen["description"],
        "welcome_channels": screen["welcome_channels"],
    })
}

pub(crate) fn edit_screen(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::MANAGE_GUILD)?;
    let rules = [
        ("enabled", Rule::Flag),
        ("description", Rule::Text(0, 140)),
        ("welcome_channels", Rule::Any),
    ];
    let mut body = fields::checked(&call.body, &rules)?;
    if let Some(channels) = fields::list(&body, "welcome_channels")? {
        let channels = welcome_channels(guild, channels)?;
        body.insert("welcome_channels".to_owned(), channels.into());
    }
    let id = guild.id;
    let usual = json!({ "enabled": false, "description": null, "welcome_channels": [] });
    let mut screen = guild.welcome_screen.clone().unwrap_or(usual);
    for (key, value) in body {
        screen[key] = value;
    }
    let answer = shown(&screen);
    if let Some(guild) = world.guilds.get_mut(&id) {
        guild.welcome_screen = Some(screen);
    }
    Ok(Answer::ok(answer))
}

fn welcome_channels(guild: &Guild, channels: &[Value]) -> Result<Vec<Value>, ApiError> {
    fields::few_enough(channels, 5, &["welcome_channels"])?;
    let channels = channels.iter().enumerate().map(|(index, channel)| {
        let index = index.to_string();
        let path = ["welcome_channels", &index];
        let rules = [
            ("channel_id", Rule::Id),
            ("description", Rule::Text(1, 50)),
            ("emoji_id", Rule::Id),
            ("emoji_name", Rule::Text(0, 100)),
        ];
        let channel = fields::checked_at(&path, channel, &rules)?;
        let id = fields::id(fields::required_at(&path, &channel, "channel_id")?);
        if !id.is_some_and(|id| guild.channels.contains(&id)) {
            let path = [&path[..], &["channel_id"]].concat();
            return Err(ApiError::form(&path, "CHANNEL_INVALID", "Invalid channel"));
        }
        Ok(json!({
            "channel_id": id,
            "description": fields::required_at(&path, &channel, "description")?,
            "emoji_id": channel.get("emoji_id"),
            "emoji_name": channel.get("emoji_name"),
        }))
    });
    channels.collect()
}

/// The guide for new members, which no route of bots can set up.
pub(crate) fn guide(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    place::guild(world, call, Permissions::NONE)?;
    Ok(Answer::nothing())
}

pub(crate) fn onboarding(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = place::guild(world, call, Permissions::NONE)?;
    Ok(Answer::ok(onboarding_of(guild)))
}

fn onboarding_of(guild: &Guild) -> Value {
    let usual = || {
        json!({
            "guild_id": guild.id,
            "prompts": [],
            "default_channel_ids": [],
            "enabled": false,
            "mode": 0,
        })
    };
    guild.onboarding.clone().unwrap_or_else(usual)
}

pub(crate) fn set_onboarding(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let wanted = Permissions::MANAGE_GUILD | Permissions::MANAGE_ROLES;
    let guild = place::guild(world, call, wanted)?.id;
    let rules = [
        ("prompts", Rule::Any),
        ("default_channel_ids", Rule::Ids),
        ("enabled", Rule::Flag),
        ("mode", Rule::OneOf(&[0, 1])),
    ];
    let mut body = fields::checked(&call.body, &rules)?;
    if let Some(prompts) = fields::list(&body, "prompts")? {
        fields::few_enough(prompts, 15, &["prompts"])?;
        let prompts = prompts.to_vec();
        let prompts = prompts.iter().enumerate();
        let prompts = prompts.map(|(index, it)| prompt(world, it, &index.to_string()));
        let prompts = prompts.collect::<Result<Vec<_>, _>>()?;
        body.insert("prompts".to_owned(), prompts.into());
    }
    let old = onboarding_of(world.guild(guild)?);
    let mut new = old.clone();
    for (key, value) in body.into_iter().filter(|(_, value)| !value.is_null()) {
        new[key] = value;
    }
    if new["enabled"] == true {
        check_channels(
            world.guild(guild)?,
            world,
            &fields::ids(&new["default_channel_ids"]),
        )?;
    }
    if let Some(guild) = world.guilds.get_mut(&guild) {
        guild.onboarding = Some(new.clone());
    }
    let deed = Deed::new(action::ONBOARDING_UPDATE, guild).without_target();
    world.audit(guild, call.by(), deed.between(&old, &new));
    Ok(Answer::ok(new))
}

/// Everybody must find enough to read and write.
///
/// # Errors
/// 350000 when they would not.
fn check_channels(guild: &Guild, world: &World, ids: &[Snowflake]) -> Result<(), ApiError> {
    let everyone = guild.roles.get(&guild.id).map(|it| it.permissions);
    let may = |id: &&Snowflake, wanted| {
        let channel = world
            .channels
            .get(id)
            .filter(|it| it.guild == Some(guild.id));
        let base = everyone.unwrap_or_default();
        channel.is_some_and(|it| it.overwrite(base, guild.id, &[], guild.id).allows(wanted))
    };
    let seen = ids
        .iter()
        .filter(|id| may(id, Permissions::VIEW_CHANNEL))
        .count();
    let written = ids
        .iter()
        .filter(|id| may(id, Permissions::SEND_MESSAGES))
        .count();
    match seen >= DEFAULT_CHANNELS.0 && written >= DEFAULT_CHANNELS.1 {
        true => Ok(()),
        false => Err(ApiError::onboarding_lacks()),
    }
}

/// A question, with everything that was left unsaid.
fn prompt(world: &mut World, prompt: &Value, index: &str) -> Result<Value, ApiError> {
    let path = ["prompts", index];
    let rules = [
        ("id", Rule::Id),
        ("title", Rule::Text(1, 100)),
        ("options", Rule::Any),
        ("single_select", Rule::Flag),
        ("required", Rule::Flag),
        ("in_onboarding", Rule::Flag),
        ("type", Rule::OneOf(&[0, 1])),
    ];
    let prompt = fields::checked_at(&path, prompt, &rules)?;
    let title = fields::required_at(&path, &prompt, "title")?.clone();
    let options = fields::list(&prompt, "options")?.unwrap_or_default();
    if !(1..=50).contains(&options.len()) {
        let message = "Must be between 1 and 50 in length.";
        let path = [&path[..], &["options"]].concat();
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    let mut given = Vec::new();
    for (place, it) in options.iter().enumerate() {
        let place = place.to_string();
        given.push(option(
            world,
            it,
            &[&path[..], &["options", &place]].concat(),
        )?);
    }
    let flag = |key: &str| prompt.get(key) == Some(&json!(true));
    Ok(json!({
        "id": own_id(world, &prompt),
        "title": title,
        "options": given,
        "single_select": flag("single_select"),
        "required": flag("required"),
        "in_onboarding": flag("in_onboarding"),
        "type": prompt.get("type").cloned().unwrap_or(json!(0)),
    }))
}

fn option(world: &mut World, option: &Value, path: &[&str]) -> Result<Value, ApiError> {
    let rules = [
        ("id", Rule::Id),
        ("title", Rule::Text(1, 50)),
        ("description", Rule::Text(0, 100)),
        ("emoji_id", Rule::Id),
        ("emoji_name", Rule::Text(0, 100)),
        ("emoji_animated", Rule::Flag),
        ("role_ids", Rule::Ids),
        ("channel_ids", Rule::Ids),
    ];
    let option = fields::checked_at(path, option, &rules)?;
    let list = |key: &str| option.get(key).cloned().unwrap_or_else(|| json!([]));
    Ok(json!({
        "id": own_id(world, &option),
        "title": fields::required_at(path, &option, "title")?,
        "description": option.get("description").cloned().unwrap_or(json!("")),
        "emoji": {
            "id": option.get("emoji_id"),
            "name": option.get("emoji_name"),
            "animated": option.get("emoji_animated") == Some(&json!(true)),
        },
        "role_ids": list("role_ids"),
        "channel_ids": list("channel_ids"),
    }))
}

/// Small numbers stand for what is new.
fn own_id(world: &mut World, object: &Map<String, Value>) -> Snowflake {
    let known = object.get("id").and_then(fields::id);
    known
        .filter(|id| id.get() > u64::from(u32::MAX))
        .unwrap_or_else(|| world.next_id())
}
