//! Names that look like settings and are none.

use std::fmt;

use super::table::names;

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
    pub nearest: Option<&'static str>,
}

impl Unknown {
    /// A name that has our prefix, or nearly is the name of a setting, and is none.
    pub(super) fn from(name: &str, place: &str) -> Option<Self> {
        if names().any(|known| known == name) || OTHERS.contains(&name) {
            return None;
        }
        let (nearest, likeness) = nearest(name);
        let has_prefix = PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        (has_prefix || likeness >= NEARLY_THE_SAME).then(|| Self {
            name: name.to_owned(),
            place: place.to_owned(),
            nearest: (likeness >= ALIKE).then_some(nearest),
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
        match self.nearest {
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
            let found = Unknown::from(name, "the environment");
            assert_eq!(found.map(|it| it.nearest), expected, "{name}");
        }
    }
}
