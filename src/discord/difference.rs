//! How the command list that Discord has differs from the one that the modules declare.

use serde_json::Value;

use super::commands::{agrees, is_default, is_extra};

/// What syncing would do, by the names of commands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Declared, and not at Discord.
    pub(crate) missing: Vec<String>,
    /// At Discord, and otherwise than declared.
    pub(crate) changed: Vec<Changed>,
    /// At Discord, and not declared.
    pub(crate) extra: Vec<String>,
}

/// A command that is at Discord otherwise than it is declared.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) name: String,
    /// Each with what Discord has and what is declared: `options.user.required: nothing → true`.
    pub(crate) places: Vec<String>,
}

impl Difference {
    /// Between what is declared and what Discord has.
    pub(crate) fn between(ours: &[Value], theirs: &[Value]) -> Self {
        let find = |list: &[Value], name: &str| list.iter().find(|it| title(it) == name).cloned();
        let mut difference = Self::default();
        for our in ours {
            let name = title(our);
            match find(theirs, &name) {
                None => difference.missing.push(name),
                Some(their) if agrees(our, &their) => {}
                Some(their) => difference.changed.push(Changed {
                    places: places(our, &their),
                    name,
                }),
            }
        }
        let names = theirs.iter().map(title);
        let extra = names.filter(|name| find(ours, name).is_none());
        difference.extra = extra.collect();
        difference
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// As people see it: `/rank`, or an entry of a menu.
pub(crate) fn title(command: &Value) -> String {
    let name = command["name"].as_str().unwrap_or_default();
    match command["type"].as_u64() {
        Some(2) => format!("{name} (on a user)"),
        Some(3) => format!("{name} (on a message)"),
        _ => format!("/{name}"),
    }
}

fn places(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut places = Vec::new();
    note("", ours, theirs, &mut places);
    places
}

fn note(path: &str, ours: &Value, theirs: &Value, places: &mut Vec<String>) {
    if agrees(ours, theirs) {
        return;
    }
    match (ours, theirs) {
        (Value::Object(our), Value::Object(their)) => {
            for (key, value) in our {
                let inner = their.get(key).unwrap_or(&Value::Null);
                if !(is_default(value) && is_default(inner)) {
                    note(&below(path, key), value, inner, places);
                }
            }
            let extra = their
                .iter()
                .filter(|(key, value)| is_extra(our, key, value));
            places.extend(extra.map(|(key, value)| told(&below(path, key), &Value::Null, value)));
        }
        (Value::Array(our), Value::Array(their)) if our.len() == their.len() => {
            for (index, (our, their)) in our.iter().zip(their).enumerate() {
                let name = our["name"].as_str().map(str::to_owned);
                let name = name.unwrap_or_else(|| index.to_string());
                note(&below(path, &name), our, their, places);
            }
        }
        _ => places.push(told(path, ours, theirs)),
    }
}

fn below(path: &str, key: &str) -> String {
    match path.is_empty() {
        true => key.to_owned(),
        false => format!("{path}.{key}"),
    }
}

fn told(path: &str, ours: &Value, theirs: &Value) -> String {
    format!("{path}: {} → {}", brief(theirs), brief(ours))
}

fn brief(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(items) => format!("{} in all", items.len()),
        Value::Object(_) => "something else".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_difference_is_told_by_name() {
        let option = |required| json!({ "name": "user", "type": 6, "required": required });
        let ours = [
            json!({ "name": "rank", "description": "Where you stand", "options": [option(true)] }),
            json!({ "name": "same", "description": "Same" }),
            json!({ "name": "more", "options": [option(false), option(false)] }),
            json!({ "name": "new" }),
            json!({ "name": "Look", "type": 2 }),
        ];
        let theirs = [
            json!({ "id": "1", "name": "rank", "type": 1, "description": "Rank", "options": [option(false)] }),
            json!({ "id": "2", "name": "same", "type": 1, "description": "Same" }),
            json!({ "id": "3", "name": "more", "type": 1, "options": [option(false)] }),
            json!({ "id": "4", "name": "old", "type": 1 }),
            json!({ "id": "5", "name": "Look", "type": 3 }),
        ];
        let changed = |name: &str, places: &[&str]| Changed {
            name: name.to_owned(),
            places: places.iter().map(ToString::to_string).collect(),
        };
        let rank = [
            "description: \"Rank\" → \"Where you stand\"",
            "options.user.required: false → true",
        ];
        let expected = Difference {
            missing: vec!["/new".to_owned(), "Look (on a user)".to_owned()],
            changed: vec![
                changed("/rank", &rank),
                changed("/more", &["options: 1 in all → 2 in all"]),
            ],
            extra: vec!["/old".to_owned(), "Look (on a message)".to_owned()],
        };
        assert_eq!(Difference::between(&ours, &theirs), expected);
        assert!(Difference::between(&ours[1..2], &theirs[1..2]).is_empty());
    }

    #[test]
    fn what_discord_alone_has_is_told() {
        let theirs = json!({ "name": "rank", "default_member_permissions": "0" });
        let expected = "default_member_permissions: \"0\" → nothing";
        assert_eq!(places(&json!({ "name": "rank" }), &theirs), [expected]);
    }
}
