//! The environment variables the program knows, and where their values come from.

use std::{collections::BTreeMap, fs};

use super::Problem;

/// One variable: its name, whether it is secret, and the value taken when it is not set.
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
pub(super) const LOG_FORMAT: Variable = Variable {
    name: "LOG_FORMAT",
    default: Some("pretty"),
};
pub(super) const RUST_LOG: Variable = Variable {
    name: "RUST_LOG",
    default: Some("info"),
};

/// Every variable that is read, in the order of `.env.example`.
pub const VARIABLES: [Variable; 10] = [
    DISCORD_TOKEN,
    DISCORD_TOKEN_FILE,
    DISCORD_API_URL,
    DATABASE_URL,
    OWNER_IDS,
    MODULES,
    HTTP_ADDRESS,
    DRAIN_SECONDS,
    LOG_FORMAT,
    RUST_LOG,
];

/// The values given: the process environment over a `.env` file, or a map in tests.
#[derive(Clone, Default)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Reads `.env` in the working directory or above it, then the process environment, which wins.
    ///
    /// # Errors
    /// A `.env` file that exists and cannot be parsed.
    pub fn from_environment() -> Result<Self, Problem> {
        match dotenvy::dotenv() {
            Ok(_) => {}
            Err(error) if error.not_found() => {}
            Err(error) => {
                // dotenvy's message quotes the line, which may hold a secret.
                let at = match error {
                    dotenvy::Error::LineParse(_, column) => {
                        format!("a malformed line, at its character {column}")
                    }
                    _ => "a file that cannot be read".to_owned(),
                };
                return Err(Problem::new(".env", at, "lines of the form NAME=value"));
            }
        }
        let known = VARIABLES.iter().filter_map(|variable| {
            Some((variable.name.to_owned(), std::env::var(variable.name).ok()?))
        });
        Ok(Self(known.collect()))
    }

    /// The value of `variable`: given, else its default.
    pub(super) fn get(&self, variable: &Variable) -> Option<&str> {
        self.given(variable).or(variable.default)
    }

    /// The value of `variable`, if there is one. Empty values count as not given.
    fn given(&self, variable: &Variable) -> Option<&str> {
        let given = self.0.get(variable.name).map(|value| value.trim());
        given.filter(|value| !value.is_empty())
    }

    /// Takes `value` for `variable` where nothing is given.
    fn fall_back(&mut self, variable: &Variable, value: &str) {
        if self.given(variable).is_none() {
            self.0.insert(variable.name.to_owned(), value.to_owned());
        }
    }

    /// Logs no more than `filter` unless `RUST_LOG` says otherwise.
    pub fn log_by_default(&mut self, filter: &str) {
        self.fall_back(&RUST_LOG, filter);
    }

    /// The value of `direct`, else the content of the file that `from_file` names.
    pub(super) fn get_secret(
        &self,
        direct: &Variable,
        from_file: &Variable,
    ) -> Result<Option<String>, Problem> {
        if let Some(value) = self.get(direct) {
            return Ok(Some(value.to_owned()));
        }
        let Some(path) = self.get(from_file) else {
            return Ok(None);
        };
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Err(error) => Err(Problem::new(
                from_file.name,
                format!("{path:?} ({error})"),
                "a readable file that holds the token",
            )),
        }
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }
}
