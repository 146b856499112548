//! A time during which somebody takes part, in whole weeks.

use super::week::Week;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stint {
    pub(super) first: Week,
    /// `None` while they take part.
    pub(super) last: Option<Week>,
}

impl Stint {
    pub(super) fn counts(&self, week: Week) -> bool {
        self.first <= week && self.last.is_none_or(|last| week <= last)
    }
}

/// Why a week does not count for whoever has these stints, oldest first; `None` when it does.
pub(super) fn refusal(stints: &[Stint], week: Week) -> Option<String> {
    if stints.iter().any(|stint| stint.counts(week)) {
        return None;
    }
    Some(match stints.last() {
        None => "You do not take part yet: `/challenge join` does.".to_owned(),
        Some(Stint { first, last: None }) => format!(
            "Your first week is {first}, from Monday, {}, on: nothing counts before it.",
            first.monday()
        ),
        Some(Stint {
            last: Some(last), ..
        }) => format!("{last} was your last week: `/challenge join` takes part again."),
    })
}
