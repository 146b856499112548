//! Components of a body, held against Discord's limits: those of messages here, those of forms in
//! [`form`].

pub(super) mod form;
mod parts;
mod select;

use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

use crate::error_codes::ApiError;
use crate::rest::components::parts::{button, file, gallery, separator, text, thumbnail};
use crate::rest::components::select::select;
use crate::rest::fields::{self, Rule, short_enough};
use crate::world::component::{self, kind, wrong_kind};

/// What may stand at the top of a message.
const OUTSIDE: &[u64] = &[
    kind::ROW,
    kind::SECTION,
    kind::TEXT,
    kind::GALLERY,
    kind::FILE,
    kind::SEPARATOR,
    kind::CONTAINER,
];
const IN_CONTAINER: &[u64] = &[
    kind::ROW,
    kind::SECTION,
    kind::TEXT,
    kind::GALLERY,
    kind::FILE,
    kind::SEPARATOR,
];
const IN_ROW: &[u64] = &[
    kind::BUTTON,
    kind::STRING_SELECT,
    kind::USER_SELECT,
    kind::ROLE_SELECT,
    kind::MENTIONABLE_SELECT,
    kind::CHANNEL_SELECT,
];

/// Reads the `components` of a message; `None` when there is no such field. Whether they may stand
/// together is for [`Message`](crate::world::message::Message) to say.
///
/// # Errors
/// 50035 with the path of the first fault.
pub(crate) fn components(object: &Map<String, Value>) -> Result<Option<Vec<Value>>, ApiError> {
    let Some(parts) = fields::list(object, "components")? else {
        return Ok(None);
    };
    let mut reading = Reading::default();
    for (index, part) in parts.iter().enumerate() {
        reading.part(part, &["components", &index.to_string()], OUTSIDE)?;
    }
    Ok(Some(completed(parts)))
}

/// What was met so far.
#[derive(Default)]
struct Reading<'a> {
    custom_ids: Vec<&'a str>,
}

impl<'a> Reading<'a> {
    /// Looks at one component and those in it.
    fn part(&mut self, part: &'a Value, path: &[&str], allowed: &[u64]) -> Result<(), ApiError> {
        let found = part["type"].as_u64().filter(|it| allowed.contains(it));
        match found.ok_or_else(|| wrong_kind(path, allowed))? {
            kind::ROW => self.row(part, path)?,
            kind::BUTTON => button(part, path)?,
            kind::SECTION => self.section(part, path)?,
            kind::TEXT => text(part, path)?,
            kind::THUMBNAIL => thumbnail(part, path)?,
            kind::GALLERY => gallery(part, path)?,
            kind::FILE => file(part, path)?,
            kind::SEPARATOR => separator(part, path)?,
            kind::CONTAINER => self.container(part, path)?,
            _ => select(part, path)?,
        }
        self.name(part, path)
    }

    /// No two components have the same name.
    fn name(&mut self, part: &'a Value, path: &[&str]) -> Result<(), ApiError> {
        let Some(id) = part["custom_id"].as_str() else {
            return Ok(());
        };
        let path = [path, &["custom_id"]].concat();
        short_enough(id, 100, &path)?;
        if self.custom_ids.contains(&id) {
            let message = "Component custom id cannot be duplicated";
            return Err(ApiError::form(
                &path,
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                message,
            ));
        }
        self.custom_ids.push(id);
        Ok(())
    }

    fn row(&mut self, part: &'a Value, path: &[&str]) -> Result<(), ApiError> {
        fields::checked_at(path, part, &[TYPE, ID, ("components", Rule::Any)])?;
        let inner = part["components"].as_array().map_or(&[][..], Vec::as_slice);
        let is_menu = inner.iter().any(|it| it["type"] != kind::BUTTON);
        self.inside(part, path, 1..=if is_menu { 1 } else { 5 }, IN_ROW)
    }

    fn section(&mut self, part: &'a Value, path: &[&str]) -> Result<(), ApiError> {
        let rules = [
            TYPE,
            ID,
            ("components", Rule::Any),
            ("accessory", Rule::Any),
        ];
        fields::checked_at(path, part, &rules)?;
        self.inside(part, path, 1..=3, &[kind::TEXT])?;
        let beside = [path, &["accessory"]].concat();
        self.part(
            &part["accessory"],
            &beside,
            &[kind::BUTTON, kind::THUMBNAIL],
        )
    }

    fn container(&mut self, part: &'a Value, path: &[&str]) -> Result<(), ApiError> {
        let rules = [
            TYPE,
            ID,
            ("components", Rule::Any),
            ("accent_color", Rule::Number(0, 0xff_ffff)),
            ("spoiler", Rule::Flag),
        ];
        fields::checked_at(path, part, &rules)?;
        self.inside(part, path, 1..=40, IN_CONTAINER)
    }

    /// The `components` of a component: so many, each of an allowed kind.
    fn inside(
        &mut self,
        part: &'a Value,
        path: &[&str],
        count: RangeInclusive<usize>,
        allowed: &[u64],
    ) -> Result<(), ApiError> {
        let path = [path, &["components"]].concat();
        let parts = part["components"].as_array().map_or(&[][..], Vec::as_slice);
        if !count.contains(&parts.len()) {
            let (least, most) = count.into_inner();
            let message = format!("Must be between {least} and {most} in length.");
            return Err(ApiError::form(&path, "BASE_TYPE_BAD_LENGTH", &message));
        }
        for (index, part) in parts.iter().enumerate() {
            self.part(part, &[&path[..], &[&index.to_string()]].concat(), allowed)?;
        }
        Ok(())
    }
}

const TYPE: (&str, Rule) = ("type", Rule::Any);
const ID: (&str, Rule) = ("id", Rule::Number(0, i32::MAX as u64));

/// Gives every component that has no id the next free number, as Discord does, and says what was
/// left unsaid.
fn completed(parts: &[Value]) -> Vec<Value> {
    let mut parts = parts.to_vec();
    let given = component::all(&parts);
    let given: Vec<_> = given.iter().filter_map(|it| it["id"].as_u64()).collect();
    let mut last = 0;
    component::each(&mut parts, &mut |part| {
        if part["id"].as_u64().unwrap_or(0) == 0 {
            last = (last + 1..).find(|it| !given.contains(it)).unwrap_or(last);
            part["id"] = json!(last);
        }
        if let Some(fields) = part.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
        let items = part["items"].as_array_mut();
        items
            .into_iter()
            .flatten()
            .for_each(|item| complete(item, &SHOWN));
        complete(part, unsaid(part["type"].as_u64().unwrap_or(0)));
        if part["items"].is_null()
            && let Some(fields) = part.as_object_mut()
        {
            fields.remove("items");
        }
    });
    parts
}

/// What a picture is without further words.
const SHOWN: [(&str, Value); 2] = [
    ("description", Value::Null),
    ("spoiler", Value::Bool(false)),
];

fn unsaid(of: u64) -> &'static [(&'static str, Value)] {
    const HIDDEN: (&str, Value) = ("spoiler", Value::Bool(false));
    match of {
        kind::THUMBNAIL => &SHOWN,
        kind::FILE => &[HIDDEN],
        kind::CONTAINER => &[("accent_color", Value::Null), HIDDEN],
        kind::SEPARATOR => &[("divider", Value::Bool(true))],
        _ => &[],
    }
}

fn complete(part: &mut Value, unsaid: &[(&str, Value)]) {
    for (key, value) in unsaid {
        if part[*key].is_null() {
            part[*key] = value.clone();
        }
    }
    let numbers: &[_] = match part["type"].as_u64() {
        Some(kind::SEPARATOR) => &["spacing"],
        Some(kind::STRING_SELECT | kind::USER_SELECT..=kind::CHANNEL_SELECT) => {
            &["min_values", "max_values"]
        }
        _ => &[],
    };
    for key in numbers {
        if part[*key].is_null() {
            part[*key] = json!(1);
        }
    }
}
