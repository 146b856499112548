//! Menus, and what else offers a choice.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::rest::components::parts::needed;
use crate::rest::fields::{self, Rule, short_enough};
use crate::world::component::kind;

const KNOWN: &[&str] = &[
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

pub(super) fn select(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let object = fields::object(part, KNOWN)?;
    needed(object, "custom_id", path)?;
    let placeholder = fields::string(object, "placeholder")?.unwrap_or("");
    short_enough(placeholder, 150, &[path, &["placeholder"]].concat())?;
    counts(part, path, 25)?;
    match part["type"] == kind::STRING_SELECT {
        true => options(part, path, (1, 25)),
        false => Ok(()),
    }
}

/// How many may be chosen: `min_values` and `max_values`.
pub(super) fn counts(part: &Value, path: &[&str], limit: u64) -> Result<(), ApiError> {
    let count = |key: &str| part[key].as_u64().unwrap_or(1);
    let (least, most) = (count("min_values"), count("max_values"));
    if least <= limit && (1..=limit).contains(&most) && least <= most {
        return Ok(());
    }
    let path = [path, &["max_values"]].concat();
    let message =
        format!("int value should be between 0 and {limit}, the least not above the most.");
    Err(ApiError::form(&path, "NUMBER_TYPE_MAX", &message))
}

/// What is offered: from `least` to `most`.
pub(super) fn options(
    part: &Value,
    path: &[&str],
    (least, most): (usize, usize),
) -> Result<(), ApiError> {
    let options = part["options"].as_array().map_or(&[][..], Vec::as_slice);
    let path = [path, &["options"]].concat();
    if !(least..=most).contains(&options.len()) {
        let message = format!("Must be between {least} and {most} in length.");
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", &message));
    }
    for (index, option) in options.iter().enumerate() {
        let index = index.to_string();
        let path = [&path[..], &[&index]].concat();
        let rules = [
            ("label", Rule::Text(1, 100)),
            ("value", Rule::Text(1, 100)),
            ("description", Rule::Text(0, 100)),
            ("emoji", Rule::Any),
            ("default", Rule::Flag),
        ];
        let option = fields::checked_at(&path, option, &rules)?;
        needed(&option, "label", &path)?;
        needed(&option, "value", &path)?;
    }
    Ok(())
}
