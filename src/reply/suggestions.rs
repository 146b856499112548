//! What is offered while somebody types an option.

use serenity::builder::{AutocompleteChoice, CreateAutocompleteResponse};

use super::{is_blank, length, limits, shorten};

/// The first 25 suggestions, each a label to be read and a value to be sent.
///
/// Labels are shortened to 100 code points. A value is never changed, for it would mean something else:
/// a suggestion whose value is empty or longer than 100 is left out.
pub fn suggestions(
    suggested: impl IntoIterator<Item = (String, String)>,
) -> CreateAutocompleteResponse {
    let usable = suggested.into_iter().filter(|(label, value)| {
        !is_blank(label) && !is_blank(value) && length(value) <= limits::SUGGESTION
    });
    let choices = usable
        .take(limits::SUGGESTIONS)
        .map(|(label, value)| AutocompleteChoice::new(shorten(&label, limits::SUGGESTION), value));
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}

/// As [`suggestions`], of those that have in them what was typed, in whatever case: what is just that comes first,
/// then what begins with it, then the others, each in the order given.
pub fn completions(
    typed: &str,
    all: impl IntoIterator<Item = (String, String)>,
) -> CreateAutocompleteResponse {
    let typed = typed.trim().to_lowercase();
    let ranked = all.into_iter().filter_map(|(label, value)| {
        let ranks = [&label, &value].map(|text| rank(&text.to_lowercase(), &typed));
        let best = ranks.into_iter().flatten().min()?;
        Some((best, (label, value)))
    });
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    suggestions(ranked.into_iter().map(|(_, pair)| pair))
}

/// How well a text answers what was typed, 0 the best; `None` when it does not have it.
fn rank(text: &str, typed: &str) -> Option<u8> {
    match text.find(typed)? {
        0 if text.len() == typed.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}
