//! Components of a form: rows of one text input, labels around whatever is filled in, and texts.

use serde_json::Value;

use crate::error_codes::ApiError;
use crate::rest::components::parts::{needed, text};
use crate::rest::components::select::{counts, options, select};
use crate::rest::components::{ID, Reading, TYPE, completed};
use crate::rest::fields::{self, Rule};
use crate::world::component::{kind, wrong_kind};

const OUTSIDE: &[u64] = &[kind::ROW, kind::TEXT, kind::LABEL];
const IN_LABEL: &[u64] = &[
    kind::STRING_SELECT,
    kind::TEXT_INPUT,
    kind::USER_SELECT,
    kind::ROLE_SELECT,
    kind::MENTIONABLE_SELECT,
    kind::CHANNEL_SELECT,
    kind::FILE_UPLOAD,
    kind::RADIO_GROUP,
    kind::CHECKBOX_GROUP,
    kind::CHECKBOX,
];
const FORM: [(&str, Rule); 3] = [
    ("custom_id", Rule::Text(1, 100)),
    ("title", Rule::Text(1, 45)),
    ("components", Rule::Any),
];

/// Reads the form that an answer opens, at `data`.
///
/// # Errors
/// 50035 with the path of the first fault.
pub(crate) fn form(data: &Value) -> Result<Value, ApiError> {
    let object = fields::checked_at(&["data"], data, &FORM)?;
    needed(&object, "custom_id", &["data"])?;
    needed(&object, "title", &["data"])?;
    let parts = data["components"].as_array().map_or(&[][..], Vec::as_slice);
    let path = ["data", "components"];
    if !(1..=5).contains(&parts.len()) {
        let message = "Must be between 1 and 5 in length.";
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    let mut reading = Reading::default();
    for (index, part) in parts.iter().enumerate() {
        outer(
            &mut reading,
            part,
            &[&path[..], &[&index.to_string()]].concat(),
        )?;
    }
    let mut object = data.clone();
    object["components"] = completed(parts).into();
    Ok(object)
}

fn outer<'a>(reading: &mut Reading<'a>, part: &'a Value, path: &[&str]) -> Result<(), ApiError> {
    match part["type"].as_u64() {
        Some(kind::TEXT) => text(part, path),
        Some(kind::ROW) => {
            let inner = part["components"].as_array().map_or(&[][..], Vec::as_slice);
            let path = [path, &["components"]].concat();
            let [only] = inner else {
                let message = "Must be between 1 and 1 in length.";
                return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
            };
            let path = [&path[..], &["0"]].concat();
            needed(fields::object(only, INPUT)?, "label", &path)?;
            field(reading, only, &path, &[kind::TEXT_INPUT])
        }
        Some(kind::LABEL) => {
            let rules = [
                TYPE,
                ID,
                ("label", Rule::Text(1, 45)),
                ("description", Rule::Text(1, 100)),
                ("component", Rule::Any),
            ];
            let object = fields::checked_at(path, part, &rules)?;
            needed(&object, "label", path)?;
            field(
                reading,
                &part["component"],
                &[path, &["component"]].concat(),
                IN_LABEL,
            )
        }
        _ => Err(wrong_kind(path, OUTSIDE)),
    }
}

fn field<'a>(
    reading: &mut Reading<'a>,
    part: &'a Value,
    path: &[&str],
    allowed: &[u64],
) -> Result<(), ApiError> {
    let found = part["type"].as_u64().filter(|it| allowed.contains(it));
    match found.ok_or_else(|| wrong_kind(path, allowed))? {
        kind::TEXT_INPUT => input(part, path)?,
        kind::FILE_UPLOAD => {
            let rules = [&CHOICE[..], &COUNTS].concat();
            needed(&fields::checked_at(path, part, &rules)?, "custom_id", path)?;
            counts(part, path, 10)?;
        }
        kind::RADIO_GROUP => {
            let rules = [&CHOICE[..], &[OPTIONS]].concat();
            needed(&fields::checked_at(path, part, &rules)?, "custom_id", path)?;
            options(part, path, (2, 10))?;
        }
        kind::CHECKBOX_GROUP => {
            let rules = [&CHOICE[..], &COUNTS, &[OPTIONS]].concat();
            needed(&fields::checked_at(path, part, &rules)?, "custom_id", path)?;
            counts(part, path, 10)?;
            options(part, path, (1, 10))?;
        }
        kind::CHECKBOX => {
            let rules = [TYPE, ID, CUSTOM_ID, ("default", Rule::Flag)];
            needed(&fields::checked_at(path, part, &rules)?, "custom_id", path)?;
        }
        _ => select(part, path)?,
    }
    reading.name(part, path)
}

const CUSTOM_ID: (&str, Rule) = ("custom_id", Rule::Text(1, 100));
const OPTIONS: (&str, Rule) = ("options", Rule::Any);
const CHOICE: [(&str, Rule); 4] = [TYPE, ID, CUSTOM_ID, ("required", Rule::Flag)];
const COUNTS: [(&str, Rule); 2] = [
    ("min_values", Rule::Number(0, 25)),
    ("max_values", Rule::Number(1, 25)),
];
const INPUT: &[&str] = &[
    "type",
    "id",
    "custom_id",
    "style",
    "label",
    "min_length",
    "max_length",
    "required",
    "value",
    "placeholder",
];

fn input(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [
        TYPE,
        ID,
        CUSTOM_ID,
        ("style", Rule::OneOf(&[1, 2])),
        ("label", Rule::Text(1, 45)),
        ("min_length", Rule::Number(0, 4000)),
        ("max_length", Rule::Number(1, 4000)),
        ("required", Rule::Flag),
        ("value", Rule::Text(0, 4000)),
        ("placeholder", Rule::Text(0, 100)),
    ];
    let object = fields::checked_at(path, part, &rules)?;
    needed(&object, "custom_id", path)?;
    if part["style"].is_null() {
        let (path, message) = ([path, &["style"]].concat(), "This field is required");
        return Err(ApiError::form(&path, "BASE_TYPE_REQUIRED", message));
    }
    Ok(())
}
