//! What a person types behind a slash, held against what the bot registered.

pub(crate) mod options;
pub(crate) mod sent;
mod words;

use serde_json::{Value, json};
use thiserror::Error;

use crate::payload::interaction::Resolved;
use crate::permissions::Permissions;
use crate::slash::options::Typed;
use crate::snowflake::Snowflake;
use crate::waiting::TimedOut;
use crate::world::World;
use crate::world::command::{CHAT_INPUT, Command, options_of};
use crate::world::interaction::{Kind, Start};

const SUBCOMMAND: u64 = 1;
const GROUP: u64 = 2;

/// Why a command came to nothing.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum SlashError {
    /// It does not begin with a slash and a name, or a quote is left open.
    #[error("{text:?} is no command: expected /name option:value, with closed quotes")]
    NotACommand {
        /// What was typed.
        text: String,
    },
    /// The bot registered no such command here.
    #[error("/{name} is not registered: expected one of [{}]", known.join(", "))]
    NotRegistered {
        /// The full name as far as it was understood.
        name: String,
        /// What there is instead.
        known: Vec<String>,
    },
    /// No message that this person sees in the channel has such a component, or it is disabled.
    #[error("no message here has a button or menu {name:?} that can be used")]
    NoComponent {
        /// Its label, placeholder or id.
        name: String,
    },
    /// Discord does not show this command to this person here.
    #[error("{who} may not use /{name}: it needs permissions {needed}")]
    NotPermitted {
        /// Name of the person.
        who: String,
        /// Name of the command.
        name: String,
        /// The permissions it was registered with, or why it is not shown.
        needed: String,
    },
    /// An option is unknown, missing, or has a value of another type.
    #[error("/{name}: option {option}: {problem}")]
    BadOption {
        /// Full name of the command.
        name: String,
        /// Name of the option.
        option: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// The bot said nothing in the time that the simulator waits, or promised an answer and gave none.
    #[error(transparent)]
    NoAnswer(TimedOut),
}

/// Turns what was typed into an interaction.
///
/// # Errors
/// Everything but [`SlashError::NoAnswer`].
pub(crate) fn parse(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    text: &str,
) -> Result<Start, SlashError> {
    let not_a_command = || SlashError::NotACommand {
        text: text.to_owned(),
    };
    let words = words::split(text).ok_or_else(not_a_command)?;
    let (first, mut rest) = words.split_first().ok_or_else(not_a_command)?;
    let name = first.strip_prefix('/').filter(|name| !name.is_empty());
    let name = name.ok_or_else(not_a_command)?;
    let guild = world.channels.get(&channel).and_then(|it| it.guild);
    let command = world.slash_command(guild, name);
    let command = command.ok_or_else(|| not_registered(name, &names(world, guild)))?;
    check_access(world, user, channel, command)?;

    let path = descend(command, &mut rest)?;
    let innermost = path
        .last()
        .map_or(command.options(), |it| options_of(it.get("options")));
    let full_name = path.iter().filter_map(|it| it["name"].as_str());
    let full_name = std::iter::once(name)
        .chain(full_name)
        .collect::<Vec<_>>()
        .join(" ");
    let mut typed = Typed {
        world,
        user,
        guild: guild.and_then(|guild| world.guilds.get(&guild)),
        name: &full_name,
        resolved: Resolved::default(),
    };
    let options = typed.read(innermost, rest)?;
    let data = data(command, &path, options, typed.resolved.into_json());
    Ok(Start {
        kind: Kind::Command,
        user,
        channel,
        name: full_name,
        data,
        message: None,
        trigger: None,
    })
}

/// Turns what was typed so far into a question for suggestions for the last option.
///
/// # Errors
/// As [`parse`].
pub(crate) fn complete(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    text: &str,
) -> Result<Start, SlashError> {
    let mut start = parse(world, user, channel, text)?;
    start.kind = Kind::Autocomplete;
    let mut last = start.data["options"]
        .as_array_mut()
        .and_then(|it| it.last_mut());
    while let Some(option) = last {
        if matches!(option["type"].as_u64(), Some(SUBCOMMAND | GROUP)) {
            last = option["options"]
                .as_array_mut()
                .and_then(|it| it.last_mut());
        } else {
            option["focused"] = json!(true);
            last = None;
        }
    }
    Ok(start)
}

/// Turns a command of the menu of a person or a message into an interaction.
///
/// # Errors
/// The command is not registered, or not shown to this person.
pub(crate) fn on_target(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    name: &str,
    target: Target,
) -> Result<Start, SlashError> {
    let guild = world.channels.get(&channel).and_then(|it| it.guild);
    let kind = target.kind();
    let mut commands = world.commands.values();
    let command = commands.find(|it| {
        let is_here = it.guild.is_none() || it.guild == guild;
        is_here && it.kind() == kind && it.name() == name
    });
    let command = command.ok_or_else(|| not_registered(name, &[]))?;
    check_access(world, user, channel, command)?;
    let mut resolved = Resolved::default();
    let id = match target {
        Target::Person(id) => {
            let guild = guild.and_then(|guild| world.guilds.get(&guild));
            resolved.user(world, guild, id);
            id
        }
        Target::Message(id) => {
            resolved.message(world, channel, id);
            id
        }
    };
    let mut data = data(command, &[], Vec::new(), resolved.into_json());
    data["target_id"] = json!(id);
    Ok(Start {
        kind: Kind::Command,
        user,
        channel,
        name: name.to_owned(),
        data,
        message: None,
        trigger: None,
    })
}

/// What a command of a menu is used on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Person(Snowflake),
    Message(Snowflake),
}

impl Target {
    const fn kind(self) -> u64 {
        match self {
            Self::Person(_) => 2,
            Self::Message(_) => 3,
        }
    }
}

fn not_registered(name: &str, known: &[String]) -> SlashError {
    SlashError::NotRegistered {
        name: name.to_owned(),
        known: known.to_vec(),
    }
}

/// The commands that are typed here.
fn names(world: &World, guild: Option<Snowflake>) -> Vec<String> {
    let here = world.commands.values();
    let here = here.filter(|it| it.guild.is_none() || it.guild == guild);
    let typed = here.filter(|it| it.kind() == CHAT_INPUT);
    typed.map(|it| format!("/{}", it.name())).collect()
}

fn check_access(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    command: &Command,
) -> Result<(), SlashError> {
    let refused = |needed: &str| SlashError::NotPermitted {
        who: world.name_of(user),
        name: command.name().to_owned(),
        needed: needed.to_owned(),
    };
    let channel = &world.channels[&channel];
    if channel.guild.is_none() {
        return match command.is_in_direct_messages() {
            true => Ok(()),
            false => Err(refused("of a guild: it is not offered in direct messages")),
        };
    }
    if !command.is_in_guilds() {
        return Err(refused("of direct messages: it is not offered in guilds"));
    }
    let may = world.permissions_in(user, channel);
    if !may.allows(Permissions::USE_APPLICATION_COMMANDS | Permissions::VIEW_CHANNEL) {
        return Err(refused("to use application commands in this channel"));
    }
    if !world.may_use(user, channel, command) {
        let needed = command.body.get("default_member_permissions");
        return Err(refused(needed.and_then(Value::as_str).unwrap_or("0")));
    }
    Ok(())
}

/// Follows groups and subcommands; takes their names from the front of the words.
fn descend<'a>(command: &'a Command, words: &mut &[String]) -> Result<Vec<&'a Value>, SlashError> {
    let mut path: Vec<&Value> = Vec::new();
    let mut options = command.options();
    let mut name = command.name().to_owned();
    let is_step = |it: &Value| matches!(it["type"].as_u64(), Some(SUBCOMMAND | GROUP));
    while options.iter().any(is_step) {
        let word = words.first().map_or("", String::as_str);
        let step = options.iter().find(|it| is_step(it) && it["name"] == *word);
        let known = || {
            let steps = options.iter().filter_map(|it| it["name"].as_str());
            steps
                .map(|step| format!("/{name} {step}"))
                .collect::<Vec<_>>()
        };
        let full_name = format!("{name} {word}");
        let step = step.ok_or_else(|| not_registered(full_name.trim_end(), &known()))?;
        *words = &words[1..];
        name = full_name;
        path.push(step);
        options = options_of(step.get("options"));
    }
    Ok(path)
}

/// The `data` of the event: the options inside their subcommand inside its group.
fn data(
    command: &Command,
    path: &[&Value],
    mut options: Vec<Value>,
    resolved: Option<Value>,
) -> Value {
    for step in path.iter().rev() {
        let (name, kind) = (&step["name"], &step["type"]);
        options = vec![json!({ "name": name, "type": kind, "options": options })];
    }
    let mut data = json!({
        "id": command.id,
        "name": command.name(),
        "type": command.kind(),
    });
    if !options.is_empty() {
        data["options"] = options.into();
    }
    if let Some(guild) = command.guild {
        data["guild_id"] = json!(guild);
    }
    if let Some(resolved) = resolved {
        data["resolved"] = resolved;
    }
    data
}
