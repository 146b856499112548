//! The environment variables the program knows, and where their values come from.

use std::collections::BTreeMap;

use super::{Problem, Problems, Unknown, env_file::EnvFile};

/// One variable: its name, and the value taken when it is not set.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// The name in the environment.
    pub name: &'static str,
    /// The value when unset; `None` when there is nothing to fall back on.
    pub default: Option<&'static str>,
}

pub(super) const DISCORD_TOKEN: Variable = Variable {
    name: "DISCORD_TOKEN",
    default: None,
};
pub(super) const DISCORD_TOKEN_FILE: Variable = Variable {
    name: "DISCORD_TOKEN_FILE",
    default: None,
};
pub(super) const DISCORD_API_URL: Variable = Variable {
    name: "DISCORD_API_URL",
    default: None,
};
pub(super) const DATABASE_URL: Variable = Variable {
    name: "DATABASE_URL",
    default: Some("sqlite://data/cogsmith.db"),
};
pub(super) const OWNER_IDS: Variable = Variable {
    name: "OWNER_IDS",
    default: None,
};
pub(super) const OWNER_GUILD: Variable = Variable {
    name: "OWNER_GUILD",
    default: None,
};
pub(super) const MODULES: Variable = Variable {
    name: "MODULES",
    default: None,
};
pub(super) const HTTP_ADDRESS: Variable = Variable {
    name: "HTTP_ADDRESS",
    default: Some("127.0.0.1:8080"),
};
pub(super) const DRAIN_SECONDS: Variable = Variable {
    name: "DRAIN_SECONDS",
    default: Some("25"),
};
pub(super) const BLOCKING_THREADS: Variable = Variable {
    name: "BLOCKING_THREADS",
    default: None,
};
pub(super) const LOG_FORMAT: Variable = Variable {
    name: "LOG_FORMAT",
    default: Some("pretty"),
};
pub(super) const RUST_LOG: Variable = Variable {
    name: "RUST_LOG",
    default: Some("info"),
};

/// Every variable that is read, in the order of `.env.example`.
pub const VARIABLES: [Variable; 12] = [
    DISCORD_TOKEN,
    DISCORD_TOKEN_FILE,
    DISCORD_API_URL,
    DATABASE_URL,
    OWNER_IDS,
    OWNER_GUILD,
    MODULES,
    HTTP_ADDRESS,
    DRAIN_SECONDS,
    BLOCKING_THREADS,
    LOG_FORMAT,
    RUST_LOG,
];

/// The values given: the process environment over a `.env` file, or a map in tests.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, String>,
    unknown: Vec<Unknown>,
    is_incomplete: bool,
}

impl Variables {
    /// Reads `.env` in the working directory or above it, then the process environment, which wins.
    /// The process environment itself is not changed.
    ///
    /// What could not be read is among the problems, and everything else among the variables, so that
    /// one start tells all that is wrong.
    pub fn from_environment() -> (Self, Problems) {
        let mut file = EnvFile::find();
        let mut variables = Self::default();
        for (name, assigned) in file.values {
            variables.note(&name, &assigned.place);
            variables.given.insert(name, assigned.value);
        }
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            variables.note(&name, "the environment");
            let Some(variable) = VARIABLES.iter().find(|it| it.name == name) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => drop(variables.given.insert(name, value)),
                Err(_) => file.problems.push(Problem::new(
                    variable.name,
                    "bytes that are not UTF-8",
                    "text",
                )),
            }
        }
        variables.is_incomplete = !file.problems.is_empty();
        (variables, file.problems)
    }

    fn note(&mut self, name: &str, place: &str) {
        self.unknown.extend(Unknown::from(name, place));
    }

    /// Names that were given, look like settings and are none.
    pub fn unknown(&self) -> &[Unknown] {
        &self.unknown
    }

    /// Whether something given could not be read, so that what is missing may be in it.
    pub(super) fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    /// The value of `variable`: given, else its default.
    pub(super) fn get(&self, variable: &Variable) -> Option<&str> {
        self.given(variable).or(variable.default)
    }

    /// The value of `variable`, if there is one. Empty values count as not given.
    fn given(&self, variable: &Variable) -> Option<&str> {
        let given = self.given.get(variable.name).map(|value| value.trim());
        given.filter(|value| !value.is_empty())
    }

    /// Takes `value` for `variable` where nothing is given.
    fn fall_back(&mut self, variable: &Variable, value: &str) {
        if self.given(variable).is_none() {
            self.given
                .insert(variable.name.to_owned(), value.to_owned());
        }
    }

    /// Which log lines are written, in the filter syntax of `tracing-subscriber`.
    pub fn log_filter(&self) -> &str {
        self.get(&RUST_LOG).unwrap_or_default()
    }

    /// Logs no more than `filter` unless `RUST_LOG` says otherwise.
    pub fn log_by_default(&mut self, filter: &str) {
        self.fall_back(&RUST_LOG, filter);
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Variables {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self {
            given: pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..Self::default()
        }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().collect()
    }
}
