//! Buttons, menus and forms: what a person does with the parts of a message.

use serde_json::{Value, json};

use crate::payload::interaction::Resolved;
use crate::people::Reply;
use crate::slash::SlashError;
use crate::slash::options::Typed;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::options_of;
use crate::world::interaction::{Answer, Kind, Start};

const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const TEXT_INPUT: u64 = 4;

/// Somebody presses a button or chooses from a menu.
///
/// # Errors
/// The message is gone or has no such component that can be used.
pub(crate) fn press(
    world: &World,
    user: Snowflake,
    (channel, message): (Snowflake, Snowflake),
    custom_id: &str,
    values: &[&str],
) -> Result<Start, SlashError> {
    let stored = world.channels.get(&channel);
    let stored = stored.and_then(|it| it.messages.get(&message));
    let stored = stored.filter(|it| it.is_visible_to(user));
    let rows = stored.map_or(&[][..], |it| &it.components);
    let parts: Vec<_> = rows
        .iter()
        .filter_map(|row| row["components"].as_array())
        .flatten()
        .collect();
    let usable = |part: &&&Value| part["custom_id"] == custom_id && part["disabled"] != true;
    let Some(part) = parts.iter().find(usable) else {
        let known = parts.iter().filter_map(|part| part["custom_id"].as_str());
        return Err(SlashError::NotRegistered {
            name: custom_id.to_owned(),
            known: known.map(str::to_owned).collect(),
        });
    };
    let mut data =
        json!({ "custom_id": custom_id, "component_type": part["type"], "id": part["id"] });
    if part["type"] != BUTTON {
        choose(world, user, channel, part, values, &mut data)?;
    }
    Ok(Start {
        kind: Kind::Component,
        user,
        channel,
        name: custom_id.to_owned(),
        data,
        message: Some(message),
        trigger: None,
    })
}

/// Chooses from a menu: of strings by value, of people, roles and channels by name or id.
fn choose(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    menu: &Value,
    values: &[&str],
    data: &mut Value,
) -> Result<(), SlashError> {
    let wrong = |problem: String| SlashError::BadOption {
        name: menu["custom_id"].as_str().unwrap_or("?").to_owned(),
        option: "values".to_owned(),
        problem,
    };
    let (least, most) = (
        menu["min_values"].as_u64().unwrap_or(1),
        menu["max_values"].as_u64().unwrap_or(1),
    );
    let count = values.len() as u64;
    if !(least..=most).contains(&count) {
        return Err(wrong(format!("{count} chosen, expected {least} to {most}")));
    }
    let offered = options_of(menu.get("options"));
    let guild = world.channels.get(&channel).and_then(|it| it.guild);
    let mut typed = Typed {
        world,
        user,
        guild: guild.and_then(|guild| world.guilds.get(&guild)),
        name: "",
        resolved: Resolved::default(),
    };
    let mut chosen = Vec::new();
    for value in values {
        let found = match menu["type"].as_u64() {
            Some(STRING_SELECT) => {
                let is_offered = offered.iter().any(|it| it["value"] == *value);
                is_offered.then(|| json!(value))
            }
            Some(kind) => typed.pointed_at(kind, value),
            None => None,
        };
        chosen.push(found.ok_or_else(|| wrong(format!("{value:?} is not in the menu")))?);
    }
    data["values"] = chosen.into();
    if let Some(resolved) = typed.resolved.into_json() {
        data["resolved"] = resolved;
    }
    Ok(())
}

/// Somebody sends the form that an answer opened.
///
/// # Errors
/// The answer opened no form.
pub(crate) fn submit(
    world: &World,
    reply: &Reply,
    values: &[(&str, &str)],
) -> Result<Start, SlashError> {
    let opener = world.interactions.get(&reply.interaction_id());
    let (Some(modal), Some(opener)) = (reply.modal(), opener) else {
        return Err(SlashError::NotRegistered {
            name: "form".to_owned(),
            known: Vec::new(),
        });
    };
    let field = |(index, (id, value)): (usize, &(&str, &str))| {
        let (row, field) = (2 * index + 1, 2 * index + 2);
        let field = json!({ "type": 4, "id": field, "custom_id": id, "value": value });
        json!({ "type": 1, "id": row, "components": [field] })
    };
    let fields: Vec<_> = values.iter().enumerate().map(field).collect();
    Ok(Start {
        kind: Kind::Modal,
        user: opener.user,
        channel: opener.channel,
        name: modal["custom_id"].as_str().unwrap_or("").to_owned(),
        data: json!({ "custom_id": modal["custom_id"], "components": fields }),
        message: opener.message,
        trigger: Some(opener.id),
    })
}

/// Somebody's client sends a form: the newest of this `custom_id` that was opened for them here.
///
/// # Errors
/// No such form was opened; a field is missing, unknown, too short or too long.
pub(crate) fn fill(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    data: &Value,
) -> Result<Start, SlashError> {
    let mut newest_first = world.interactions.values().rev();
    let opened = newest_first.find_map(|it| match &it.answer {
        Answer::Modal(form)
            if it.user == user
                && it.channel == channel
                && form["custom_id"] == data["custom_id"] =>
        {
            Some((it, form))
        }
        _ => None,
    });
    let name = data["custom_id"].as_str().unwrap_or("form");
    let Some((opener, form)) = opened else {
        return Err(SlashError::NotRegistered {
            name: name.to_owned(),
            known: Vec::new(),
        });
    };
    let (known, given) = (leaves(&form["components"]), leaves(&data["components"]));
    check_fields(name, &known, &given)?;
    let mut components = data["components"].clone();
    number(&mut components, &mut 0);
    Ok(Start {
        kind: Kind::Modal,
        user,
        channel,
        name: name.to_owned(),
        data: json!({ "custom_id": data["custom_id"], "components": components }),
        message: opener.message,
        trigger: Some(opener.id),
    })
}

/// The parts of a layout that carry values.
fn leaves(layout: &Value) -> Vec<&Value> {
    let parts = layout.as_array().into_iter().flatten();
    let inner = parts.flat_map(|part| match (&part["components"], &part["component"]) {
        (Value::Null, Value::Null) => vec![part],
        (Value::Null, one) => vec![one],
        (many, _) => leaves(many),
    });
    inner.collect()
}

fn check_fields(form: &str, known: &[&Value], given: &[&Value]) -> Result<(), SlashError> {
    let bad = |field: &Value, problem: String| SlashError::BadOption {
        name: form.to_owned(),
        option: field["custom_id"].as_str().unwrap_or("?").to_owned(),
        problem,
    };
    let same = |one: &Value, other: &Value| one["custom_id"] == other["custom_id"];
    if let Some(field) = given
        .iter()
        .find(|it| !known.iter().any(|own| same(own, it)))
    {
        return Err(bad(field, "is unknown".to_owned()));
    }
    for field in known.iter().filter(|it| it["type"] == TEXT_INPUT) {
        let value = given.iter().find(|it| same(field, it));
        let text = value.and_then(|it| it["value"].as_str()).unwrap_or("");
        let length = text.chars().count() as u64;
        let is_needed = field["required"] != false;
        let least = field["min_length"]
            .as_u64()
            .unwrap_or(0)
            .max(u64::from(is_needed));
        let most = field["max_length"].as_u64().unwrap_or(4000);
        if !(least..=most).contains(&length) && (is_needed || length > 0) {
            let problem = format!("has {length} characters, expected {least} to {most}");
            return Err(bad(field, problem));
        }
    }
    Ok(())
}

/// Numbers every part of a layout, as Discord does.
fn number(layout: &mut Value, last: &mut u64) {
    for part in layout.as_array_mut().into_iter().flatten() {
        *last += 1;
        part["id"] = json!(*last);
        number(&mut part["components"], last);
        if part["components"].is_null() {
            part.as_object_mut().map(|part| part.remove("components"));
        }
    }
}
