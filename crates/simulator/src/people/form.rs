//! Forms: what a person fills in and sends.

use serde_json::{Value, json};

use crate::payload::interaction::Resolved;
use crate::people::Reply;
use crate::slash::SlashError;
use crate::slash::options::Typed;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::options_of;
use crate::world::component::{self, kind};
use crate::world::interaction::{Answer, Interaction, Kind, Start};

/// Somebody sends the form that an answer opened, field by `custom_id`. Several values of one field
/// are separated by commas; a checkbox is `true` or `false`.
///
/// # Errors
/// The answer opened no form; a field is unknown, missing or not as the form wants it.
pub(crate) fn submit(
    world: &World,
    reply: &Reply,
    values: &[(&str, &str)],
) -> Result<Start, SlashError> {
    let opener = world.interactions.get(&reply.interaction_id());
    let (Some(form), Some(opener)) = (reply.modal(), opener) else {
        return Err(not_opened("form"));
    };
    let known: Vec<_> = values.iter().map(|(id, _)| *id).collect();
    let said = |field: &Value| {
        let (_, text) = values.iter().find(|(id, _)| field["custom_id"] == *id)?;
        Some(match field["type"].as_u64() {
            Some(kind::TEXT_INPUT | kind::RADIO_GROUP) => json!(text),
            Some(kind::CHECKBOX) => json!(*text == "true"),
            _ => text.split(',').filter(|it| !it.is_empty()).collect(),
        })
    };
    send(world, opener, form, &known, &said)
}

/// Somebody's client sends a form: the newest of this `custom_id` that was opened for them here.
///
/// # Errors
/// No such form was opened; a field is unknown, missing or not as the form wants it.
pub(crate) fn fill(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    data: &Value,
) -> Result<Start, SlashError> {
    // Discord's client says which of several it means; without that it is the newest.
    let meant: Option<Snowflake> = data["id"].as_str().and_then(|id| id.parse().ok());
    let mut newest_first = world.interactions.values().rev();
    let opened = newest_first.find_map(|it| match &it.answer {
        Answer::Modal(form)
            if it.user == user
                && it.channel == channel
                && meant.is_none_or(|id| id == it.id)
                && form["custom_id"] == data["custom_id"] =>
        {
            Some((it, form))
        }
        _ => None,
    });
    let name = data["custom_id"].as_str().unwrap_or("form");
    let (opener, form) = opened.ok_or_else(|| not_opened(name))?;
    let given = data["components"].as_array().map_or(&[][..], Vec::as_slice);
    let given = component::all(given);
    let known = given.iter().filter_map(|it| it["custom_id"].as_str());
    let known: Vec<_> = known.collect();
    let said = |field: &Value| {
        let same = |it: &&&Value| it["custom_id"] == field["custom_id"];
        let part = given.iter().find(same)?;
        let value = part.get("values").or_else(|| part.get("value"));
        value.filter(|it| !it.is_null()).cloned()
    };
    send(world, opener, form, &known, &said)
}

fn not_opened(name: &str) -> SlashError {
    SlashError::NotRegistered {
        name: name.to_owned(),
        known: Vec::new(),
    }
}

/// What somebody said in a field, when they did.
type Said<'a> = &'a dyn Fn(&Value) -> Option<Value>;

fn send(
    world: &World,
    opener: &Interaction,
    form: &Value,
    known: &[&str],
    said: Said<'_>,
) -> Result<Start, SlashError> {
    let parts = form["components"].as_array().map_or(&[][..], Vec::as_slice);
    let fields = component::all(parts);
    let is_there = |id: &&&str| fields.iter().any(|it| it["custom_id"] == **id);
    let name = form["custom_id"].as_str().unwrap_or("").to_owned();
    if let Some(unknown) = known.iter().find(|id| !is_there(id)) {
        return Err(SlashError::BadOption {
            name,
            option: (*unknown).to_owned(),
            problem: "is unknown".to_owned(),
        });
    }
    let guild = world.channels.get(&opener.channel).and_then(|it| it.guild);
    let mut filling = Filling {
        form: &name,
        said,
        typed: Typed {
            world,
            user: opener.user,
            guild: guild.and_then(|guild| world.guilds.get(&guild)),
            name: "",
            resolved: Resolved::default(),
        },
    };
    let sent = parts.iter().map(|part| filling.sent(part));
    let sent = sent.collect::<Result<Vec<_>, _>>()?;
    let mut data = json!({ "custom_id": form["custom_id"], "components": sent });
    if let Some(resolved) = filling.typed.resolved.into_json() {
        data["resolved"] = resolved;
    }
    Ok(Start {
        kind: Kind::Modal,
        user: opener.user,
        channel: opener.channel,
        name,
        data,
        message: opener.message,
        trigger: Some(opener.id),
    })
}

struct Filling<'a> {
    form: &'a str,
    said: Said<'a>,
    typed: Typed<'a>,
}

impl Filling<'_> {
    /// A component as it goes back to the bot: what it is, and what was said in it.
    fn sent(&mut self, part: &Value) -> Result<Value, SlashError> {
        let mut object = json!({ "type": part["type"], "id": part["id"] });
        if let Some(inner) = part["components"].as_array() {
            let inner = inner.iter().map(|it| self.sent(it));
            object["components"] = inner.collect::<Result<Vec<_>, _>>()?.into();
        }
        if part["component"].is_object() {
            object["component"] = self.sent(&part["component"])?;
        }
        if part["custom_id"].is_string() {
            object["custom_id"] = part["custom_id"].clone();
            let (key, value) = self.value(part)?;
            object[key] = value;
        }
        Ok(object)
    }

    fn value(&mut self, field: &Value) -> Result<(&'static str, Value), SlashError> {
        let said = (self.said)(field);
        match field["type"].as_u64() {
            Some(kind::TEXT_INPUT) => Ok(("value", self.text(field, said.as_ref())?)),
            Some(kind::CHECKBOX) => Ok(("value", json!(said == Some(json!(true))))),
            Some(kind::RADIO_GROUP) => {
                let chosen = self.chosen(field, said.as_slice(), (1, 1))?;
                Ok(("value", chosen.into_iter().next().unwrap_or(Value::Null)))
            }
            _ => {
                let count = |key: &str| field[key].as_u64().unwrap_or(1);
                let range = (count("min_values"), count("max_values"));
                let said = said
                    .and_then(|it| it.as_array().cloned())
                    .unwrap_or_default();
                Ok(("values", self.chosen(field, &said, range)?.into()))
            }
        }
    }

    fn text(&self, field: &Value, said: Option<&Value>) -> Result<Value, SlashError> {
        let text = said.and_then(Value::as_str).unwrap_or("");
        let length = text.chars().count() as u64;
        let is_needed = field["required"] != false;
        let least = field["min_length"].as_u64().unwrap_or(0);
        let least = least.max(u64::from(is_needed));
        let most = field["max_length"].as_u64().unwrap_or(4000);
        match (least..=most).contains(&length) || !is_needed && length == 0 {
            true => Ok(json!(text)),
            false => Err(self.wrong(
                field,
                format!("has {length} characters, expected {least} to {most}"),
            )),
        }
    }

    /// Values of a field that offers a choice, or takes files.
    fn chosen(
        &mut self,
        field: &Value,
        said: &[Value],
        (least, most): (u64, u64),
    ) -> Result<Vec<Value>, SlashError> {
        let count = said.len() as u64;
        let may_be_none = count == 0 && field["required"] == false;
        if !(least..=most).contains(&count) && !may_be_none {
            let problem = format!("{count} chosen, expected {least} to {most}");
            return Err(self.wrong(field, problem));
        }
        let found = said.iter().map(|value| {
            let text = value.as_str().unwrap_or("");
            let found = match field["type"].as_u64() {
                Some(kind::FILE_UPLOAD) => self.typed.file(text),
                Some(menu @ kind::USER_SELECT..=kind::CHANNEL_SELECT) => {
                    self.typed.pointed_at(menu, text)
                }
                _ => {
                    let offered = options_of(field.get("options"));
                    let is_offered = offered.iter().any(|it| it["value"] == text);
                    is_offered.then(|| json!(text))
                }
            };
            found.ok_or_else(|| self.wrong(field, format!("{text:?} cannot be chosen")))
        });
        found.collect()
    }

    fn wrong(&self, field: &Value, problem: String) -> SlashError {
        SlashError::BadOption {
            name: self.form.to_owned(),
            option: field["custom_id"].as_str().unwrap_or("?").to_owned(),
            problem,
        }
    }
}
