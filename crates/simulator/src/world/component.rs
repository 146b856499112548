//! Components of messages and forms as they are kept: a tree of JSON objects.

use serde_json::{Value, json};

use crate::error_codes::{ApiError, Fault};
use crate::snowflake::Snowflake;
use crate::world::message::{IS_LAYOUT, Message};
use crate::world::upload::Attachment;

/// Discord's numbers for the kinds.
pub(crate) mod kind {
    pub(crate) const ROW: u64 = 1;
    pub(crate) const BUTTON: u64 = 2;
    pub(crate) const STRING_SELECT: u64 = 3;
    pub(crate) const TEXT_INPUT: u64 = 4;
    pub(crate) const USER_SELECT: u64 = 5;
    pub(crate) const ROLE_SELECT: u64 = 6;
    pub(crate) const MENTIONABLE_SELECT: u64 = 7;
    pub(crate) const CHANNEL_SELECT: u64 = 8;
    pub(crate) const SECTION: u64 = 9;
    pub(crate) const TEXT: u64 = 10;
    pub(crate) const THUMBNAIL: u64 = 11;
    pub(crate) const GALLERY: u64 = 12;
    pub(crate) const FILE: u64 = 13;
    pub(crate) const SEPARATOR: u64 = 14;
    pub(crate) const CONTAINER: u64 = 17;
    pub(crate) const LABEL: u64 = 18;
    pub(crate) const FILE_UPLOAD: u64 = 19;
    pub(crate) const RADIO_GROUP: u64 = 21;
    pub(crate) const CHECKBOX_GROUP: u64 = 22;
    pub(crate) const CHECKBOX: u64 = 23;
}

/// Rows of a message that is no layout.
const ROWS_MAX: usize = 5;
/// Components of a layout, nested ones included.
const LAYOUT_MAX: usize = 40;
/// Characters in all texts of a layout.
const TEXT_MAX: usize = 4000;
/// Where a component keeps others.
const INSIDE: [&str; 3] = ["components", "accessory", "component"];
const ATTACHED: &str = "attachment://";

/// Every component of a tree, each before those in it.
pub(crate) fn all(components: &[Value]) -> Vec<&Value> {
    let mut found = Vec::new();
    for part in components {
        found.push(part);
        for key in INSIDE {
            match &part[key] {
                Value::Array(parts) => found.extend(all(parts)),
                Value::Null => {}
                one => found.extend(all(std::slice::from_ref(one))),
            }
        }
    }
    found
}

/// Does something with every component of a tree, each before those in it.
pub(crate) fn each(components: &mut [Value], act: &mut impl FnMut(&mut Value)) {
    for part in components {
        act(part);
        for key in INSIDE {
            match part.get_mut(key) {
                Some(Value::Array(parts)) => each(parts, act),
                Some(Value::Null) | None => {}
                Some(one) => each(std::slice::from_mut(one), act),
            }
        }
    }
}

/// The pictures and files that a component shows.
fn media(part: &mut Value) -> Vec<&mut Value> {
    match part["type"].as_u64() {
        Some(kind::THUMBNAIL) => part.get_mut("media").into_iter().collect(),
        Some(kind::FILE) => part.get_mut("file").into_iter().collect(),
        Some(kind::GALLERY) => {
            let items = part["items"].as_array_mut().into_iter().flatten();
            items.filter_map(|item| item.get_mut("media")).collect()
        }
        _ => Vec::new(),
    }
}

impl Message {
    /// Points what components show at the files that came along or are there; gives their ids.
    pub(super) fn show_in_components(&mut self, base_url: &str) -> Vec<Snowflake> {
        let (id, files) = (self.id, &self.attachments);
        let mut shown = Vec::new();
        each(&mut self.components, &mut |part| {
            for place in media(part) {
                let url = place["url"].as_str().unwrap_or("").to_owned();
                let name = url.strip_prefix(ATTACHED);
                let file = files.iter().find(|it| Some(it.name.as_str()) == name);
                match file {
                    Some(file) => {
                        *place = unfurled(file, base_url);
                        shown.push(file.id);
                    }
                    None if place["id"].is_null() => {
                        *place = json!({ "id": id, "url": url, "proxy_url": url });
                    }
                    None => {}
                }
            }
            if part["type"] == kind::FILE {
                let file = files
                    .iter()
                    .find(|it| part["file"]["attachment_id"] == json!(it.id));
                part["name"] = json!(file.map(|it| &it.name));
                part["size"] = json!(file.map(|it| it.size));
            }
        });
        shown
    }

    /// Whether what is in it may stand together.
    ///
    /// # Errors
    /// 50035 when it is a layout with parts of other messages, or the other way round; when it is
    /// too large; when it shows a file that is not there.
    pub(super) fn check_layout(&mut self) -> Result<(), ApiError> {
        match self.flags & IS_LAYOUT != 0 {
            true => self.check_as_layout()?,
            false => self.check_rows()?,
        }
        let mut dangling = false;
        each(&mut self.components, &mut |part| {
            let urls = media(part).into_iter();
            let mut urls = urls.filter_map(|it| it["url"].as_str());
            dangling |= urls.any(|url| url.starts_with(ATTACHED));
        });
        let (code, message) = (
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            "Referenced attachment not found",
        );
        match dangling {
            true => Err(ApiError::form(&["components"], code, message)),
            false => Ok(()),
        }
    }

    fn check_rows(&self) -> Result<(), ApiError> {
        let is_row = |part: &Value| part["type"] == kind::ROW;
        if let Some(index) = self.components.iter().position(|part| !is_row(part)) {
            return Err(wrong_kind(
                &["components", &index.to_string()],
                &[kind::ROW],
            ));
        }
        if self.components.len() > ROWS_MAX {
            let message = "Must be 5 or fewer in length.";
            return Err(ApiError::form(
                &["components"],
                "BASE_TYPE_BAD_LENGTH",
                message,
            ));
        }
        Ok(())
    }

    fn check_as_layout(&self) -> Result<(), ApiError> {
        let said = [
            ("content", !self.content.is_empty()),
            ("embeds", !self.embeds.is_empty()),
            ("poll", self.poll.is_some()),
            ("sticker_ids", !self.stickers.is_empty()),
        ];
        let said = said.iter().filter(|(_, is_said)| *is_said);
        let faults: Vec<_> = said.map(|(field, _)| legacy(field)).collect();
        if !faults.is_empty() {
            return Err(ApiError::form_of(faults));
        }
        let parts = all(&self.components);
        let texts = parts.iter().filter(|part| part["type"] == kind::TEXT);
        let texts = texts.filter_map(|part| part["content"].as_str());
        if texts.map(|text| text.chars().count()).sum::<usize>() > TEXT_MAX {
            let code = "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED";
            let message = "Total displayable text must be 4000 or fewer in length.";
            return Err(ApiError::form(&["components"], code, message));
        }
        if parts.len() > LAYOUT_MAX {
            let message = "Must be 40 or fewer in length.";
            return Err(ApiError::form(
                &["components"],
                "BASE_TYPE_BAD_LENGTH",
                message,
            ));
        }
        Ok(())
    }
}

/// 50035 at `path` for a component that may not stand there.
pub(crate) fn wrong_kind(path: &[&str], allowed: &[u64]) -> ApiError {
    let allowed: Vec<_> = allowed.iter().map(u64::to_string).collect();
    let message = format!(
        "Value of field \"type\" must be one of ({},).",
        allowed.join(", ")
    );
    ApiError::form(path, "UNION_TYPE_CHOICES", &message)
}

fn legacy(field: &str) -> Fault {
    let message =
        format!("The '{field}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2");
    let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
    Fault::new(&[field], code, &message)
}

fn unfurled(file: &Attachment, base_url: &str) -> Value {
    let url = format!("{base_url}{}", file.path);
    let mut object = json!({
        "id": file.id,
        "url": url,
        "proxy_url": url,
        "content_type": file.content_type,
        "attachment_id": file.id,
    });
    if let Some((width, height)) = file.dimensions {
        object["width"] = json!(width);
        object["height"] = json!(height);
    }
    object
}
