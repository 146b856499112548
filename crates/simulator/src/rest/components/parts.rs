//! Components that hold no others: buttons, texts, pictures, files.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::rest::components::{ID, TYPE};
use crate::rest::fields::{self, Rule, short_enough};

const LINK: u64 = 5;
const PREMIUM: u64 = 6;
const SPOILER: (&str, Rule) = ("spoiler", Rule::Flag);
const DESCRIPTION: (&str, Rule) = ("description", Rule::Text(1, 1024));

const BUTTON: &[&str] = &[
    "type",
    "id",
    "style",
    "label",
    "emoji",
    "custom_id",
    "url",
    "sku_id",
    "disabled",
];

pub(super) fn button(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let at = |key: &'static str| [path, &[key]].concat();
    let object = fields::object(part, BUTTON)?;
    let style = fields::number(object, "style")?.unwrap_or(0);
    if !(1..=PREMIUM).contains(&style) {
        let message = "Value must be one of {1, 2, 3, 4, 5, 6}.";
        return Err(ApiError::form(&at("style"), "BASE_TYPE_CHOICES", message));
    }
    let wanted = match style {
        LINK => "url",
        PREMIUM => "sku_id",
        _ => "custom_id",
    };
    needed(object, wanted, path)?;
    let url = fields::string(object, "url")?.unwrap_or("");
    short_enough(url, 512, &at("url"))?;
    let label = fields::string(object, "label")?.unwrap_or("");
    short_enough(label, 80, &at("label"))?;
    let is_empty = label.is_empty() && !part["emoji"].is_object();
    match is_empty && style != PREMIUM {
        true => {
            let code = "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED";
            Err(ApiError::form(
                path,
                code,
                "A button must have a label or emoji",
            ))
        }
        false => Ok(()),
    }
}

pub(super) fn text(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [TYPE, ID, ("content", Rule::Text(1, 4000))];
    let object = fields::checked_at(path, part, &rules)?;
    needed(&object, "content", path)
}

pub(super) fn thumbnail(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [TYPE, ID, ("media", Rule::Any), DESCRIPTION, SPOILER];
    fields::checked_at(path, part, &rules)?;
    media(&part["media"], &[path, &["media"]].concat())
}

pub(super) fn gallery(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    fields::checked_at(path, part, &[TYPE, ID, ("items", Rule::Any)])?;
    let items = part["items"].as_array().map_or(&[][..], Vec::as_slice);
    let path = [path, &["items"]].concat();
    if !(1..=10).contains(&items.len()) {
        let message = "Must be between 1 and 10 in length.";
        return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", message));
    }
    for (index, item) in items.iter().enumerate() {
        let index = index.to_string();
        let path = [&path[..], &[&index]].concat();
        fields::checked_at(&path, item, &[("media", Rule::Any), DESCRIPTION, SPOILER])?;
        media(&item["media"], &[&path[..], &["media"]].concat())?;
    }
    Ok(())
}

pub(super) fn file(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [
        TYPE,
        ID,
        ("file", Rule::Any),
        SPOILER,
        // Libraries send back a file as they got it.
        ("name", Rule::Any),
        ("size", Rule::Any),
    ];
    fields::checked_at(path, part, &rules)?;
    let path = [path, &["file"]].concat();
    media(&part["file"], &path)?;
    let url = part["file"]["url"].as_str().unwrap_or("");
    match url.starts_with("attachment://") || !part["file"]["attachment_id"].is_null() {
        true => Ok(()),
        false => Err(not_a_url(&path)),
    }
}

pub(super) fn separator(part: &Value, path: &[&str]) -> Result<(), ApiError> {
    let rules = [
        TYPE,
        ID,
        ("divider", Rule::Flag),
        ("spacing", Rule::OneOf(&[1, 2])),
    ];
    fields::checked_at(path, part, &rules).map(drop)
}

/// Something to look at: on the web, or among the files of the message.
fn media(media: &Value, path: &[&str]) -> Result<(), ApiError> {
    let url = media["url"].as_str().unwrap_or("");
    short_enough(url, 2048, &[path, &["url"]].concat())?;
    let schemes = ["http://", "https://", "attachment://"];
    match schemes.iter().any(|scheme| url.starts_with(scheme)) {
        true => Ok(()),
        false => Err(not_a_url(path)),
    }
}

fn not_a_url(path: &[&str]) -> ApiError {
    let path = [path, &["url"]].concat();
    ApiError::form(&path, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
}

/// A text that must be there.
pub(super) fn needed(
    object: &Map<String, Value>,
    key: &str,
    path: &[&str],
) -> Result<(), ApiError> {
    if fields::string(object, key)?.is_some_and(|text| !text.is_empty()) {
        return Ok(());
    }
    let (path, message) = ([path, &[key]].concat(), "This field is required");
    Err(ApiError::form(&path, "BASE_TYPE_REQUIRED", message))
}
