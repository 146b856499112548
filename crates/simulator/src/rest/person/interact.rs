//! `POST /interactions`: a person uses a command, a component or a form, or wants suggestions.
//!
//! The body is what Discord's own client sends: `type`, `application_id`, `guild_id`, `channel_id`,
//! `session_id`, `nonce`, `data`, and `message_id` for components. Files for options come as parts
//! of the request, named by `data.attachments`. What clients tell beside (analytics) is ignored.
//! The answer is 204; what the bot does about it is read from the channel or at
//! `/_sim/interactions`.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::people::{components, form};
use crate::permissions::Permissions;
use crate::rest::call::{Answer, Call};
use crate::rest::{fields, files};
use crate::slash::SlashError;
use crate::slash::sent::{Sender, invoke};
use crate::snowflake::Snowflake;
use crate::transcript::{Deed, Line};
use crate::world::World;
use crate::world::interaction::{Kind, Start};

pub(super) fn start(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let body = call.body.as_object().ok_or_else(ApiError::not_json)?;
    let kind = kind(&call.body["type"])?;
    let application = id(body, "application_id")?;
    if !world.is_application(application) {
        return Err(ApiError::unknown_application());
    }
    world.acting(application, |world| start_with(world, call, body, kind))
}

/// Starts an interaction with the acting application.
fn start_with(
    world: &mut World,
    call: &Call,
    body: &Map<String, Value>,
    kind: Kind,
) -> Result<Answer, ApiError> {
    let channel = id(body, "channel_id")?;
    let place = world.channel_for(call.actor, channel, Permissions::VIEW_CHANNEL)?;
    let guild = body.get("guild_id").and_then(fields::id);
    if guild.is_some() && guild != place.guild {
        return Err(ApiError::unknown_channel());
    }
    let data = body.get("data").unwrap_or(&Value::Null);
    let start = match kind {
        Kind::Command | Kind::Autocomplete => {
            check_version(world, data)?;
            let files = files(world, call, channel, data)?;
            let sender = Sender {
                user: call.actor,
                channel,
                files: &files,
            };
            invoke(world, sender, data, kind)?
        }
        Kind::Component => {
            let message = id(body, "message_id")?;
            let custom_id = data["custom_id"].as_str().unwrap_or("");
            let values = data["values"].as_array().into_iter().flatten();
            let values: Vec<_> = values.filter_map(Value::as_str).collect();
            let stored = place.messages.get(&message);
            if !stored.is_some_and(|it| it.is_visible_to(call.actor)) {
                return Err(ApiError::unknown_message());
            }
            components::press(world, call.actor, (channel, message), custom_id, &values)
                .map_err(unusable)?
        }
        Kind::Modal => form::fill(world, call.actor, channel, data).map_err(unusable)?,
    };
    if world.addressee(&start) != world.application.id {
        return Err(ApiError::unknown_application());
    }
    if kind != Kind::Autocomplete {
        note(world, &start);
    }
    let started = world.interact(start);
    if let Some(interaction) = world.interactions.get_mut(&started) {
        interaction.nonce = body.get("nonce").and_then(text_of);
    }
    Ok(Answer::nothing())
}

/// There is no such component or form.
fn unusable(error: SlashError) -> ApiError {
    match error {
        SlashError::NotRegistered { .. } => {
            let (code, message) = ("COMPONENT_VALIDATION_FAILED", "Component validation failed");
            ApiError::form(&["data", "custom_id"], code, message)
        }
        other => other.into(),
    }
}

/// Clients write it as a text or a number.
fn text_of(nonce: &Value) -> Option<String> {
    let number = || nonce.as_u64().map(|it| it.to_string());
    nonce.as_str().map(str::to_owned).or_else(number)
}

fn kind(kind: &Value) -> Result<Kind, ApiError> {
    match kind.as_u64() {
        Some(2) => Ok(Kind::Command),
        Some(3) => Ok(Kind::Component),
        Some(4) => Ok(Kind::Autocomplete),
        Some(5) => Ok(Kind::Modal),
        _ => {
            let message = "Value must be one of {2, 3, 4, 5}.";
            Err(ApiError::form(&["type"], "BASE_TYPE_CHOICES", message))
        }
    }
}

fn id(body: &Map<String, Value>, key: &str) -> Result<Snowflake, ApiError> {
    let value = fields::required(body, key)?;
    fields::id(value).ok_or_else(|| {
        let message = format!("Value {value} is not snowflake.");
        ApiError::form(&[key], "NUMBER_TYPE_COERCE", &message)
    })
}

/// A client that still shows an older form of the command is told so.
fn check_version(world: &World, data: &Value) -> Result<(), ApiError> {
    let command = fields::id(&data["id"]).and_then(|id| world.commands.get(&id));
    match (command, fields::id(&data["version"])) {
        (Some(command), Some(version)) if command.version != version => {
            let code = "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION";
            let message = "This command is outdated, please try again in a few minutes";
            Err(ApiError::form(&["data"], code, message))
        }
        _ => Ok(()),
    }
}

/// Keeps the files of a request; gives each as it stands on the wire, by the client's own id for it.
fn files(
    world: &mut World,
    call: &Call,
    channel: Snowflake,
    data: &Value,
) -> Result<Map<String, Value>, ApiError> {
    if call.files.is_empty() {
        return Ok(Map::new());
    }
    let named = json!({ "attachments": data["attachments"] });
    let named = named.as_object().cloned().unwrap_or_default();
    let new = files::of(&named, &call.files)?.new;
    let kept = call.files.iter().zip(new).map(|(sent, file)| {
        let attachment = world.attach(channel, file, true);
        (sent.number.to_string(), world.attachment(&attachment))
    });
    Ok(kept.collect())
}

fn note(world: &mut World, start: &Start) {
    let text = match start.kind {
        Kind::Component => format!("the component {}", start.name),
        Kind::Modal => "the form".to_owned(),
        Kind::Command | Kind::Autocomplete => {
            format!("/{}{}", start.name, shown(&start.data["options"]))
        }
    };
    let who = world.name_of(start.user);
    let line = Line::new(world.now(), &who, Deed::Used, &text);
    let place = world.channels.get(&start.channel);
    let place = place.map(|it| it.name.clone()).unwrap_or_default();
    world.record(line.in_channel(&place));
}

/// Options as they would be typed: ` page:2 note:two words`.
fn shown(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten();
    let shown = options.map(|option| match (&option["value"], &option["options"]) {
        (Value::Null, inner) => shown(inner),
        (Value::String(text), _) => format!(" {}:{text}", option["name"].as_str().unwrap_or("")),
        (value, _) => format!(" {}:{value}", option["name"].as_str().unwrap_or("")),
    });
    shown.collect()
}
