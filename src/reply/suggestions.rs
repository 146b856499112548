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
