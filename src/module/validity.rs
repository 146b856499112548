//! What is wrong with commands that Discord would refuse, or that would do nothing here.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Command;

const SLASH: u64 = 1;

/// See Discord docs/Application Commands.
mod limits {
    pub(super) const NAME: usize = 32;
    pub(super) const DESCRIPTION: usize = 100;
    pub(super) const OPTIONS: usize = 25;
    pub(super) const CHOICES: usize = 25;
    pub(super) const CHOICE: usize = 100;
    /// Code points of all names, descriptions and values of a command.
    pub(super) const TOTAL: usize = 8_000;
    /// A group holds groups of commands, and no more.
    pub(super) const DEPTH: usize = 2;
}

/// See Discord docs/Reference, Locales.
const LOCALES: &str = "id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru \
    uk hi th zh-CN ja zh-TW ko";

/// Why it cannot work.
pub(super) fn fault(command: &Command) -> Option<String> {
    let refused = || built(command).find_map(|built| refused(&built, kind(&built) == SLASH));
    useless(command, 0).or_else(refused)
}

/// As Discord is told of it: as a slash command, and as an entry of a menu.
pub(super) fn built(command: &Command) -> impl Iterator<Item = Value> + use<> {
    let slash = command.create_as_slash_command();
    let menu = command.create_as_context_menu_command();
    let built = slash.into_iter().chain(menu);
    built.filter_map(|command| serde_json::to_value(command).ok())
}

/// Discord's number for what kind of command it is.
pub(super) fn kind(built: &Value) -> u64 {
    built["type"].as_u64().unwrap_or(SLASH)
}

/// What compiles and would do nothing.
fn useless(command: &Command, depth: usize) -> Option<String> {
    let is_used = command.slash_action.is_some() || command.context_menu_action.is_some();
    let attributes = [
        (command.prefix_action.is_some(), "prefix_command"),
        (!command.aliases.is_empty(), "aliases"),
        (command.invoke_on_edit, "track_edits or invoke_on_edit"),
        (command.track_deletion, "track_deletion"),
        (command.reuse_response, "reuse_response"),
        (command.broadcast_typing, "broadcast_typing"),
    ];
    if let Some((_, attribute)) = attributes.iter().find(|(is_set, _)| *is_set) {
        return Some(format!(
            "{attribute} is for text commands, which are not read here"
        ));
    }
    if !is_used {
        return Some("it is neither a slash_command nor a context_menu_command".to_owned());
    }
    if command.on_error.is_some() {
        return Some(
            "on_error is not called: return a UserError with what is to be said".to_owned(),
        );
    }
    if command.slash_action.is_some() && command.create_as_slash_command().is_none() {
        return Some("an option of it cannot be one of a slash command".to_owned());
    }
    if depth > limits::DEPTH {
        return Some("a group in a group holds commands only".to_owned());
    }
    let mut inner = command.subcommands.iter();
    inner.find_map(|inner| Some(format!("{}: {}", inner.name, useless(inner, depth + 1)?)))
}

/// What Discord would refuse.
fn refused(built: &Value, is_slash: bool) -> Option<String> {
    let total = texts(built);
    if total > limits::TOTAL {
        return Some(format!(
            "{total} code points in all, and Discord takes {}",
            limits::TOTAL
        ));
    }
    if !is_slash {
        return length_fault("the name", &built["name"], limits::NAME);
    }
    described(built)
}

/// A command or option, with what is in it.
fn described(built: &Value) -> Option<String> {
    let name = built["name"].as_str().unwrap_or_default();
    if !is_name(name) {
        return Some(format!(
            "{name:?} is no name: 1 to {} small letters, digits, - and _",
            limits::NAME
        ));
    }
    let description = format!("the description of {name}");
    let names = || translations_fault(name, &built["name_localizations"], name_fault);
    let descriptions = &built["description_localizations"];
    description_fault(&description, &built["description"])
        .or_else(names)
        .or_else(|| translations_fault(&description, descriptions, description_fault))
        .or_else(|| options_fault(name, list(built, "options")))
        .or_else(|| choices_fault(name, list(built, "choices")))
        .or_else(|| bounds_fault(name, built))
}

/// What is wrong with the translations of a name or description, each of which must be of a known language.
fn translations_fault(
    what: &str,
    translations: &Value,
    fault: impl Fn(&str, &Value) -> Option<String>,
) -> Option<String> {
    let mut translations = translations.as_object()?.iter();
    translations.find_map(|(locale, text)| {
        if !LOCALES.split(' ').any(|known| known == locale) {
            return Some(format!(
                "{what} is translated to {locale:?}, which is none of Discord's languages"
            ));
        }
        fault(&format!("{what} in {locale}"), text)
    })
}

fn name_fault(what: &str, name: &Value) -> Option<String> {
    (!name.as_str().is_some_and(is_name)).then(|| {
        format!(
            "{what}, {name}, is no name: 1 to {} small letters, digits, - and _",
            limits::NAME
        )
    })
}

fn description_fault(what: &str, text: &Value) -> Option<String> {
    length_fault(what, text, limits::DESCRIPTION)
}

fn bounds_fault(name: &str, option: &Value) -> Option<String> {
    if option["autocomplete"] == true && !list(option, "choices").is_empty() {
        return Some(format!(
            "{name} has choices and autocomplete, and Discord takes one of the two"
        ));
    }
    let pairs = [("min_value", "max_value"), ("min_length", "max_length")];
    let (least, most) = pairs.into_iter().find(|(least, most)| {
        option[*least].as_f64() > option[*most].as_f64().or(Some(f64::MAX))
    })?;
    Some(format!("{name} has a {least} that is above its {most}"))
}

fn options_fault(name: &str, options: &[Value]) -> Option<String> {
    if options.len() > limits::OPTIONS {
        return Some(format!(
            "{name} has {} options or subcommands, and Discord takes {}",
            options.len(),
            limits::OPTIONS
        ));
    }
    let mut names = BTreeSet::new();
    let mut is_optional = false;
    for option in options {
        let inner = option["name"].as_str().unwrap_or_default();
        if !names.insert(inner) {
            return Some(format!("{name} has two of the name {inner}"));
        }
        let is_required = option["required"] == true;
        if is_optional && is_required {
            return Some(format!(
                "{inner} must be given, and stands after one that need not"
            ));
        }
        is_optional |= !is_required;
        if let Some(fault) = described(option) {
            return Some(fault);
        }
    }
    None
}

fn choices_fault(name: &str, choices: &[Value]) -> Option<String> {
    if choices.len() > limits::CHOICES {
        return Some(format!(
            "{name} has {} choices, and Discord takes {}",
            choices.len(),
            limits::CHOICES
        ));
    }
    let mut names = BTreeSet::new();
    let mut all = choices.iter().map(|choice| choice["name"].as_str());
    if let Some(twice) = all.find(|it| !names.insert(*it)).flatten() {
        return Some(format!("{name} has two choices of the name {twice:?}"));
    }
    let what = format!("a choice of {name}");
    let mut choices = choices.iter();
    choices.find_map(|choice| length_fault(&what, &choice["name"], limits::CHOICE))
}

fn list<'v>(built: &'v Value, key: &str) -> &'v [Value] {
    built[key].as_array().map_or(&[], Vec::as_slice)
}

fn length_fault(what: &str, text: &Value, most: usize) -> Option<String> {
    let length = text.as_str().unwrap_or_default().chars().count();
    (length == 0 || length > most)
        .then(|| format!("{what} has {length} code points, and Discord takes 1 to {most}"))
}

/// Letters of alphabets that know no case are small ones.
fn is_name(name: &str) -> bool {
    let is_fine =
        |c: char| matches!(c, '-' | '_' | '\'') || c.is_alphanumeric() && c.to_lowercase().eq([c]);
    (1..=limits::NAME).contains(&name.chars().count()) && name.chars().all(is_fine)
}

fn texts(built: &Value) -> usize {
    let own = ["name", "description", "value"];
    let own = own.iter().filter_map(|key| built[key].as_str());
    let own: usize = own.map(|text| text.chars().count()).sum();
    let inner = ["options", "choices"]
        .iter()
        .flat_map(|key| list(built, key));
    own + inner.map(texts).sum::<usize>()
}

#[cfg(test)]
pub(super) mod tests {
    use poise::command;

    use super::*;
    use crate::{error::Result, module::Context};

    /// Fine.
    #[command(slash_command, context_menu_command = "Look Closely")]
    pub(in crate::module) async fn fine(
        ctx: Context<'_>,
        message: serenity::model::channel::Message,
    ) -> Result<()> {
        drop((ctx, message));
        Ok(())
    }

    /// Text only.
    #[command(prefix_command)]
    async fn text(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Also text.
    #[command(slash_command, prefix_command)]
    async fn both(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    /// Loud.
    #[command(slash_command, rename = "LOUD")]
    async fn loud(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    /// As nobody but a program would write it: poise measures what stands in an attribute.
    fn wordy() -> Command {
        let mut wordy = fine();
        wordy.description = Some("x".repeat(101).into());
        wordy
    }

    /// A group.
    #[command(slash_command, subcommands("both"))]
    async fn group(_ctx: Context<'_>) -> Result<()> {
        Ok(())
    }

    #[test]
    fn what_cannot_work_is_told_by_name() {
        for (command, expected) in [
            (text(), "prefix_command"),
            (both(), "prefix_command"),
            (loud(), "\"LOUD\" is no name"),
            (wordy(), "the description of fine has"),
            (group(), "both: prefix_command"),
        ] {
            let fault = fault(&command).unwrap_or_default();
            assert!(fault.contains(expected), "{}: {fault}", command.name);
        }
        assert_eq!(fault(&fine()), None);
    }

    fn option_fault(changes: &Value) -> String {
        let mut option = serde_json::json!({ "name": "what", "description": "What", "type": 3 });
        let object = option.as_object_mut().unwrap();
        object.extend(changes.as_object().unwrap().clone());
        described(&option).unwrap_or_default()
    }

    #[test]
    fn what_an_option_says_fits_together() {
        use serde_json::json;
        let one = json!({ "name": "a", "value": "a" });
        for (changes, expected) in [
            (json!({}), ""),
            (json!({ "min_value": 1, "max_value": 1 }), ""),
            (json!({ "min_length": 2 }), ""),
            (json!({ "autocomplete": true, "choices": [] }), ""),
            (
                json!({ "autocomplete": true, "choices": [one] }),
                "choices and autocomplete",
            ),
            (
                json!({ "choices": [one, one] }),
                "two choices of the name \"a\"",
            ),
            (
                json!({ "min_value": 2, "max_value": 1 }),
                "min_value that is above its max_value",
            ),
            (
                json!({ "min_length": 2, "max_length": 1 }),
                "min_length that is above",
            ),
            (
                json!({ "name_localizations": { "de": "LAUT UND" } }),
                "what in de, \"LAUT UND\", is no name",
            ),
            (json!({ "name_localizations": { "de": "was" } }), ""),
            (
                json!({ "name_localizations": { "de-AT": "was" } }),
                "what is translated to \"de-AT\", which is none of Discord's languages",
            ),
            (
                json!({ "description_localizations": { "ja": "" } }),
                "the description of what in ja has 0 code points",
            ),
        ] {
            let fault = option_fault(&changes);
            assert!(fault.contains(expected), "{changes}: {fault}");
            assert_eq!(fault.is_empty(), expected.is_empty(), "{changes}: {fault}");
        }
    }

    #[test]
    fn a_name_is_of_small_letters_of_any_alphabet() {
        for (name, expected) in [
            ("rank", true),
            ("mé_so-2", true),
            ("名前", true),
            ("Rank", false),
            ("two words", false),
            ("", false),
            (&"x".repeat(33), false),
        ] {
            assert_eq!(is_name(name), expected, "{name}");
        }
    }
}
