//! What a client sends when a person uses a command: ids and values, not words.

use serde_json::{Map, Value, json};

use crate::payload;
use crate::payload::interaction::Resolved;
use crate::slash::options::Typed;
use crate::slash::{GROUP, SUBCOMMAND, SlashError, check_access, data, descend, names};
use crate::slash::{not_registered, options};
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::{CHAT_INPUT, Command, options_of};
use crate::world::interaction::{Kind, Start};

const ATTACHMENT: u64 = 11;
/// The kind of a command that is used on a person.
const USER: u64 = 2;

/// A person at a client.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) user: Snowflake,
    pub(crate) channel: Snowflake,
    /// The files that came along, as attachments on the wire, by the id that the client gave them.
    pub(crate) files: &'a Map<String, Value>,
}

/// Turns the `data` of a command, or with [`Kind::Autocomplete`] of one that is half typed, into an
/// interaction.
///
/// # Errors
/// As [`crate::slash::parse`].
pub(crate) fn invoke(
    world: &World,
    sender: Sender<'_>,
    sent: &Value,
    kind: Kind,
) -> Result<Start, SlashError> {
    let guild = world.channels.get(&sender.channel).and_then(|it| it.guild);
    let id: Option<Snowflake> = sent["id"].as_str().and_then(|id| id.parse().ok());
    let known = id.and_then(|id| world.commands.get(&id));
    let known = known.filter(|it| it.guild.is_none() || it.guild == guild);
    let asked = sent["name"].as_str().unwrap_or("?");
    let command = known.ok_or_else(|| not_registered(asked, &names(world, guild)))?;
    check_access(world, sender.user, sender.channel, command)?;
    let (name, data) = match command.kind() {
        CHAT_INPUT => typed(world, sender, command, sent, kind)?,
        _ => (
            command.name().to_owned(),
            chosen(world, sender, command, sent)?,
        ),
    };
    Ok(Start {
        kind,
        user: sender.user,
        channel: sender.channel,
        name,
        data,
        message: None,
        trigger: None,
    })
}

/// A slash command: its full name and its `data`.
fn typed(
    world: &World,
    sender: Sender<'_>,
    command: &Command,
    sent: &Value,
    kind: Kind,
) -> Result<(String, Value), SlashError> {
    let (steps, given) = path_of(options_of(sent.get("options")));
    let path = descend(command, &mut &steps[..])?;
    let own = path
        .last()
        .map_or(command.options(), |it| options_of(it.get("options")));
    let name = [&[command.name().to_owned()], &steps[..]]
        .concat()
        .join(" ");
    let guild = world.channels.get(&sender.channel).and_then(|it| it.guild);
    let mut reader = Reader {
        typed: Typed {
            world,
            user: sender.user,
            guild: guild.and_then(|guild| world.guilds.get(&guild)),
            name: &name,
            resolved: Resolved::default(),
        },
        files: sender.files,
        attachments: Map::new(),
        is_half: kind == Kind::Autocomplete,
    };
    let options = reader.read(own, given)?;
    let mut resolved = reader.typed.resolved.into_json();
    if !reader.attachments.is_empty() {
        resolved.get_or_insert_with(|| json!({}))["attachments"] = reader.attachments.into();
    }
    let data = data(command, &path, options, resolved);
    Ok((name, data))
}

/// The names of group and subcommand, and the options inside them.
fn path_of(mut options: &[Value]) -> (Vec<String>, &[Value]) {
    let mut steps = Vec::new();
    while let [step] = options
        && matches!(step["type"].as_u64(), Some(SUBCOMMAND | GROUP))
    {
        steps.push(step["name"].as_str().unwrap_or("").to_owned());
        options = options_of(step.get("options"));
    }
    (steps, options)
}

/// Holds options against those that the bot registered.
struct Reader<'a> {
    typed: Typed<'a>,
    files: &'a Map<String, Value>,
    attachments: Map<String, Value>,
    /// Whether more may follow: then nothing is missing yet.
    is_half: bool,
}

impl Reader<'_> {
    fn read(&mut self, known: &[Value], given: &[Value]) -> Result<Vec<Value>, SlashError> {
        let is_given = |option: &&Value| given.iter().any(|it| it["name"] == option["name"]);
        let missing = known.iter().filter(|it| it["required"] == true);
        if let Some(option) = missing.filter(|_| !self.is_half).find(|it| !is_given(it)) {
            return Err(self.bad(option, "is required"));
        }
        let given = given.iter().map(|given| {
            let option = known.iter().find(|it| it["name"] == given["name"]);
            let option = option.ok_or_else(|| self.bad(given, "is unknown"))?;
            let mut read = json!({ "name": option["name"], "type": option["type"] });
            read["value"] = if given["focused"] == true && self.is_half {
                read["focused"] = json!(true);
                self.focused(option, &given["value"])?
            } else {
                self.value(option, &given["value"])?
            };
            Ok(read)
        });
        given.collect()
    }

    /// An option that somebody is typing: text, whatever it will become.
    fn focused(&self, option: &Value, value: &Value) -> Result<Value, SlashError> {
        match option["autocomplete"] == true {
            true => Ok(json!(text_of(value).unwrap_or_default())),
            false => Err(self.bad(option, "has no suggestions")),
        }
    }

    fn value(&mut self, option: &Value, value: &Value) -> Result<Value, SlashError> {
        if option["type"] == ATTACHMENT {
            return self.attachment(option, value);
        }
        let fits = match option["type"].as_u64() {
            Some(options::INTEGER | options::NUMBER) => value.is_number(),
            Some(options::BOOLEAN) => value.is_boolean(),
            _ => value.is_string(),
        };
        match text_of(value).filter(|_| fits) {
            Some(text) => self.typed.value(option, &text),
            None => Err(self.bad(option, &format!("found {value}, which has another type"))),
        }
    }

    fn attachment(&mut self, option: &Value, value: &Value) -> Result<Value, SlashError> {
        let file = text_of(value).and_then(|id| self.files.get(&id));
        let Some(file) = file else {
            return Err(self.bad(
                option,
                &format!("found {value}, expected a file that was sent"),
            ));
        };
        let id = file["id"].as_str().unwrap_or_default();
        self.attachments.insert(id.to_owned(), file.clone());
        Ok(json!(id))
    }

    fn bad(&self, option: &Value, problem: &str) -> SlashError {
        options::bad_option(self.typed.name, &option["name"], problem)
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A command that is chosen from the menu of a person or a message: its `data`.
fn chosen(
    world: &World,
    sender: Sender<'_>,
    command: &Command,
    sent: &Value,
) -> Result<Value, SlashError> {
    let channel = &world.channels[&sender.channel];
    let guild = channel.guild.and_then(|id| world.guilds.get(&id));
    let target: Option<Snowflake> = sent["target_id"].as_str().and_then(|id| id.parse().ok());
    let wrong = || {
        let problem = format!("found {}, expected an id from here", sent["target_id"]);
        options::bad_option(command.name(), &json!("target_id"), &problem)
    };
    let target = target.ok_or_else(wrong)?;
    let resolved = if command.kind() == USER {
        let mut resolved = Resolved::default();
        resolved.user(world, guild, target);
        resolved.into_json().ok_or_else(wrong)?
    } else {
        let message = channel.messages.get(&target);
        let message = message.filter(|it| it.is_visible_to(sender.user));
        let object = payload::message::message(world, message.ok_or_else(wrong)?);
        json!({ "messages": { target.to_string(): object } })
    };
    let mut data = data(command, &[], Vec::new(), Some(resolved));
    data["target_id"] = json!(target);
    Ok(data)
}
