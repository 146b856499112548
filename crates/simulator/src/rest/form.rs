//! Bodies that describe a message: read, and held against Discord's limits.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::body::File;
use crate::rest::components::components;
use crate::rest::embeds::embeds;
use crate::rest::fields::{self, short_enough};
use crate::rest::forwarding::reference;
use crate::rest::polls::poll;
use crate::rest::{files, stickers};
use crate::world::draft::{Draft, Edit, Mentions};
use crate::world::message::{EPHEMERAL, IS_LAYOUT, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS};

const CONTENT_MAX: usize = 2000;

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
    "attachments",
    "tts",
    "poll",
    "sticker_ids",
];
/// Fields of a changed message; discord.js sends `enforce_nonce`, and to webhooks `username`, which
/// mean nothing here.
const EDIT: &[&str] = &[
    "content",
    "embeds",
    "components",
    "flags",
    "allowed_mentions",
    "enforce_nonce",
    "username",
    "attachments",
    "poll",
];

/// A body and the files that came with it.
#[derive(Clone, Copy)]
pub(crate) struct Form<'a> {
    pub(crate) body: &'a Value,
    pub(crate) files: &'a [File],
}

/// Reads a new message; `flags` are those of [`EPHEMERAL`] and the like that may be set here.
///
/// # Errors
/// 50035 with the path of the first fault; a gap for what is not simulated.
pub(crate) fn draft(form: Form<'_>, flags_allowed: u64) -> Result<Draft, ApiError> {
    draft_with(form, flags_allowed, &[])
}

/// As [`draft`], where more fields than usual are known and read elsewhere.
///
/// # Errors
/// As [`draft`].
pub(crate) fn draft_with(
    form: Form<'_>,
    flags_allowed: u64,
    more: &[&str],
) -> Result<Draft, ApiError> {
    let nothing = Value::Object(Map::new());
    let body = match form.body {
        Value::Null if !form.files.is_empty() => &nothing,
        body => body,
    };
    let object = fields::object(body, &[CREATE, more].concat())?;
    Ok(Draft {
        content: content(object)?.unwrap_or_default(),
        embeds: embeds(object)?.unwrap_or_default(),
        components: components(object)?.unwrap_or_default(),
        flags: flags(object, flags_allowed)?,
        allowed: mentions(object)?,
        nonce: nonce(object)?,
        enforce_nonce: object.get("enforce_nonce") == Some(&json!(true)),
        reference: reference(object)?,
        poll: poll(object)?,
        stickers: stickers::shown(object)?,
        is_spoken: object.get("tts") == Some(&json!(true)),
        files: files::of(object, form.files)?.new,
        ..Draft::default()
    })
}

/// Reads a new message of a webhook or an interaction, which point at no message and show no
/// stickers.
///
/// # Errors
/// As [`draft`].
pub(crate) fn webhook_draft(
    form: Form<'_>,
    flags_allowed: u64,
    more: &[&str],
) -> Result<Draft, ApiError> {
    let draft = draft_with(form, flags_allowed, more)?;
    match draft.reference.is_some() || !draft.stickers.is_empty() {
        true => Err(ApiError::gap(
            "a message of a webhook that replies or shows stickers",
        )),
        false => Ok(draft),
    }
}

/// Reads the change of a message.
///
/// # Errors
/// As [`draft`].
pub(crate) fn edit(form: Form<'_>) -> Result<Edit, ApiError> {
    let nothing = Value::Object(Map::new());
    let body = match form.body {
        Value::Null if !form.files.is_empty() => &nothing,
        body => body,
    };
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
    let files = files::of(object, form.files)?;
    Ok(Edit {
        content,
        embeds: or_cleared("embeds", embeds(object)?),
        components: or_cleared("components", components(object)?),
        flags: fields::number(object, "flags")?,
        allowed: mentions(object)?,
        poll: poll(object)?,
        kept: files.kept,
        files: files.new,
    })
}

/// The flags that a new message may carry in a channel.
pub(crate) const PLAIN_FLAGS: u64 = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | IS_LAYOUT;
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
        let path = ["allowed_mentions", "users"];
        fields::id(id)
            .ok_or_else(|| ApiError::form(&path, "NUMBER_TYPE_COERCE", "Value is not snowflake."))
    });
    Ok(Mentions::Some {
        users: kinds.contains(&"users"),
        roles: kinds.contains(&"roles"),
        everyone: kinds.contains(&"everyone"),
        replied: allowed["replied_user"] == true,
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
