//! Embeds, held against Discord's limits.

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::fields::{self, few_enough, short_enough};

const EMBEDS_MAX: usize = 10;
const FIELDS_MAX: usize = 25;
/// All texts of all embeds of a message together.
const EMBEDS_TEXT_MAX: usize = 6000;

const EMBED_TEXTS: [(&str, usize); 2] = [("title", 256), ("description", 4096)];

/// Reads the `embeds` of a body; `None` when there is no such field.
///
/// # Errors
/// 50035 with the path of the first text or list that is too long, or of a field without name or
/// value.
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
    let mut length = 0;
    for (key, limit) in EMBED_TEXTS {
        let text = embed[key].as_str().unwrap_or("");
        length += short_enough(text, limit, &["embeds", index, key])?;
    }
    let footer = embed["footer"]["text"].as_str().unwrap_or("");
    length += short_enough(footer, 2048, &["embeds", index, "footer", "text"])?;
    let author = embed["author"]["name"].as_str().unwrap_or("");
    length += short_enough(author, 256, &["embeds", index, "author", "name"])?;
    length += embed_fields(embed, index)?;
    let mut kept = object.clone();
    kept.retain(|_, value| !value.is_null());
    kept.insert("type".to_owned(), json!("rich"));
    Ok((kept.into(), length))
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
                let message = "This field is required";
                return Err(ApiError::form(&path, "BASE_TYPE_REQUIRED", message));
            }
            length += short_enough(text, limit, &path)?;
        }
    }
    Ok(length)
}
