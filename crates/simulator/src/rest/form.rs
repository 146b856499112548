//! Bodies that describe a message: read, and held against Discord's limits.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::embeds::embeds;
use crate::rest::fields::{self, few_enough, short_enough};
use crate::snowflake::Snowflake;
use crate::world::message::{
    Draft, EPHEMERAL, Edit, Mentions, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS,
};

const CONTENT_MAX: usize = 2000;
const ROWS_MAX: usize = 5;

/// Fields of a new message.
const CREATE: &[&str] = &[
    "content",
    "embeds",
    "components",
    "flags",
    "allowed_mentions",
    "nonce",
    "enforce_nonce",
    "message_reference",
];
/// Fields of a changed message; `enforce_nonce` is sent by some libraries and means nothing here.
const EDIT: &[&str] = &[
    "content",
    "embeds",
    "components",
    "flags",
    "allowed_mentions",
    "enforce_nonce",
];

/// Reads a new message; `flags` are those of [`EPHEMERAL`] and the like that may be set here.
///
/// # Errors
/// 50035 with the path of the first fault; a gap for what is not simulated.
pub(crate) fn draft(body: &Value, flags_allowed: u64) -> Result<Draft, ApiError> {
    let object = fields::object(body, CREATE)?;
    Ok(Draft {
        content: content(object)?.unwrap_or_default(),
        embeds: embeds(object)?.unwrap_or_default(),
        components: components(object)?.unwrap_or_default(),
        flags: flags(object, flags_allowed)?,
        allowed: mentions(object)?,
        nonce: nonce(object)?,
        enforce_nonce: object.get("enforce_nonce") == Some(&json!(true)),
        reply_to: reference(object)?,
        ..Draft::default()
    })
}

/// Reads the change of a message.
///
/// # Errors
/// As [`draft`].
pub(crate) fn edit(body: &Value) -> Result<Edit, ApiError> {
    let object = fields::object(body, EDIT)?;
    let cleared = |key: &str| object.get(key) == Some(&Value::Null);
    let content = match content(object)? {
        None if cleared("content") => Some(String::new()),
        content => content,
    };
    let or_cleared = |key, items: Option<Vec<Value>>| match items {
        None if cleared(key) => Some(Vec::new()),
        items => items,
    };
    Ok(Edit {
        content,
        embeds: or_cleared("embeds", embeds(object)?),
        components: or_cleared("components", components(object)?),
        flags: fields::number(object, "flags")?,
        allowed: mentions(object)?,
    })
}

/// The flags that a new message may carry in a channel.
pub(crate) const PLAIN_FLAGS: u64 = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS;
/// The flags that an answer to an interaction may carry.
pub(crate) const ANSWER_FLAGS: u64 = PLAIN_FLAGS | EPHEMERAL;

fn flags(object: &Map<String, Value>, allowed: u64) -> Result<u64, ApiError> {
    let flags = fields::number(object, "flags")?.unwrap_or(0);
    if flags & !ANSWER_FLAGS != 0 {
        return Err(ApiError::gap(format!("message flags {flags}")));
    }
    Ok(flags & allowed)
}

fn content(object: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let content = fields::string(object, "content")?;
    if let Some(text) = content {
        short_enough(text, CONTENT_MAX, &["content"])?;
    }
    Ok(content.map(|text| text.trim().to_owned()))
}

fn components(object: &Map<String, Value>) -> Result<Option<Vec<Value>>, ApiError> {
    let Some(rows) = fields::list(object, "components")? else {
        return Ok(None);
    };
    few_enough(rows, ROWS_MAX, &["components"])?;
    for (row_index, row) in rows.iter().enumerate() {
        if row["type"] != 1 {
            return Err(ApiError::gap(format!("component type {}", row["type"])));
        }
        let row_index = row_index.to_string();
        let parts = row["components"].as_array();
        for (index, part) in parts.into_iter().flatten().enumerate() {
            check_component(part, &row_index, &index.to_string())?;
        }
    }
    Ok(Some(numbered(rows)))
}

/// Gives every component that has no id the next free number, as Discord does.
fn numbered(rows: &[Value]) -> Vec<Value> {
    let mut rows = rows.to_vec();
    let mut last = 0;
    let mut number = |component: &mut Value| {
        last += 1;
        if component["id"].as_u64().unwrap_or(0) == 0 {
            component["id"] = json!(last);
        }
    };
    for row in &mut rows {
        number(row);
        let parts = row["components"].as_array_mut();
        parts.into_iter().flatten().for_each(&mut number);
    }
    rows
}

fn check_component(part: &Value, row: &str, index: &str) -> Result<(), ApiError> {
    const LINK_STYLES: [u64; 2] = [5, 6];
    let is_link = part["style"]
        .as_u64()
        .is_some_and(|it| LINK_STYLES.contains(&it));
    let path = ["components", row, "components", index, "custom_id"];
    match part["custom_id"].as_str() {
        Some(id) => short_enough(id, 100, &path).map(drop),
        None if is_link => Ok(()),
        None => Err(ApiError::form(
            &path,
            "BASE_TYPE_REQUIRED",
            "This field is required",
        )),
    }
}

fn mentions(object: &Map<String, Value>) -> Result<Mentions, ApiError> {
    let Some(allowed) = object.get("allowed_mentions").filter(|it| it.is_object()) else {
        return Ok(Mentions::All);
    };
    let parse = allowed["parse"].as_array();
    let kinds: Vec<_> = parse
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let listed = ["users", "roles"]
        .iter()
        .filter_map(|key| allowed[*key].as_array());
    let ids = listed.flatten().map(|id| {
        let id = id.as_str().and_then(|id| id.parse::<Snowflake>().ok());
        let path = ["allowed_mentions", "users"];
        id.ok_or_else(|| ApiError::form(&path, "NUMBER_TYPE_COERCE", "Value is not snowflake."))
    });
    Ok(Mentions::Some {
        users: kinds.contains(&"users"),
        roles: kinds.contains(&"roles"),
        everyone: kinds.contains(&"everyone"),
        ids: ids.collect::<Result<_, _>>()?,
    })
}

fn nonce(object: &Map<String, Value>) -> Result<Option<Value>, ApiError> {
    match object.get("nonce") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            short_enough(text, 25, &["nonce"])?;
            Ok(Some(json!(text)))
        }
        Some(Value::Number(number)) => Ok(Some(json!(number))),
        Some(_) => Err(ApiError::form(
            &["nonce"],
            "NONCE_TYPE_INVALID",
            "Invalid nonce",
        )),
    }
}

fn reference(object: &Map<String, Value>) -> Result<Option<Snowflake>, ApiError> {
    let Some(reference) = object.get("message_reference").filter(|it| it.is_object()) else {
        return Ok(None);
    };
    if reference["type"].as_u64().unwrap_or(0) != 0 {
        return Err(ApiError::gap("forwarding a message"));
    }
    let id = reference["message_id"]
        .as_str()
        .and_then(|id| id.parse().ok());
    let path = ["message_reference", "message_id"];
    id.map(Some)
        .ok_or_else(|| ApiError::form(&path, "BASE_TYPE_REQUIRED", "This field is required"))
}
