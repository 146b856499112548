//! Registration of application commands, global and per guild.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::payload;
use crate::rest::call::{Answer, Call};
use crate::rest::fields::{self, Rule};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::{CHAT_INPUT, Command, ENTRY_POINT, options_of};

const OPTIONS_MAX: usize = 25;
const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;
const CHOICES_MAX: usize = 25;

const KNOWN: &[&str] = &[
    "id",
    "application_id",
    "guild_id",
    "version",
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "default_permission",
    "dm_permission",
    "nsfw",
    "integration_types",
    "contexts",
    "handler",
];
/// Fields that Discord sets itself, whatever the request says.
const SET_BY_DISCORD: [&str; 5] = [
    "id",
    "application_id",
    "guild_id",
    "version",
    "default_permission",
];

const OPTION_KNOWN: &[&str] = &[
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
];

/// The scope of a request, and where the id of a command stands in its path.
fn scope(world: &World, call: &Call) -> Result<(Option<Snowflake>, usize), ApiError> {
    if call.id(1)? != world.application.id {
        return Err(ApiError::unknown_application());
    }
    if call.part(2) != "guilds" {
        return Ok((None, 3));
    }
    let guild = world.guild(call.id(3)?);
    Ok((Some(guild.map_err(|_| ApiError::missing_access())?.id), 5))
}

fn known<'a>(world: &'a World, call: &Call) -> Result<&'a Command, ApiError> {
    let (scope, place) = scope(world, call)?;
    let command = world.commands.get(&call.id(place)?);
    let command = command.filter(|command| command.guild == scope);
    command.ok_or_else(ApiError::unknown_command)
}

pub(crate) fn list(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (scope, _) = scope(world, call)?;
    let commands = world.commands_of(scope).into_iter();
    let whole = call.query("with_localizations")? == Some(true);
    let commands = commands.map(|it| {
        let mut object = payload::command::command(it);
        if !whole {
            drop_localizations(&mut object);
        }
        object
    });
    Ok(Answer::ok(commands.collect::<Vec<Value>>()))
}

/// Takes away the words of other languages, at every depth.
fn drop_localizations(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_localizations),
        Value::Object(fields) => {
            fields.retain(|key, _| !key.ends_with("_localizations"));
            fields.values_mut().for_each(drop_localizations);
        }
        _ => {}
    }
}

pub(crate) fn read(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let command = known(world, call)?;
    Ok(Answer::ok(payload::command::command(command)))
}

/// 201 for a new command, 200 when one of this name was replaced.
pub(crate) fn create(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (scope, _) = scope(world, call)?;
    let (id, is_new) = world.put_command(scope, body(&call.body, &[])?)?;
    let object = payload::command::command(&world.commands[&id]);
    Ok(match is_new {
        true => Answer::created(object),
        false => Answer::ok(object),
    })
}

pub(crate) fn replace(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let (scope, _) = scope(world, call)?;
    let Some(bodies) = call.body.as_array() else {
        let message = "Only iterables may be used in a ListType";
        return Err(ApiError::form(&[], "LIST_TYPE_CONVERT", message));
    };
    let numbered = bodies.iter().enumerate();
    let bodies = numbered.map(|(index, it)| body(it, &[&index.to_string()]));
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    let ids = world.put_commands(scope, bodies)?;
    let commands = ids.iter().filter_map(|id| world.commands.get(id));
    let commands = commands.map(payload::command::command);
    Ok(Answer::ok(commands.collect::<Vec<Value>>()))
}

pub(crate) fn edit(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let command = known(world, call)?.clone();
    let change = fields::object(&call.body, KNOWN)?;
    let mut whole = command.body;
    whole.extend(change.clone());
    let whole = body(&whole.into(), &[])?;
    let version = world.next_id();
    let id = command.id;
    if let Some(known) = world.commands.get_mut(&id) {
        known.body = whole;
        known.version = version;
    }
    let object = payload::command::command(&world.commands[&id]);
    Ok(Answer::ok(object))
}

pub(crate) fn delete(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let id = known(world, call)?.id;
    world.commands.remove(&id);
    Ok(Answer::nothing())
}

/// Who may use the commands of a guild, where somebody has said so.
pub(crate) fn permissions(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = scope(world, call)?.0.ok_or_else(ApiError::unknown_guild)?;
    let set = world
        .command_permissions
        .iter()
        .filter(|((home, _), _)| *home == guild);
    let set = set.map(|((_, command), rules)| world.permissions_object(guild, *command, rules));
    Ok(Answer::ok(set.collect::<Vec<Value>>()))
}

/// Who may use one command, or with the application's id all of them.
pub(crate) fn permissions_of(world: &mut World, call: &Call) -> Result<Answer, ApiError> {
    let guild = scope(world, call)?.0.ok_or_else(ApiError::unknown_guild)?;
    let command = call.id(5)?;
    let rules = world.command_permissions.get(&(guild, command));
    let rules = rules.ok_or_else(ApiError::unknown_command_permissions)?;
    Ok(Answer::ok(world.permissions_object(guild, command, rules)))
}

/// Checks a command and gives it as it is kept: without `null`s and without what Discord sets.
fn body(body: &Value, path: &[&str]) -> Result<Map<String, Value>, ApiError> {
    let mut object = fields::object(body, KNOWN)?.clone();
    object.retain(|key, _| !SET_BY_DISCORD.contains(&key.as_str()));
    object.values_mut().for_each(drop_nulls);
    object.retain(|_, value| !value.is_null());
    if let Some(bits) = object.get_mut("default_member_permissions")
        && bits.is_u64()
    {
        *bits = Value::String(bits.to_string());
    }
    let kind = fields::number(&object, "type")?.unwrap_or(CHAT_INPUT);
    if !(1..=ENTRY_POINT).contains(&kind) {
        let path = [path, &["type"]].concat();
        let message = "Value must be one of {1, 2, 3, 4}.";
        return Err(ApiError::form(&path, "BASE_TYPE_CHOICES", message));
    }
    check_handler(&object, kind, path)?;
    let is_typed = matches!(kind, CHAT_INPUT | ENTRY_POINT);
    check_name(object.get("name"), is_typed, path)?;
    if is_typed {
        check_description(object.get("description"), path)?;
    }
    check_options(object.get("options"), path)?;
    Ok(object)
}

/// An entry point, and nothing else, says who handles it: the application, or Discord.
fn check_handler(object: &Map<String, Value>, kind: u64, path: &[&str]) -> Result<(), ApiError> {
    let handler = fields::number(object, "handler")?;
    let fits = match kind {
        ENTRY_POINT => handler.is_none_or(|it| (1..=2).contains(&it)),
        _ => handler.is_none(),
    };
    let path = [path, &["handler"]].concat();
    let message = "Value must be one of {1, 2}, of an entry point.";
    match fits {
        true => Ok(()),
        false => Err(ApiError::form(&path, "BASE_TYPE_CHOICES", message)),
    }
}

/// Takes away what was left empty, at every depth.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_nulls);
        }
        _ => {}
    }
}

fn check_name(name: Option<&Value>, is_typed: bool, path: &[&str]) -> Result<(), ApiError> {
    let path = [path, &["name"]].concat();
    let Some(name) = name.and_then(Value::as_str) else {
        return Err(ApiError::form(
            &path,
            "BASE_TYPE_REQUIRED",
            "This field is required",
        ));
    };
    if !(1..=32).contains(&name.chars().count()) {
        let message = "Must be between 1 and 32 in length.";
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    let fits = |it: char| it.is_alphanumeric() && !it.is_uppercase() || "-_'".contains(it);
    if is_typed && !name.chars().all(fits) {
        let message = r"Command name is invalid";
        return Err(ApiError::form(
            &path,
            "APPLICATION_COMMAND_INVALID_NAME",
            message,
        ));
    }
    Ok(())
}

fn check_description(text: Option<&Value>, path: &[&str]) -> Result<(), ApiError> {
    let path = [path, &["description"]].concat();
    let Some(text) = text.and_then(Value::as_str) else {
        return Err(ApiError::form(
            &path,
            "BASE_TYPE_REQUIRED",
            "This field is required",
        ));
    };
    if (1..=100).contains(&text.chars().count()) {
        return Ok(());
    }
    let message = "Must be between 1 and 100 in length.";
    Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message))
}

fn check_options(options: Option<&Value>, path: &[&str]) -> Result<(), ApiError> {
    let options = options_of(options);
    let path = [path, &["options"]].concat();
    if options.len() > OPTIONS_MAX {
        let message = "Must be 25 or fewer in length.";
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    let mut was_optional = false;
    for (index, option) in options.iter().enumerate() {
        let index = index.to_string();
        let path = [&path[..], &[&index]].concat();
        let object = fields::object(option, OPTION_KNOWN)?;
        check_name(object.get("name"), true, &path)?;
        check_description(object.get("description"), &path)?;
        let kind = fields::number(object, "type")?.unwrap_or(0);
        match kind {
            SUBCOMMAND | GROUP => check_options(object.get("options"), &path)?,
            3..=11 => {}
            _ => {
                let path = [&path[..], &["type"]].concat();
                let message = "Value must be one of (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11).";
                return Err(ApiError::form(&path, "BASE_TYPE_CHOICES", message));
            }
        }
        check_choices(object, &path)?;
        let is_required = object.get("required") == Some(&Value::Bool(true));
        if is_required && was_optional {
            let code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID";
            let message = "Required options must be placed before non-required options";
            return Err(ApiError::form(&path, code, message));
        }
        was_optional |= !is_required && kind > GROUP;
    }
    Ok(())
}

/// What may be chosen for an option: few enough, each with a name, and not beside suggestions.
fn check_choices(option: &Map<String, Value>, path: &[&str]) -> Result<(), ApiError> {
    let choices = fields::list(option, "choices")?.unwrap_or_default();
    let path = [path, &["choices"]].concat();
    fields::few_enough(choices, CHOICES_MAX, &path)?;
    for (index, choice) in choices.iter().enumerate() {
        check_choice(choice, &[&path[..], &[&index.to_string()]].concat())?;
    }
    match !choices.is_empty() && option.get("autocomplete") == Some(&Value::Bool(true)) {
        true => {
            let code = "APPLICATION_COMMAND_AUTOCOMPLETE_WITH_CHOICES";
            let message = "Options with choices cannot have autocomplete";
            Err(ApiError::form(&path, code, message))
        }
        false => Ok(()),
    }
}

/// Something that can be chosen: a name, and what it stands for.
///
/// # Errors
/// 50035 with the path of the first fault.
pub(super) fn check_choice(choice: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [
        ("name", Rule::Text(1, 100)),
        ("name_localizations", Rule::Any),
        ("value", Rule::Any),
    ];
    let choice = fields::checked_at(path, choice, &rules)?;
    fields::required_at(path, &choice, "name")?;
    let value = fields::required_at(path, &choice, "value")?;
    let text = value.as_str().unwrap_or("");
    fields::short_enough(text, 100, &[path, &["value"]].concat()).map(drop)
}
