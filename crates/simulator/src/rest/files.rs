//! The `attachments` of a body, and the files that they name.

use serde_json::{Map, Value};

use crate::error_codes::ApiError;
use crate::rest::body::File;
use crate::rest::fields::{self, few_enough, short_enough};
use crate::snowflake::Snowflake;
use crate::world::upload::NewFile;

const FILES_MAX: usize = 10;
/// 10 MiB: what everybody may upload.
const FILE_MAX: usize = 10 * 1024 * 1024;

/// What becomes of the attachments of a message.
pub(crate) struct Files {
    pub(crate) new: Vec<NewFile>,
    /// Those that stay; `None` when the body does not say.
    pub(crate) kept: Option<Vec<Snowflake>>,
}

/// Reads which files are new and which stay. A file that is not named is new too.
///
/// # Errors
/// 40005 for a file that is too large; 50035 for too many, or an entry that names no file.
pub(crate) fn of(object: &Map<String, Value>, files: &[File]) -> Result<Files, ApiError> {
    if files.iter().any(|file| file.bytes.len() > FILE_MAX) {
        return Err(ApiError::too_large());
    }
    let named = fields::list(object, "attachments")?;
    few_enough(named.unwrap_or_default(), FILES_MAX, &["attachments"])?;
    let (mut descriptions, mut kept) = (Vec::new(), Vec::new());
    for (index, entry) in named.unwrap_or_default().iter().enumerate() {
        let index = index.to_string();
        let known = ["id", "filename", "description"];
        let known = fields::object(entry, &[&known[..], &KEPT_AS_THEY_ARE].concat())?;
        let id = match &entry["id"] {
            Value::String(id) => id.parse().ok(),
            id => id.as_u64(),
        };
        let path = ["attachments", &index, "id"];
        let missing = || ApiError::form(&path, "BASE_TYPE_REQUIRED", "This field is required");
        let id = id.ok_or_else(missing)?;
        let description = fields::string(known, "description")?;
        short_enough(
            description.unwrap_or(""),
            1024,
            &["attachments", &index, "description"],
        )?;
        if files.iter().any(|file| file.number == id) {
            let name = fields::string(known, "filename")?;
            descriptions.push((id, name, description));
        } else if id < 100 {
            let message = "Attachment data was not sent with the request";
            return Err(ApiError::form(&path, "ATTACHMENT_NOT_FOUND", message));
        } else {
            kept.push(Snowflake::new(id));
        }
    }
    let new = files.iter().map(|file| {
        let named = descriptions.iter().find(|(id, _, _)| *id == file.number);
        let mut file = file.clone();
        if let Some((_, Some(name), _)) = named {
            (*name).clone_into(&mut file.name);
        }
        NewFile {
            file,
            description: named.and_then(|(_, _, it)| it.map(str::to_owned)),
        }
    });
    let new: Vec<_> = new.collect();
    if new.len() + kept.len() > FILES_MAX {
        let message = "Must be 10 or fewer in length.";
        return Err(ApiError::form(
            &["attachments"],
            "BASE_TYPE_BAD_LENGTH",
            message,
        ));
    }
    Ok(Files {
        new,
        kept: named.map(|_| kept),
    })
}

/// Libraries send back attachments that stay as they got them.
const KEPT_AS_THEY_ARE: [&str; 9] = [
    "size",
    "url",
    "proxy_url",
    "content_type",
    "width",
    "height",
    "ephemeral",
    "flags",
    "title",
];
