//! Embeds, held against Discord's limits.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::fields::{self, few_enough, short_enough};

const EMBEDS_MAX: usize = 10;
const FIELDS_MAX: usize = 25;
/// All texts of all embeds of a message together.
const EMBEDS_TEXT_MAX: usize = 6000;

const EMBED_TEXTS: [(&[&str], usize); 4] = [
    (&["title"], 256),
    (&["description"], 4096),
    (&["footer", "text"], 2048),
    (&["author", "name"], 256),
];
/// An embed has one of these, or nothing to show.
const EMBED_PARTS: [&str; 8] = [
    "title",
    "description",
    "fields",
    "image",
    "thumbnail",
    "video",
    "author",
    "footer",
];

/// Reads the `embeds` of a body; `None` when there is no such field.
///
/// # Errors
/// 50035 with the path of the first text or list that is too long, of a field without name or value,
/// or of the description of an embed that shows nothing. White space around a text does not count.
pub(crate) fn embeds(object: &Map<String, Value>) -> Result<Option<Vec<Value>>, ApiError> {
    let Some(embeds) = fields::list(object, "embeds")? else {
        return Ok(None);
    };
    few_enough(embeds, EMBEDS_MAX, &["embeds"])?;
    let mut length = 0;
    let mut out = Vec::new();
    for (index, embed) in embeds.iter().enumerate() {
        let index = index.to_string();
        let (embed, its_length) = self::embed(embed, &index)?;
        length += its_length;
        out.push(embed);
    }
    if length > EMBEDS_TEXT_MAX {
        let message = format!("Embed size exceeds maximum size of {EMBEDS_TEXT_MAX}");
        let code = "MAX_EMBED_SIZE_EXCEEDED";
        return Err(ApiError::form(&["embeds"], code, &message));
    }
    Ok(Some(out))
}

/// Checks an embed; gives it as Discord stores it, and the length of its texts.
fn embed(embed: &Value, index: &str) -> Result<(Value, usize), ApiError> {
    let Some(object) = embed.as_object() else {
        let message = "Only dictionaries may be used in a DictType";
        return Err(ApiError::form(
            &["embeds", index],
            "DICT_TYPE_CONVERT",
            message,
        ));
    };
    let kept = stored(object);
    if !EMBED_PARTS.iter().any(|part| is_something(&kept[part])) {
        return Err(required(&["embeds", index, "description"]));
    }
    let mut length = embed_fields(&kept, index)?;
    for (keys, limit) in EMBED_TEXTS {
        let text = keys.iter().fold(&kept, |value, key| &value[key]);
        let path = [&["embeds", index], keys].concat();
        length += short_enough(text.as_str().unwrap_or(""), limit, &path)?;
    }
    Ok((kept, length))
}

/// The embed without what is null and without white space around its texts, its fields in full.
fn stored(object: &Map<String, Value>) -> Value {
    let mut kept = object.clone();
    kept.retain(|_, value| !value.is_null());
    kept.insert("type".to_owned(), json!("rich"));
    let mut kept = Value::from(kept);
    for (keys, _) in EMBED_TEXTS {
        kept.pointer_mut(&format!("/{}", keys.join("/"))).map(trim);
    }
    let fields = kept.get_mut("fields").and_then(Value::as_array_mut);
    let fields = fields.into_iter().flatten();
    for field in fields.filter_map(Value::as_object_mut) {
        for key in ["name", "value"] {
            field.get_mut(key).map(trim);
        }
        field.entry("inline").or_insert_with(|| json!(false));
    }
    kept
}

fn trim(text: &mut Value) {
    if let Value::String(text) = text {
        *text = text.trim().to_owned();
    }
}

fn is_something(part: &Value) -> bool {
    match part {
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        part => part.is_object(),
    }
}

fn required(path: &[&str]) -> ApiError {
    ApiError::form(path, "BASE_TYPE_REQUIRED", "This field is required")
}

fn embed_fields(embed: &Value, index: &str) -> Result<usize, ApiError> {
    let fields = embed["fields"].as_array().map_or(&[][..], Vec::as_slice);
    few_enough(fields, FIELDS_MAX, &["embeds", index, "fields"])?;
    let mut length = 0;
    for (place, field) in fields.iter().enumerate() {
        let place = place.to_string();
        for (key, limit) in [("name", 256), ("value", 1024)] {
            let path = ["embeds", index, "fields", &place, key];
            let text = field[key].as_str().unwrap_or("");
            if text.is_empty() {
                return Err(required(&path));
            }
            length += short_enough(text, limit, &path)?;
        }
    }
    Ok(length)
}
