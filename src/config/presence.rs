//! What people see of the bot: `BOT_STATUS`, `BOT_ACTIVITY`, `BOT_AFK` and `BOT_IDLE_SINCE`.

use chrono::{DateTime, Utc};
use serenity::{gateway::ActivityData, model::user::OnlineStatus};

use super::{Problems, Variables, table};

/// What people see of the bot. Default: plainly online.
///
/// See Discord docs/Gateway Events/Update Presence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Online, idle, do not disturb or invisible.
    pub status: OnlineStatus,
    /// What the bot is doing, if anything.
    pub activity: Option<ActivityData>,
    /// Whether it counts as away.
    pub is_afk: bool,
    /// Since when it is idle.
    pub idle_since: Option<DateTime<Utc>>,
}

/// The verbs that Discord has for what somebody does; any other text is a status of one's own.
const VERBS: [(&str, Build); 4] = [
    ("playing ", |what| ActivityData::playing(what)),
    ("listening to ", |what| ActivityData::listening(what)),
    ("watching ", |what| ActivityData::watching(what)),
    ("competing in ", |what| ActivityData::competing(what)),
];

type Build = fn(&str) -> ActivityData;

impl Presence {
    /// Reads the four variables.
    ///
    /// # Errors
    /// Every problem found.
    pub(super) fn read(variables: &Variables) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let status = problems.keep(variables.read(&table::BOT_STATUS)).flatten();
        let activity = problems
            .keep(variables.read(&table::BOT_ACTIVITY))
            .flatten();
        let is_afk = problems.keep(variables.read(&table::BOT_AFK)).flatten();
        let idle_since = problems.keep(variables.read(&table::BOT_IDLE_SINCE));
        problems.into_result()?;
        Ok(Self {
            status: status.unwrap_or_default(),
            activity,
            is_afk: is_afk.unwrap_or_default(),
            idle_since: idle_since.flatten(),
        })
    }

    /// `playing chess`, `listening to …`, `watching …`, `competing in …`; any other text is a status of the bot's own.
    #[must_use]
    pub fn activity(text: &str) -> ActivityData {
        let mut verbs = VERBS.iter();
        let known = verbs.find_map(|(verb, build)| {
            let start = text.get(..verb.len())?;
            let is_verb = start.eq_ignore_ascii_case(verb);
            is_verb.then(|| build(text[verb.len()..].trim_start()))
        });
        known.unwrap_or_else(|| ActivityData::custom(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_activity_is_read_by_its_verb() {
        for (text, expected) in [
            ("playing chess", ActivityData::playing("chess")),
            ("Listening to you", ActivityData::listening("you")),
            ("watching the clock", ActivityData::watching("the clock")),
            ("competing in a race", ActivityData::competing("a race")),
            ("counting XP", ActivityData::custom("counting XP")),
            ("playing", ActivityData::custom("playing")),
            ("žij", ActivityData::custom("žij")),
        ] {
            assert_eq!(Presence::activity(text), expected, "{text}");
        }
    }
}
