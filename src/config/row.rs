//! What is known of a variable without its type: from it come the help, the flags, `.env.example` and the page in docs/.

use std::fmt;

use super::{BotName, Problem, reading, table::SWITCH};

/// One variable of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The name in the environment.
    pub name: &'static str,
    /// Of a secret: the name of the variable that names a file which holds it.
    pub file: Option<&'static str>,
    /// What it takes.
    pub kind: Kind,
    /// The value when it is not given; `None` when there is nothing to fall back on.
    pub default: Option<&'static str>,
    /// What it is about.
    pub group: Group,
    /// Whether each bot of a process may have a value of its own.
    pub scope: Scope,
    /// What it does, in sentences.
    pub help: &'static str,
    pub(super) shown: fn(&str) -> String,
    pub(super) accepts: fn(&str) -> bool,
    /// What a value that is given for all bots becomes for one of them.
    pub(super) shared_out: fn(&BotName, &str) -> String,
}

/// Whom a value holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Each bot: `ALPHA_MODULES` is that of the bot named `alpha`, whatever `MODULES` says.
    Bot,
    /// All bots of the process alike.
    Process,
}

/// What a variable takes, with its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole seconds within bounds.
    Seconds {
        /// The fewest.
        least: u64,
        /// The most.
        most: u64,
    },
    /// A whole number within bounds.
    Number {
        /// The smallest.
        least: u64,
        /// The greatest.
        most: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The id of something.
    Id(&'static str),
    /// A text of the kind that is said.
    Text(&'static str),
}

/// What a variable is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The bot at Discord.
    Discord,
    /// What is kept, and where.
    Data,
    /// Whom the bot obeys and what it does.
    Bot,
    /// The process: health, shutdown, threads.
    Process,
    /// Log lines.
    Log,
}

impl Row {
    /// Whether its value must not be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.file.is_some()
    }

    /// Whether it takes yes or no.
    #[must_use]
    pub fn is_switch(&self) -> bool {
        self.kind == Kind::Choice(SWITCH)
    }

    /// A value as it may be shown. One that is not accepted may be a secret in the wrong place.
    #[must_use]
    pub fn shown(&self, value: &str) -> String {
        match (self.accepts)(value) {
            true => (self.shown)(value),
            false if self.is_secret() => reading::hidden(value),
            false => self.problem(value).found.trim_matches('"').to_owned(),
        }
    }

    /// What it does and, where it has bounds, what it takes.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.kind {
            Kind::Seconds { .. } | Kind::Number { .. } | Kind::Choice(_) => {
                format!("{} Takes {}.", self.help, self.kind)
            }
            Kind::Id(_) | Kind::Text(_) => self.help.to_owned(),
        }
    }

    /// Every name that it is read from.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        [self.name].into_iter().chain(self.file)
    }

    /// The problem that this was found instead of a value.
    pub(super) fn problem(&self, found: &str) -> Problem {
        Problem::quoting(self.name, found, self.kind.to_string())
    }
}

impl Group {
    /// Every group, in the order of `.env.example`.
    pub const ALL: [Self; 5] = [
        Self::Discord,
        Self::Data,
        Self::Bot,
        Self::Process,
        Self::Log,
    ];
}

impl fmt::Display for Group {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Discord => "Discord",
            Self::Data => "Data",
            Self::Bot => "The bot",
            Self::Process => "The process",
            Self::Log => "Log",
        })
    }
}

impl fmt::Display for Kind {
    /// As it is said where something else was found.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds { least, most } => write!(out, "whole seconds from {least} to {most}"),
            Self::Number { least, most } => write!(out, "a whole number from {least} to {most}"),
            Self::Choice([words @ .., last]) if !words.is_empty() => {
                write!(out, "{} or {last}", words.join(", "))
            }
            Self::Choice(words) => out.write_str(&words.join(", ")),
            Self::Id(of) => write!(out, "the id of {of}"),
            Self::Text(what) => out.write_str(what),
        }
    }
}
