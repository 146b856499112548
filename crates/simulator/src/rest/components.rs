//! Buttons and menus of a message, held against Discord's limits.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::fields::{self, few_enough, short_enough};

const ROWS_MAX: usize = 5;
const BUTTONS_MAX: usize = 5;
const OPTIONS_MAX: usize = 25;

const ROW: u64 = 1;
const BUTTON: u64 = 2;
const STRING_SELECT: u64 = 3;
const LINK: u64 = 5;
const PREMIUM: u64 = 6;

const BUTTON_KNOWN: &[&str] = &[
    "type",
    "id",
    "style",
    "label",
    "emoji",
    "custom_id",
    "url",
    "disabled",
];
const SELECT_KNOWN: &[&str] = &[
    "type",
    "id",
    "custom_id",
    "options",
    "channel_types",
    "placeholder",
    "default_values",
    "min_values",
    "max_values",
    "disabled",
    "required",
];

/// Reads the `components` of a body; `None` when there is no such field.
///
/// # Errors
/// 50035 with the path of the first fault; a gap for newer layouts.
pub(crate) fn components(object: &Map<String, Value>) -> Result<Option<Vec<Value>>, ApiError> {
    let Some(rows) = fields::list(object, "components")? else {
        return Ok(None);
    };
    few_enough(rows, ROWS_MAX, &["components"])?;
    let mut seen = Vec::new();
    for (row_index, row) in rows.iter().enumerate() {
        if row["type"].as_u64() != Some(ROW) {
            return Err(ApiError::gap(format!("component type {}", row["type"])));
        }
        let row_index = row_index.to_string();
        let path = ["components", &row_index, "components"];
        let parts = row["components"].as_array().map_or(&[][..], Vec::as_slice);
        if parts.is_empty() {
            let message = "Must be between 1 and 5 in length.";
            return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
        }
        let is_menu = parts
            .iter()
            .any(|part| part["type"].as_u64() != Some(BUTTON));
        few_enough(parts, if is_menu { 1 } else { BUTTONS_MAX }, &path)?;
        for (index, part) in parts.iter().enumerate() {
            let index = index.to_string();
            check(part, &[&path[..], &[&index]].concat(), &mut seen)?;
        }
    }
    Ok(Some(numbered(rows)))
}

fn check<'a>(part: &'a Value, path: &[&str], seen: &mut Vec<&'a str>) -> Result<(), ApiError> {
    let at = |key: &'static str| [path, &[key]].concat();
    match part["type"].as_u64() {
        Some(BUTTON) => check_button(part, path)?,
        Some(STRING_SELECT | 5..=8) => check_select(part, path)?,
        kind => return Err(ApiError::gap(format!("component type {kind:?}"))),
    }
    let Some(id) = part["custom_id"].as_str() else {
        return Ok(());
    };
    short_enough(id, 100, &at("custom_id"))?;
    if seen.contains(&id) {
        let message = "Component custom id cannot be duplicated";
        return Err(ApiError::form(
            &at("custom_id"),
            "COMPONENT_CUSTOM_ID_DUPLICATED",
            message,
        ));
    }
    seen.push(id);
    Ok(())
}

fn check_button(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let at = |key: &'static str| [path, &[key]].concat();
    let object = fields::object(part, BUTTON_KNOWN)?;
    let style = fields::number(object, "style")?.unwrap_or(0);
    if style == PREMIUM {
        return Err(ApiError::gap("premium buttons"));
    }
    if !(1..=LINK).contains(&style) {
        let message = "Value must be one of {1, 2, 3, 4, 5, 6}.";
        return Err(ApiError::form(&at("style"), "BASE_TYPE_CHOICES", message));
    }
    let wanted = if style == LINK { "url" } else { "custom_id" };
    needed(object, wanted, path)?;
    let label = fields::string(object, "label")?.unwrap_or("");
    short_enough(label, 80, &at("label"))?;
    if label.is_empty() && !part["emoji"].is_object() {
        let message = "A button must have a label or emoji";
        return Err(ApiError::form(
            path,
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
            message,
        ));
    }
    Ok(())
}

fn check_select(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let at = |key: &'static str| [path, &[key]].concat();
    let object = fields::object(part, SELECT_KNOWN)?;
    needed(object, "custom_id", path)?;
    short_enough(
        fields::string(object, "placeholder")?.unwrap_or(""),
        150,
        &at("placeholder"),
    )?;
    let least = fields::number(object, "min_values")?.unwrap_or(1);
    let most = fields::number(object, "max_values")?.unwrap_or(1);
    if least > 25 || !(1..=25).contains(&most) || least > most {
        let message = "int value should be between 0 and 25, the least not above the most.";
        return Err(ApiError::form(
            &at("max_values"),
            "NUMBER_TYPE_MAX",
            message,
        ));
    }
    if part["type"].as_u64() != Some(STRING_SELECT) {
        return Ok(());
    }
    let options = fields::list(object, "options")?.unwrap_or_default();
    if options.is_empty() || options.len() > OPTIONS_MAX {
        let message = "Must be between 1 and 25 in length.";
        return Err(ApiError::form(
            &at("options"),
            "BASE_TYPE_BAD_LENGTH",
            message,
        ));
    }
    for (index, option) in options.iter().enumerate() {
        let index = index.to_string();
        let place = [&at("options")[..], &[&index]].concat();
        let known = ["label", "value", "description", "emoji", "default"];
        let option = fields::object(option, &known)?;
        for key in ["label", "value"] {
            needed(option, key, &place)?;
        }
        for key in ["label", "value", "description"] {
            let text = fields::string(option, key)?.unwrap_or("");
            short_enough(text, 100, &[&place[..], &[key]].concat())?;
        }
    }
    Ok(())
}

fn needed(object: &Map<String, Value>, key: &str, path: &[&str]) -> Result<(), ApiError> {
    match fields::string(object, key)?.is_some_and(|text| !text.is_empty()) {
        true => Ok(()),
        false => {
            let path = [path, &[key]].concat();
            Err(ApiError::form(
                &path,
                "BASE_TYPE_REQUIRED",
                "This field is required",
            ))
        }
    }
}

/// Gives every component that has no id the next free number, as Discord does, and says what was
/// left unsaid about menus.
fn numbered(rows: &[Value]) -> Vec<Value> {
    let mut rows = rows.to_vec();
    let mut last = 0;
    let mut number = |component: &mut Value| {
        last += 1;
        if component["id"].as_u64().unwrap_or(0) == 0 {
            component["id"] = json!(last);
        }
        if let Some(fields) = component.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        if matches!(component["type"].as_u64(), Some(STRING_SELECT..=8)) {
            for key in ["min_values", "max_values"] {
                if component[key].is_null() {
                    component[key] = json!(1);
                }
            }
        }
    };
    for row in &mut rows {
        number(row);
        let parts = row["components"].as_array_mut();
        parts.into_iter().flatten().for_each(&mut number);
    }
    rows
}
