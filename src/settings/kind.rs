//! What values a setting accepts, in which words, and how they are shown.

use chrono_tz::TZ_VARIANTS;

/// The type of a setting. Values are kept as text, each in one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `on` or `off`.
    Bool,
    /// A whole number within bounds.
    Integer {
        /// The lowest.
        least: i64,
        /// The highest.
        most: i64,
    },
    /// A text of so many code points at most, and at least one.
    Text {
        /// The length of the longest.
        most: usize,
    },
    /// A channel of the guild.
    Channel,
    /// A role of the guild.
    Role,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A time zone by its IANA name.
    Zone,
}

/// Words for yes and no, the first of each the one that is kept.
const YES: [&str; 4] = ["on", "true", "yes", "1"];
const NO: [&str; 4] = ["off", "false", "no", "0"];

impl Kind {
    /// The text that is kept for what somebody gave; an error says what was expected.
    pub fn read(&self, given: &str) -> Result<String, String> {
        let given = given.trim();
        let kept = match self {
            Self::Bool => bool_of(given).map(|on| if on { YES[0] } else { NO[0] }.to_owned()),
            Self::Integer { least, most } => given
                .parse()
                .ok()
                .filter(|number: &i64| (least..=most).contains(&number))
                .map(|number| number.to_string()),
            Self::Text { most } => {
                let fits = (1..=*most).contains(&given.chars().count());
                fits.then(|| given.to_owned())
            }
            Self::Channel => id_of(given, "<#"),
            Self::Role => id_of(given, "<@&"),
            Self::Choice(choices) => {
                let named = |choice: &&&str| choice.eq_ignore_ascii_case(given);
                choices.iter().find(named).map(ToString::to_string)
            }
            Self::Zone => {
                let mut names = TZ_VARIANTS.iter().map(|zone| zone.name());
                let named = names.find(|name| name.eq_ignore_ascii_case(given));
                named.map(str::to_owned)
            }
        };
        kept.ok_or_else(|| self.expected())
    }

    /// What is accepted, to be read after “expected”.
    pub fn expected(&self) -> String {
        match self {
            Self::Bool => "`on` or `off`".to_owned(),
            Self::Integer { least, most } => format!("a whole number from {least} to {most}"),
            Self::Text { most } => format!("a text of 1 to {most} characters"),
            Self::Channel => "a channel of this server, such as `#general`".to_owned(),
            Self::Role => "a role of this server, such as `@helpers`".to_owned(),
            Self::Choice(choices) => format!("one of `{}`", choices.join("`, `")),
            Self::Zone => "a time zone such as `Europe/Prague`".to_owned(),
        }
    }

    /// A kept text, as people read it.
    pub fn shown(&self, kept: &str) -> String {
        match self {
            _ if kept.is_empty() => "none".to_owned(),
            Self::Channel => format!("<#{kept}>"),
            Self::Role => format!("<@&{kept}>"),
            _ => format!("`{kept}`"),
        }
    }

    /// Values to be suggested: all, or the ends of a range; none where nothing is known beforehand.
    pub fn values(&self) -> Vec<String> {
        match self {
            Self::Bool => vec![YES[0].to_owned(), NO[0].to_owned()],
            Self::Integer { least, most } => vec![least.to_string(), most.to_string()],
            Self::Choice(choices) => choices.iter().map(ToString::to_string).collect(),
            Self::Zone => TZ_VARIANTS
                .iter()
                .map(|zone| zone.name().to_owned())
                .collect(),
            Self::Text { .. } | Self::Channel | Self::Role => Vec::new(),
        }
    }
}

/// Whether this word means yes or no.
pub(super) fn bool_of(word: &str) -> Option<bool> {
    let is = |words: [&str; 4]| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    match (is(YES), is(NO)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// The digits of an id, bare or as a mention.
fn id_of(given: &str, before: &str) -> Option<String> {
    let bare = given
        .strip_prefix(before)
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(given);
    let id: u64 = bare.parse().ok().filter(|id| *id > 0)?;
    Some(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, given: &str, expected: Result<&str, &str>) {
        let found = kind.read(given);
        assert_eq!(
            found.as_deref().map_err(String::as_str),
            expected,
            "{given}"
        );
    }

    #[test]
    fn a_value_has_one_spelling_and_a_wrong_one_is_told_what_was_expected() {
        for (given, kept) in [("ON", "on"), ("yes", "on"), (" false ", "off")] {
            check(Kind::Bool, given, Ok(kept));
        }
        check(Kind::Bool, "maybe", Err("`on` or `off`"));
        let number = Kind::Integer { least: 1, most: 25 };
        check(number, "007", Ok("7"));
        for given in ["0", "26", "1.5", "", "99999999999999999999"] {
            check(number, given, Err("a whole number from 1 to 25"));
        }
        let text = Kind::Text { most: 3 };
        check(text, " 🦀🦀🦀 ", Ok("🦀🦀🦀"));
        check(text, "four", Err("a text of 1 to 3 characters"));
        check(text, "  ", Err("a text of 1 to 3 characters"));
        check(Kind::Channel, "<#42>", Ok("42"));
        check(Kind::Role, "<@&42>", Ok("42"));
        let role = "a role of this server, such as `@helpers`";
        check(Kind::Role, "<#42>", Err(role));
        let choice = Kind::Choice(&["daily", "weekly"]);
        check(choice, "Weekly", Ok("weekly"));
        check(choice, "hourly", Err("one of `daily`, `weekly`"));
        check(Kind::Zone, "europe/prague", Ok("Europe/Prague"));
        check(
            Kind::Zone,
            "Mars/Olympus",
            Err("a time zone such as `Europe/Prague`"),
        );
    }

    #[test]
    fn what_is_kept_reads_as_itself() {
        let kinds = [
            (Kind::Bool, "yes"),
            (Kind::Integer { least: -9, most: 9 }, "-7"),
            (Kind::Text { most: 10 }, "a b"),
            (Kind::Channel, "<#7>"),
            (Kind::Role, "7"),
            (Kind::Choice(&["a"]), "A"),
            (Kind::Zone, "utc"),
        ];
        for (kind, given) in kinds {
            let kept = kind.read(given).unwrap();
            assert_eq!(kind.read(&kept), Ok(kept.clone()), "{kind:?}");
        }
    }

    #[test]
    fn values_are_there_to_be_suggested() {
        assert!(Kind::Zone.values().contains(&"Europe/Prague".to_owned()));
        assert_eq!(Kind::Bool.values(), ["on", "off"]);
        assert_eq!(Kind::Integer { least: 1, most: 25 }.values(), ["1", "25"]);
        assert!(Kind::Channel.values().is_empty());
    }
}
