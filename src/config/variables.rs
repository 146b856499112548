//! The values that were given: flags over the process environment over a `.env` file.

use std::{borrow::Cow, collections::BTreeMap, fs};

use super::{
    BotName, Known, Problem, Problems, Scope, TABLE, Unknown, Variable, bots,
    env_file::{Assigned, EnvFile},
    row::Row,
    shown::shown_path,
    table,
};

const ENVIRONMENT: &str = "the environment";

/// What was given, and where.
#[derive(Clone, Default)]
pub struct Variables {
    given: BTreeMap<String, Assigned>,
    /// Every name that was met, and where.
    met: Vec<(String, String)>,
    /// The bot that these hold for, and the names that it has values of its own for.
    pub(super) own: Option<(BotName, Vec<&'static str>)>,
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
            variables.met.push((name.clone(), assigned.place.clone()));
            variables.given.insert(name, assigned);
        }
        for (name, value) in std::env::vars_os() {
            let Ok(name) = name.into_string() else {
                continue;
            };
            variables.met.push((name.clone(), ENVIRONMENT.to_owned()));
            if row_of(&name).is_none() {
                continue;
            }
            match value.into_string() {
                // What is empty counts as not given.
                Ok(value) if value.trim().is_empty() => {}
                Ok(value) => variables.prefer(&name, value, ENVIRONMENT),
                Err(_) => {
                    file.problems
                        .push(Problem::new(name, "bytes that are not UTF-8", "text"))
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
        let others = row_of(name).into_iter().flat_map(|(prefix, row)| {
            let names = row.names().map(move |it| format!("{prefix}{it}"));
            names.filter(|it| it != name)
        });
        for other in others {
            if self.given.get(&other).is_some_and(|it| it.place != place) {
                self.given.remove(&other);
            }
        }
        self.give(name, value, place);
    }

    /// What holds for one bot of several: what begins with its name, over what is given for all of them.
    #[must_use]
    pub fn of(&self, bot: &BotName) -> Self {
        let (mut of, mut own) = (self.clone(), Vec::new());
        let prefix = bot.prefix();
        for row in TABLE.iter().filter(|row| row.scope == Scope::Bot) {
            let given = |name| Some((name, self.given(&format!("{prefix}{name}"))?.clone()));
            let given: Vec<_> = row.names().filter_map(given).collect();
            if given.is_empty() {
                continue;
            }
            row.names().for_each(|name| drop(of.given.remove(name)));
            own.extend(row.names());
            of.given
                .extend(given.into_iter().map(|(name, it)| (name.to_owned(), it)));
        }
        of.own = Some((bot.clone(), own));
        of
    }

    pub(super) fn of_bot(&self, bot: Option<&BotName>) -> Self {
        bot.map_or_else(|| self.clone(), |bot| self.of(bot))
    }

    /// The bot that these hold for, where there are several.
    pub(super) fn bot(&self) -> Option<&BotName> {
        self.own.as_ref().map(|(bot, _)| bot)
    }

    /// The name under which the variable `name` was given, or is to be given when it is missing.
    pub(super) fn name_of(&self, name: &str) -> Option<String> {
        let (bot, own) = self.own.as_ref()?;
        let (_, row) = row_of(name).filter(|(prefix, _)| prefix.is_empty())?;
        let is_for_all = || row.names().any(|it| self.given(it).is_some());
        let is_own = row.scope == Scope::Bot && (own.contains(&row.name) || !is_for_all());
        is_own.then(|| format!("{}{name}", bot.prefix()))
    }

    /// As [`Variables::name_of`], of one that may be given for all.
    pub(super) fn name_in_use(&self, row: &Row) -> String {
        self.name_of(row.name)
            .unwrap_or_else(|| row.name.to_owned())
    }

    /// Names that were given, look like settings and are none.
    pub fn unknown(&self) -> Vec<Unknown> {
        let (bots, _) = bots::of_process(self, &Known::default());
        let bots: Vec<_> = bots.into_iter().flatten().collect();
        let met = self.met.iter();
        met.filter_map(|(name, place)| Unknown::from(name, place, &bots))
            .collect()
    }

    /// What a text that holds for all bots is for this one.
    pub(super) fn shared_out<'t>(&self, row: &Row, text: Cow<'t, str>) -> Cow<'t, str> {
        match &self.own {
            Some((bot, own)) if !own.contains(&row.name) => {
                Cow::Owned((row.shared_out)(bot, &text))
            }
            _ => text,
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
                let text = self.shared_out(row, text.trim().into());
                (variable.read)(&renamed, &text).map(Some)
            }
            None => {
                let text = self.text(row);
                let text = text.map(|text| self.shared_out(row, text.into()));
                text.map(|text| (variable.read)(row, &text)).transpose()
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

    /// As it was given, else its default.
    pub(super) fn text(&self, row: &Row) -> Option<&str> {
        let given = self.given(row.name).map(|given| given.value.trim());
        given.or(row.default)
    }

    /// Empty values count as not given.
    pub(super) fn given(&self, name: &str) -> Option<&Assigned> {
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

/// The row of a name, and the prefix of a bot that stands before it where it is that of one bot alone.
fn row_of(name: &str) -> Option<(&str, &'static Row)> {
    let exact = TABLE.iter().find(|row| row.names().any(|it| it == name));
    let prefixed = || {
        let rows = TABLE.iter().filter(|row| row.scope == Scope::Bot);
        let mut found = rows.flat_map(|row| row.names().map(move |known| (known, row)));
        found.find_map(|(known, row)| {
            let prefix = name.strip_suffix(known)?;
            prefix.ends_with('_').then_some((prefix, row))
        })
    };
    exact.map(|row| ("", row)).or_else(prefixed)
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
