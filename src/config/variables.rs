//! The values that were given: flags over the process environment over a `.env` file.

use std::{collections::BTreeMap, fs};

use super::{
    Problem, Problems, TABLE, Unknown, Variable,
    env_file::{Assigned, EnvFile},
    row::Row,
    table,
};

const ENVIRONMENT: &str = "the environment";

/// What was given, and where.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, Assigned>,
    unknown: Vec<Unknown>,
    is_incomplete: bool,
}

/// What a variable is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// Its value as it may be shown; `None` when it has none.
    pub value: Option<String>,
    /// Whether the value is what the variable takes; the file of a secret is not looked into.
    pub is_accepted: bool,
    /// Where the value comes from, such as `line 3 of /srv/bot/.env` or `default`.
    pub place: String,
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
            variables.given.insert(name, assigned);
        }
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            variables.note(&name, ENVIRONMENT);
            let Some(known) = table::names().find(|it| *it == name) else {
                continue;
            };
            match value.into_string() {
                // What is empty counts as not given.
                Ok(value) if value.trim().is_empty() => {}
                Ok(value) => variables.prefer(&name, value, ENVIRONMENT),
                Err(_) => {
                    file.problems
                        .push(Problem::new(known, "bytes that are not UTF-8", "text"))
                }
            }
        }
        variables.is_incomplete = !file.problems.is_empty();
        (variables, file.problems)
    }

    /// Takes `value` for the variable of this name, over what was given before.
    pub fn give(&mut self, name: &str, value: String, place: &str) {
        let place = place.to_owned();
        let assigned = Assigned { value, place };
        self.given.insert(name.to_owned(), assigned);
    }

    /// As [`Variables::give`]; of a secret and its file the one that was given before at another place is forgotten.
    fn prefer(&mut self, name: &str, value: String, place: &str) {
        let mut rows = TABLE.iter();
        let row = rows.find(|row| row.names().any(|it| it == name));
        let others = row.into_iter().flat_map(Row::names);
        for other in others.filter(|it| *it != name) {
            if self.given.get(other).is_some_and(|it| it.place != place) {
                self.given.remove(other);
            }
        }
        self.give(name, value, place);
    }

    fn note(&mut self, name: &str, place: &str) {
        self.unknown.extend(Unknown::from(name, place));
    }

    /// Names that were given, look like settings and are none.
    pub fn unknown(&self) -> &[Unknown] {
        &self.unknown
    }

    /// Every variable of the [table](super::TABLE), and what it is set to.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Row, Setting)> {
        TABLE.iter().map(|row| (row, self.setting(row)))
    }

    fn setting(&self, row: &'static Row) -> Setting {
        let given = row.names().find_map(|name| Some((name, self.given(name)?)));
        let (value, place) = match (given, row.default) {
            (Some((name, given)), _) if name == row.name => {
                (Some(row.shown(given.value.trim())), given.place.clone())
            }
            (Some((_, given)), _) => {
                let file = shown_path(given.value.trim());
                let place = format!("{file}, named by {}", given.place);
                (Some("(hidden)".to_owned()), place)
            }
            (None, Some(default)) => (Some(default.to_owned()), "default".to_owned()),
            (None, None) => (None, "default".to_owned()),
        };
        let direct = self.text(row);
        Setting {
            name: row.name,
            value,
            is_accepted: direct.is_none_or(|text| (row.accepts)(text)),
            place,
        }
    }

    /// The value of a variable: given, else its default.
    ///
    /// # Errors
    /// It is not what the variable takes; a secret was given twice, or its file cannot be read.
    pub(super) fn read<T>(&self, variable: &Variable<T>) -> Result<Option<T>, Problems> {
        let row = &variable.row;
        match self.file_of(row)? {
            Some((name, text)) => {
                let renamed = Row { name, ..*row };
                (variable.read)(&renamed, text.trim()).map(Some)
            }
            None => {
                let text = self.text(row);
                text.map(|text| (variable.read)(row, text)).transpose()
            }
        }
    }

    /// As [`Variables::read`], of one that must be there.
    ///
    /// # Errors
    /// As `read`; there is none. Without a problem when something given could not be read: that is told
    /// already, and may have been the value.
    pub(super) fn need<T>(&self, variable: &Variable<T>) -> Result<T, Problems> {
        let row = &variable.row;
        match self.read(variable)? {
            Some(value) => Ok(value),
            None if self.is_incomplete => Err(Problems::default()),
            None => {
                let expected = format!(
                    "{}, in `.env` (see .env.example) or the environment; `cogsmith simulate` needs none",
                    row.kind
                );
                Err(Problem::new(row.name, "nothing", expected).into())
            }
        }
    }

    /// What the file of a secret holds, when one is named.
    fn file_of(&self, row: &Row) -> Result<Option<(&'static str, String)>, Problem> {
        let Some(name) = row.file else {
            return Ok(None);
        };
        let Some(path) = self.given(name) else {
            return Ok(None);
        };
        if self.given(row.name).is_some() {
            let found = format!("a file beside {}", row.name);
            return Err(Problem::new(name, found, "one of the two"));
        }
        Ok(Some((name, content(name, path.value.trim())?)))
    }

    fn text(&self, row: &Row) -> Option<&str> {
        let given = self.given(row.name).map(|given| given.value.trim());
        given.or(row.default)
    }

    /// Empty values count as not given.
    fn given(&self, name: &str) -> Option<&Assigned> {
        let given = self.given.get(name);
        given.filter(|given| !given.value.trim().is_empty())
    }

    /// Which log lines are written, in the filter syntax of `tracing-subscriber`.
    pub fn log_filter(&self) -> &str {
        self.text(&table::RUST_LOG.row).unwrap_or_default()
    }

    /// Logs no more than `filter` unless `RUST_LOG` says otherwise.
    pub fn log_by_default(&mut self, filter: &str) {
        let name = table::RUST_LOG.row.name;
        if self.given(name).is_none() {
            self.give(name, filter.to_owned(), "default");
        }
    }
}

fn content(name: &'static str, path: &str) -> Result<String, Problem> {
    let shown = shown_path(path);
    let wrong = |found: String| Problem::new(name, found, "a readable file that holds the secret");
    let text = fs::read_to_string(path).map_err(|error| wrong(format!("{shown} ({error})")))?;
    if text.trim().is_empty() {
        return Err(wrong(format!("{shown} (it is empty)")));
    }
    Ok(text)
}

/// A secret that was given in place of a path has no slash.
fn shown_path(path: &str) -> &str {
    if path.contains('/') { path } else { "a file" }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Variables {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        let mut variables = Self::default();
        for (name, value) in pairs {
            variables.give(name, value.to_owned(), ENVIRONMENT);
        }
        variables
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Variables {
    fn from(pairs: [(&str, &str); N]) -> Self {
        pairs.into_iter().collect()
    }
}
