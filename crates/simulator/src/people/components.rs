//! Buttons, menus and forms: what a person does with the parts of a message.

use serde_json::{Value, json};

use crate::payload::interaction::Resolved;
use crate::people::{Message, Reply};
use crate::slash::SlashError;
use crate::slash::options::Typed;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::options_of;
use crate::world::interaction::{Kind, Start};

const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;

/// Somebody presses a button or chooses from a menu.
///
/// # Errors
/// The message is gone or has no such component that can be used.
pub(crate) fn press(
    world: &World,
    user: Snowflake,
    message: &Message,
    custom_id: &str,
    values: &[&str],
) -> Result<Start, SlashError> {
    let channel = message.channel_id();
    let stored = world.channels.get(&channel);
    let stored = stored.and_then(|it| it.messages.get(&message.id()));
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
        message: Some(message.id()),
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
