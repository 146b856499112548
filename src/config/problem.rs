//! What is wrong with the configuration, all of it at once.

use std::{borrow::Cow, fmt};

const LONGEST_SHOWN: usize = 40;

/// One wrong setting or argument: its name, what was found and what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The name of the variable or argument.
    pub name: Cow<'static, str>,
    /// What was found, as shown to people; secrets are never put here.
    pub found: String,
    /// What would have been right; empty when `found` says it already.
    pub expected: String,
}

impl Problem {
    /// Names what was found and what was expected.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            found: found.into(),
            expected: expected.into(),
        }
    }

    /// Names a fault within a file, which says itself what was found and expected.
    pub fn within(name: impl Into<Cow<'static, str>>, fault: impl Into<String>) -> Self {
        Self::new(name, fault, "")
    }

    /// Names a value that could not be read, as it was given unless it may be a secret in the wrong
    /// place: every token is longer than a value that is shown, and a password stands before an `@`.
    pub fn quoting(
        name: impl Into<Cow<'static, str>>,
        value: &str,
        expected: impl Into<String>,
    ) -> Self {
        let length = value.chars().count();
        let found = if length > LONGEST_SHOWN || value.contains('@') {
            format!("a text of {length} characters")
        } else {
            format!("{value:?}")
        };
        Self::new(name, found, expected)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            found,
            expected,
        } = self;
        match expected.is_empty() {
            true => write!(out, "{name}: {found}"),
            false => write!(out, "{name}: found {found}, expected {expected}"),
        }
    }
}

impl std::error::Error for Problem {}

/// Every problem of one configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes one more problem. One that is noted already, as it is wrong for every bot, is not noted again.
    pub fn push(&mut self, problem: Problem) {
        if !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }

    /// The problems, in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// An error, unless there are none.
    ///
    /// # Errors
    /// There are problems.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The value, or nothing and its problems noted.
    pub fn keep<T, P: Into<Self>>(&mut self, read: Result<T, P>) -> Option<T> {
        let noted = |problems: P| problems.into().0.into_iter().for_each(|it| self.push(it));
        read.map_err(noted).ok()
    }

    /// The same problems, of settings that were given under other names.
    pub(super) fn renamed(mut self, name: impl Fn(&str) -> Option<String>) -> Self {
        for problem in &mut self.0 {
            if let Some(name) = name(&problem.name) {
                problem.name = name.into();
            }
        }
        self
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl From<Vec<Problem>> for Problems {
    fn from(problems: Vec<Problem>) -> Self {
        Self(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "" } else { "s" };
        let is_option = |problem: &Problem| problem.name.starts_with("--");
        let whole = match self.0.iter().all(is_option) {
            true => "command line",
            false => "configuration",
        };
        write!(out, "the {whole} has {} problem{plural}:", self.0.len())?;
        self.0
            .iter()
            .try_for_each(|problem| write!(out, "\n  - {problem}"))
    }
}

impl std::error::Error for Problems {}
