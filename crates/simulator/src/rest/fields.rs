//! Which fields of a body are honoured. Everything else is a gap, unless it says nothing.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;

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
    let gap = object
        .iter()
        .find(|(key, value)| !known.contains(&key.as_str()) && says_something(value));
    match gap {
        Some((key, _)) => Err(ApiError::gap(format!("field `{key}`"))),
        None => Ok(object),
    }
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
    fn an_unknown_field_is_a_gap_only_when_it_says_something() {
        check(&json!({ "content": "x" }), None);
        check(&json!({ "poll": null, "tts": false, "files": [] }), None);
        check(
            &json!({ "poll": { "question": "?" } }),
            Some("field `poll`"),
        );
        check(&json!({ "tts": true }), Some("field `tts`"));
    }
}
