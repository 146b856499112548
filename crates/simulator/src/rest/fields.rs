//! Which fields of a body are honoured. Everything else is a gap, unless it says nothing.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::error_codes::{ApiError, Fault};
use crate::payload::timestamp;
use crate::permissions::Permissions;
use crate::snowflake::Snowflake;
use crate::world::upload::Image;

/// Reads a body as an object whose fields are all known.
///
/// # Errors
/// 50035 when it is no object; a gap that names the first field that is not `known`.
pub(crate) fn object<'a>(
    body: &'a Value,
    known: &[&str],
) -> Result<&'a Map<String, Value>, ApiError> {
    let Some(object) = body.as_object() else {
        let message = "Only dictionaries may be used in a DictType";
        return Err(ApiError::form(&[], "DICT_TYPE_CONVERT", message));
    };
    let gap = object.iter().find(|(key, value)| {
        !known.contains(&key.as_str()) && is_discords(key) && says_something(value)
    });
    match gap {
        Some((key, _)) => Err(ApiError::gap(format!("field `{key}`"))),
        None => Ok(object),
    }
}

/// Discord's fields are all in lower case; discord.js leaves options of its own, such as
/// `communicationDisabledUntil`, in what it sends.
fn is_discords(key: &str) -> bool {
    !key.contains(|letter: char| letter.is_ascii_uppercase())
}

/// Client libraries send empty values for what they do not use.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
    }
}

/// # Errors
/// 50035 at the field when it is there and no string.
pub(crate) fn string<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a str>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong_type(key, "STRING_TYPE_CONVERT", "string")),
    }
}

/// # Errors
/// 50035 at the field when it is there and no list.
pub(crate) fn list<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a [Value]>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(wrong_type(key, "LIST_TYPE_CONVERT", "list")),
    }
}

/// # Errors
/// 50035 at the field when it is there and no whole number from 0 on.
pub(crate) fn number(object: &Map<String, Value>, key: &str) -> Result<Option<u64>, ApiError> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64() {
            Some(number) => Ok(Some(number)),
            None => Err(wrong_type(key, "NUMBER_TYPE_COERCE", "number")),
        },
    }
}

/// What a field may hold. `null` is always allowed: it clears the field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// A text of so many characters.
    Text(usize, usize),
    /// A whole number in this range, ends included.
    Number(u64, u64),
    /// One of these numbers.
    OneOf(&'static [u64]),
    Flag,
    Id,
    /// A list of ids.
    Ids,
    /// Permission bits, as a string or a number.
    Bits,
    /// A moment in RFC 3339.
    Moment,
    /// An image as a data URI.
    Image,
    /// Anything; it is looked at elsewhere.
    Any,
}

impl Rule {
    /// The fault of a value, as a code and a message.
    fn fault(self, value: &Value) -> Option<(&'static str, String)> {
        let wrong = |code, expected: &str| {
            Some((
                code,
                format!("Could not interpret the value as {expected}."),
            ))
        };
        let is_id = |value: &Value| id(value).is_some();
        match self {
            Self::Any => None,
            Self::Text(least, most) => {
                let Some(text) = value.as_str() else {
                    return wrong("STRING_TYPE_CONVERT", "string");
                };
                let length = text.chars().count();
                let message = format!("Must be between {least} and {most} in length.");
                (!(least..=most).contains(&length)).then_some(("BASE_TYPE_BAD_LENGTH", message))
            }
            Self::Number(least, most) => {
                let Some(number) = value.as_u64() else {
                    return wrong("NUMBER_TYPE_COERCE", "int");
                };
                let message = format!("int value should be between {least} and {most}.");
                (!(least..=most).contains(&number)).then_some(("NUMBER_TYPE_MAX", message))
            }
            Self::OneOf(choices) => {
                let fits = value.as_u64().is_some_and(|it| choices.contains(&it));
                let message = format!("Value must be one of {choices:?}.");
                (!fits).then_some(("BASE_TYPE_CHOICES", message))
            }
            Self::Flag if !value.is_boolean() => wrong("BOOLEAN_TYPE_CONVERT", "boolean"),
            Self::Id if !is_id(value) => wrong("NUMBER_TYPE_COERCE", "snowflake"),
            Self::Ids if !value.as_array().is_some_and(|it| it.iter().all(is_id)) => {
                wrong("NUMBER_TYPE_COERCE", "a list of snowflakes")
            }
            Self::Bits if bits(value).is_none() => wrong("NUMBER_TYPE_COERCE", "int"),
            Self::Moment if moment(value).is_none() => wrong("DATE_TIME_TYPE_PARSE", "ISO8601"),
            Self::Image if value.as_str().and_then(Image::parse).is_none() => {
                wrong("BASE64_TYPE_DECODE", "an image as a data URI")
            }
            Self::Flag | Self::Id | Self::Ids | Self::Bits | Self::Moment | Self::Image => None,
        }
    }
}

/// A moment in RFC 3339.
pub(crate) fn moment(value: &Value) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
    Some(moment.with_timezone(&Utc))
}

/// Writes moments as Discord does, whatever the client wrote.
pub(crate) fn tell_in_full(object: &mut Map<String, Value>, keys: &[&str]) {
    for key in keys {
        if let Some(moment) = object.get(*key).and_then(moment) {
            object.insert((*key).to_owned(), Value::from(timestamp(moment)));
        }
    }
}

/// An id. Clients write it as a number too.
pub(crate) fn id(value: &Value) -> Option<Snowflake> {
    match value.as_u64() {
        Some(number) => Some(Snowflake::new(number)),
        None => value.as_str()?.parse().ok(),
    }
}

/// A list of ids; what is none is left out.
pub(crate) fn ids(value: &Value) -> Vec<Snowflake> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect()
}

/// Permission bits, as a string or a number.
pub(crate) fn bits(value: &Value) -> Option<Permissions> {
    let bits = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Permissions::from_bits(bits))
}

/// Reads a body by rules, one a field; every fault is told.
///
/// # Errors
/// 50035 with every fault at its path; a gap that names the first field without a rule.
pub(crate) fn checked(
    body: &Value,
    rules: &[(&'static str, Rule)],
) -> Result<Map<String, Value>, ApiError> {
    checked_at(&[], body, rules)
}

/// As [`checked`], for a part of a body at `path`.
///
/// # Errors
/// As [`checked`].
pub(crate) fn checked_at(
    path: &[&str],
    body: &Value,
    rules: &[(&'static str, Rule)],
) -> Result<Map<String, Value>, ApiError> {
    let known: Vec<_> = rules.iter().map(|(key, _)| *key).collect();
    let object = object(body, &known)?;
    let given = rules
        .iter()
        .filter_map(|(key, rule)| Some((*key, rule, object.get(*key)?)));
    let given: Vec<_> = given.collect();
    let said = given.iter().filter(|(_, _, value)| !value.is_null());
    let faults = said.filter_map(|(key, rule, value)| {
        let (code, message) = rule.fault(value)?;
        Some(Fault::new(&[path, &[key]].concat(), code, &message))
    });
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        return Err(ApiError::form_of(faults));
    }
    let given = given.into_iter();
    Ok(given
        .map(|(key, _, value)| (key.to_owned(), value.clone()))
        .collect())
}

/// A field that must be there.
///
/// # Errors
/// 50035 at the field when it is missing or `null`.
pub(crate) fn required<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<&'a Value, ApiError> {
    required_at(&[], object, key)
}

/// As [`required`], for a part of a body at `path`.
///
/// # Errors
/// As [`required`].
pub(crate) fn required_at<'a>(
    path: &[&str],
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<&'a Value, ApiError> {
    let value = object.get(key).filter(|it| !it.is_null());
    let path = [path, &[key]].concat();
    value.ok_or_else(|| ApiError::form(&path, "BASE_TYPE_REQUIRED", "This field is required"))
}

/// The length of a text in characters.
///
/// # Errors
/// 50035 at `path` when it is more than `limit`.
pub(crate) fn short_enough(text: &str, limit: usize, path: &[&str]) -> Result<usize, ApiError> {
    let length = text.chars().count();
    if length <= limit {
        return Ok(length);
    }
    let message = format!("Must be {limit} or fewer in length.");
    Err(ApiError::form(path, "BASE_TYPE_MAX_LENGTH", &message))
}

/// # Errors
/// 50035 at `path` when there are more than `limit`.
pub(crate) fn few_enough(items: &[Value], limit: usize, path: &[&str]) -> Result<(), ApiError> {
    if items.len() <= limit {
        return Ok(());
    }
    let message = format!("Must be {limit} or fewer in length.");
    Err(ApiError::form(path, "BASE_TYPE_BAD_LENGTH", &message))
}

fn wrong_type(key: &str, code: &str, expected: &str) -> ApiError {
    let message = format!("Could not interpret the value as {expected}.");
    ApiError::form(&[key], code, &message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(body: &Value, gap: Option<&str>) {
        let found = object(body, &["content"]).err().and_then(|error| error.gap);
        assert_eq!(found.as_deref(), gap, "{body}");
    }

    #[test]
    fn every_fault_of_a_body_is_told_at_once() {
        let rules = [
            ("name", Rule::Text(1, 3)),
            ("size", Rule::Number(1, 2)),
            ("kind", Rule::OneOf(&[0, 2])),
            ("on", Rule::Flag),
            ("at", Rule::Moment),
            ("by", Rule::Id),
            ("can", Rule::Bits),
        ];
        let check = |body: Value, faulty: &[&str]| {
            let body = checked(&body, &rules).err().map(|error| error.body());
            let errors = body.map_or(Value::Null, |body| body["errors"].clone());
            let found: Vec<_> = errors
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, _)| key)
                .collect();
            assert_eq!(found, faulty);
        };
        check(
            json!({ "name": "abc", "size": 2, "kind": 0, "on": true, "by": "7", "can": "8" }),
            &[],
        );
        check(json!({ "name": null, "at": null, "by": 7, "can": 8 }), &[]);
        check(
            json!({ "name": "", "size": 3, "kind": 1 }),
            &["kind", "name", "size"],
        );
        check(
            json!({ "name": 7, "on": "yes", "at": "soon", "by": "x", "can": "x" }),
            &["at", "by", "can", "name", "on"],
        );
        check(json!({ "at": "2026-03-02T09:00:00+00:00" }), &[]);
    }

    #[test]
    fn an_unknown_field_is_a_gap_only_when_it_says_something() {
        check(&json!({ "content": "x" }), None);
        check(&json!({ "poll": null, "tts": false, "files": [] }), None);
        check(
            &json!({ "poll": { "question": "?" } }),
            Some("field `poll`"),
        );
        check(&json!({ "tts": true }), Some("field `tts`"));
        check(&json!({ "rateLimitPerUser": 7 }), None);
    }
}
