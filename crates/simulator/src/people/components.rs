//! Buttons and menus: what a person does with the parts of a message.

use serde_json::{Value, json};

use crate::payload::interaction::Resolved;
use crate::slash::SlashError;
use crate::slash::options::Typed;
use crate::snowflake::Snowflake;
use crate::world::World;
use crate::world::command::options_of;
use crate::world::component::{self, kind};
use crate::world::interaction::{Kind, Start};

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
    let parts = component::all(stored.map_or(&[][..], |it| &it.components));
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
    if part["type"] != kind::BUTTON {
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

/// The newest message in a channel with a component that is called so, by its label, its placeholder or its id, and can
/// be used by `user`; with the component's id.
pub(crate) fn newest(
    world: &World,
    user: Snowflake,
    channel: Snowflake,
    name: &str,
) -> Option<(Snowflake, String)> {
    let messages = world.channels.get(&channel)?.messages.values().rev();
    let mut visible = messages.filter(|message| message.is_visible_to(user));
    visible.find_map(|message| {
        let parts = component::all(&message.components);
        let mut usable = parts.iter().filter(|part| part["disabled"] != true);
        let part = usable.find(|part| {
            let names = ["label", "placeholder", "custom_id"];
            names.iter().any(|key| part[*key] == name)
        })?;
        Some((message.id, part["custom_id"].as_str()?.to_owned()))
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
            Some(kind::STRING_SELECT) => {
                let is_offered = offered.iter().any(|it| it["value"] == *value);
                is_offered.then(|| json!(value))
            }
            Some(menu) => typed.pointed_at(menu, value),
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
