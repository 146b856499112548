//! Names that look like settings and are none.

use std::fmt;

use super::{BotName, Scope, TABLE, table::names};

/// What every name of ours or of Discord's begins with.
const PREFIXES: [&str; 3] = ["DISCORD_", "COGSMITH_", "BOT_"];
/// Read by the simulator, for the tests of this project.
const OTHERS: [&str; 1] = ["DISCORD_OPENAPI"];
/// From 0, nothing in common, to 1, the same.
const ALIKE: f64 = 0.7;
const NEARLY_THE_SAME: f64 = 0.93;

/// A name that was given and that nothing reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The name given.
    pub name: String,
    /// Where it was given.
    pub place: String,
    /// The known name that is most like it, if one is.
    pub nearest: Option<String>,
}

impl Unknown {
    /// A name that has our prefix or that of a bot, or nearly is the name of a setting, and is none.
    pub(super) fn from(name: &str, place: &str, bots: &[BotName]) -> Option<Self> {
        if names().any(|known| known == name) || OTHERS.contains(&name) {
            return None;
        }
        let own = bots.iter().map(BotName::prefix);
        let own = own.filter_map(|prefix| Some((name.strip_prefix(&prefix)?, prefix)));
        if let Some((rest, prefix)) = own.max_by_key(|(_, prefix)| prefix.len()) {
            return Self::of_bot(name, place, rest, &prefix);
        }
        let (nearest, likeness) = nearest(name);
        let has_prefix = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        (has_prefix || likeness >= NEARLY_THE_SAME).then(|| Self {
            name: name.to_owned(),
            place: place.to_owned(),
            nearest: (likeness >= ALIKE).then(|| nearest.to_owned()),
        })
    }

    /// Of `ALPHA_` and `rest`: what is nearly the name of a setting that a bot may have, or that of a setting of the
    /// process.
    fn of_bot(name: &str, place: &str, rest: &str, prefix: &str) -> Option<Self> {
        let row = |known: &str| TABLE.iter().find(|row| row.names().any(|it| it == known));
        let named = |known: &str| match row(known).map(|row| row.scope) {
            Some(Scope::Process) => known.to_owned(),
            _ => format!("{prefix}{known}"),
        };
        if row(rest).is_some_and(|row| row.scope == Scope::Bot) {
            return None;
        }
        let (nearest, likeness) = nearest(rest);
        Some(Self {
            name: name.to_owned(),
            place: place.to_owned(),
            nearest: (likeness >= ALIKE).then(|| named(nearest)),
        })
    }
}

fn nearest(name: &str) -> (&'static str, f64) {
    let bare = name.strip_prefix("COGSMITH_").unwrap_or(name);
    let likeness = |known: &'static str| (known, strsim::jaro_winkler(bare, known));
    let nearest = names()
        .map(likeness)
        .max_by(|(_, one), (_, other)| one.total_cmp(other));
    nearest.expect("there are variables")
}

impl fmt::Display for Unknown {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, place, .. } = self;
        write!(out, "{name} ({place}) is not a setting and has no effect")?;
        match &self.nearest {
            Some(nearest) => write!(out, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_nearly_a_setting_is_told_with_the_one_that_may_be_meant() {
        for (name, expected) in [
            ("DISCORD_TOKN", Some(Some("DISCORD_TOKEN"))),
            ("COGSMITH_DRAIN_SECONDS", Some(Some("DRAIN_SECONDS"))),
            ("DISCORD_QQQQQQQQQQQQQQQQQQQQQQQQQQQQ", Some(None)),
            ("DATABSE_URL", Some(Some("DATABASE_URL"))),
            ("DISCORD_TOKEN", None),
            ("DISCORD_OPENAPI", None),
            ("POSTGRES_PASSWORD", None),
            ("HOME", None),
            ("HTTP_PROXY", None),
        ] {
            let found = Unknown::from(name, "the environment", &[]);
            let expected = expected.map(|it| it.map(str::to_owned));
            assert_eq!(found.map(|it| it.nearest), expected, "{name}");
        }
    }

    #[test]
    fn a_name_of_a_bot_is_told_with_the_one_that_may_be_meant() {
        let bots = [BotName::new("alpha").unwrap()];
        for (name, expected) in [
            ("ALPHA_DISCORD_TOKEN", None),
            ("ALPHA_DISCORD_TOKEN_FILE", None),
            ("ALPHA_DISCORD_TOKN", Some(Some("ALPHA_DISCORD_TOKEN"))),
            ("ALPHA_LOG_FORMAT", Some(Some("LOG_FORMAT"))),
            ("ALPHA_QQQQQQQ", Some(None)),
            ("BETA_QQQQQQQ", None),
        ] {
            let found = Unknown::from(name, "the environment", &bots);
            let expected = expected.map(|it| it.map(str::to_owned));
            assert_eq!(found.map(|it| it.nearest), expected, "{name}");
        }
    }
}
