//! Reading typed options: each by the type that the bot registered for it.

use serde_json::{Value, json};

use crate::payload::interaction::Resolved;
use crate::slash::SlashError;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::options_of;
use crate::world::guild::Guild;

const STRING: u64 = 3;
pub(super) const INTEGER: u64 = 4;
pub(super) const BOOLEAN: u64 = 5;
const USER: u64 = 6;
const CHANNEL: u64 = 7;
const ROLE: u64 = 8;
const MENTIONABLE: u64 = 9;
pub(super) const NUMBER: u64 = 10;
const ATTACHMENT: u64 = 11;

/// Somebody typing the options of a command.
pub(crate) struct Typed<'a> {
    pub(crate) world: &'a World,
    pub(crate) user: Snowflake,
    pub(crate) guild: Option<&'a Guild>,
    /// Full name of the command, for errors.
    pub(crate) name: &'a str,
    /// What the options read so far point at.
    pub(crate) resolved: Resolved,
}

impl Typed<'_> {
    /// Reads `option:value` words. A word that names no option goes on with the value before it,
    /// so quotes are needed only where a value looks like an option.
    pub(crate) fn read(
        &mut self,
        known: &[Value],
        words: &[String],
    ) -> Result<Vec<Value>, SlashError> {
        let given = self.gather(known, words)?;
        let missing = known.iter().find(|option| {
            let name = option["name"].as_str();
            option["required"] == true && !given.iter().any(|(it, _)| Some(it.as_str()) == name)
        });
        if let Some(option) = missing {
            return Err(self.bad(&option["name"], "is required"));
        }
        let find = |name: &str| known.iter().find(|it| it["name"] == name);
        let options = given
            .iter()
            .filter_map(|(name, text)| Some((find(name)?, text)));
        options
            .map(|(option, text)| {
                let value = self.value(option, text)?;
                Ok(json!({ "name": option["name"], "type": option["type"], "value": value }))
            })
            .collect()
    }

    fn gather(
        &self,
        known: &[Value],
        words: &[String],
    ) -> Result<Vec<(String, String)>, SlashError> {
        let mut given: Vec<(String, String)> = Vec::new();
        for word in words {
            let split = word.split_once(':');
            let split = split.filter(|(name, _)| known.iter().any(|it| it["name"] == *name));
            if let Some((name, value)) = split {
                if given.iter().any(|(it, _)| it == name) {
                    return Err(self.bad(&json!(name), "is given twice"));
                }
                given.push((name.to_owned(), value.to_owned()));
                continue;
            }
            match given.last_mut() {
                Some((_, value)) => {
                    value.push(' ');
                    value.push_str(word);
                }
                None => {
                    let names = known.iter().filter_map(|it| it["name"].as_str());
                    let names = names.collect::<Vec<_>>().join(", ");
                    let name = word.split(':').next().unwrap_or(word);
                    let problem = format!("is unknown, expected one of [{names}]");
                    return Err(self.bad(&json!(name), &problem));
                }
            }
        }
        Ok(given)
    }

    fn bad(&self, option: &Value, problem: &str) -> SlashError {
        bad_option(self.name, option, problem)
    }

    /// Reads a value that was typed.
    ///
    /// # Errors
    /// It has another type, or is none of the choices.
    pub(super) fn value(&mut self, option: &Value, text: &str) -> Result<Value, SlashError> {
        let choices = options_of(option.get("choices"));
        if !choices.is_empty() {
            return self.choice(option, choices, text);
        }
        let name = self.name;
        let wrong = |expected: &str| {
            let problem = format!("found {text:?}, expected {expected}");
            bad_option(name, &option["name"], &problem)
        };
        match option["type"].as_u64() {
            Some(STRING) => self.string(option, text),
            Some(INTEGER) => match text.parse::<i64>() {
                Ok(number) => self.in_range(option, number.into(), text),
                Err(_) => Err(wrong("a whole number")),
            },
            Some(NUMBER) => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => self.in_range(option, json!(number), text),
                _ => Err(wrong("a number")),
            },
            Some(BOOLEAN) => match text.to_lowercase().as_str() {
                "true" => Ok(json!(true)),
                "false" => Ok(json!(false)),
                _ => Err(wrong("true or false")),
            },
            Some(USER) => self.user(text).ok_or_else(|| wrong("the name of a person")),
            Some(CHANNEL) => {
                let found = self.channel(text);
                found.ok_or_else(|| wrong("the name of a channel"))
            }
            Some(ROLE) => self.role(text).ok_or_else(|| wrong("the name of a role")),
            Some(MENTIONABLE) => {
                let found = self.user(text).or_else(|| self.role(text));
                found.ok_or_else(|| wrong("the name of a person or a role"))
            }
            Some(ATTACHMENT) => {
                let found = self.file(text);
                found.ok_or_else(|| wrong("the name of a file that was picked"))
            }
            kind => {
                let problem = format!("has type {kind:?}, which is not simulated");
                Err(self.bad(&option["name"], &problem))
            }
        }
    }

    /// A choice by the name that is shown, or by its value.
    fn choice(&self, option: &Value, choices: &[Value], text: &str) -> Result<Value, SlashError> {
        let number = text.parse::<f64>().ok();
        let is_meant = |choice: &&Value| {
            let is_number = number.is_some() && choice["value"].as_f64() == number;
            choice["name"] == text || choice["value"] == text || is_number
        };
        if let Some(choice) = choices.iter().find(is_meant) {
            return Ok(choice["value"].clone());
        }
        let names = choices.iter().filter_map(|it| it["name"].as_str());
        let names = names.collect::<Vec<_>>().join(", ");
        let problem = format!("found {text:?}, expected one of [{names}]");
        Err(self.bad(&option["name"], &problem))
    }

    fn string(&self, option: &Value, text: &str) -> Result<Value, SlashError> {
        let length = text.chars().count() as u64;
        let least = option["min_length"].as_u64().unwrap_or(0);
        let most = option["max_length"].as_u64().unwrap_or(6000);
        if (least..=most).contains(&length) {
            return Ok(json!(text));
        }
        let problem = format!("has {length} characters, expected {least} to {most}");
        Err(self.bad(&option["name"], &problem))
    }

    fn in_range(&self, option: &Value, number: Value, text: &str) -> Result<Value, SlashError> {
        let value = number.as_f64().unwrap_or(f64::NAN);
        let least = option["min_value"].as_f64().unwrap_or(f64::NEG_INFINITY);
        let most = option["max_value"].as_f64().unwrap_or(f64::INFINITY);
        if (least..=most).contains(&value) {
            return Ok(number);
        }
        let problem = format!("found {text}, expected {least} to {most}");
        Err(self.bad(&option["name"], &problem))
    }

    /// What a name or id in a menu of people, roles or channels points at.
    pub(crate) fn pointed_at(&mut self, menu: u64, text: &str) -> Option<Value> {
        match menu {
            5 => self.user(text),
            6 => self.role(text),
            7 => self.user(text).or_else(|| self.role(text)),
            8 => self.channel(text),
            _ => None,
        }
    }

    pub(crate) fn file(&mut self, text: &str) -> Option<Value> {
        let file = self.world.picked.get(&(self.user, text.to_owned()))?;
        self.resolved.attachment(self.world, file);
        Some(json!(file.id))
    }

    fn user(&mut self, text: &str) -> Option<Value> {
        let text = bare(text, &["<@!", "<@", "@"]);
        let users = self.world.users.values();
        let mut here = users.filter(|it| match self.guild {
            Some(guild) => guild.members.contains_key(&it.id),
            None => it.id == self.user || it.bot,
        });
        let is_meant = |name: &str, id: Snowflake| name == text || id.to_string() == text;
        let id = here.find(|it| is_meant(&it.name, it.id))?.id;
        self.resolved.user(self.world, self.guild, id);
        Some(json!(id))
    }

    fn role(&mut self, text: &str) -> Option<Value> {
        let guild = self.guild?;
        let text = bare(text, &["<@&", "@"]);
        let name = |name: &str| bare(name, &["@"]).to_owned();
        let mut roles = guild.roles.values();
        let role = roles.find(|it| name(&it.name) == text || it.id.to_string() == text)?;
        self.resolved.role(guild, role.id);
        Some(json!(role.id))
    }

    fn channel(&mut self, text: &str) -> Option<Value> {
        let text = bare(text, &["<#", "#"]);
        let channels = self.guild?.channels.iter();
        let mut channels = channels.filter_map(|id| self.world.channels.get(id));
        let id = channels
            .find(|it| it.name == text || it.id.to_string() == text)?
            .id;
        self.resolved.channel(self.world, self.user, id);
        Some(json!(id))
    }
}

pub(super) fn bad_option(name: &str, option: &Value, problem: &str) -> SlashError {
    SlashError::BadOption {
        name: name.to_owned(),
        option: option.as_str().unwrap_or("?").to_owned(),
        problem: problem.to_owned(),
    }
}

/// What is left without the first prefix that fits, and without a closing bracket.
fn bare<'a>(text: &'a str, prefixes: &[&str]) -> &'a str {
    let stripped = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    stripped.unwrap_or(text).trim_end_matches('>')
}
