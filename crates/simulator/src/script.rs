//! Scripts: a small world and what people do in it, as a TOML file.
//!
//! ```toml
//! [world]
//! guild = "Rustaceans"
//! owner = "olivia"                  # owns the application and the guild
//! members = ["ann", "ben"]
//! channels = ["general"]            # optional
//! start = "2026-03-02T09:00:00Z"    # optional: where the clock starts
//!
//! [[step]]
//! who = "ann"
//! says = "hello"                    # optional: in = "general", times = 3
//!
//! [[step]]
//! wait = "1h30m"                    # d, h, m, s
//!
//! [[step]]
//! who = "ann"
//! slash = "/leaderboard view"
//! expect = ["ann", "15 XP"]         # each occurs in the answer
//! expect_not = ["ben"]              # none occurs in it
//! ephemeral = true                  # only ann sees it
//!
//! [[step]]
//! who = "ben"
//! slash = "/leaderboard_config stop"
//! refused = true                    # Discord itself refuses: the command or button is not there for ben
//!
//! [[step]]
//! who = "ben"
//! presses = "Next"                  # a button or menu: its label, placeholder or custom id
//! choose = ["red"]                  # of a menu
//!
//! [[step]]
//! restart = true                    # the bot is stopped and started again
//!
//! [[step]]
//! in = "general"
//! expect_message = ["Leaderboard"]  # each occurs in the newest message of the channel
//! ```
//!
//! Unknown keys, unknown people and channels, and steps that do two things are errors.

mod duration;
mod parse;
mod play;

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use thiserror::Error;

pub use play::{PlayError, Stage};

/// A script that was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    file: Option<String>,
    guild: String,
    owner: String,
    members: Vec<String>,
    channels: Vec<String>,
    start: Option<DateTime<Utc>>,
    steps: Vec<Step>,
}

/// Something with the line it stands on.
#[derive(Clone, Debug, PartialEq)]
struct At<T> {
    line: usize,
    value: T,
}

#[derive(Clone, Debug, PartialEq)]
struct Step {
    line: usize,
    deed: Option<Deed>,
    /// Where it happens; `general` when the script does not say.
    channel: String,
    /// What the newest message of the channel contains afterwards.
    expect_message: Vec<At<String>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Deed {
    Wait(Duration),
    Say {
        who: String,
        text: String,
        times: u32,
    },
    Slash {
        who: String,
        text: String,
        expect: Expect,
    },
    /// Of the newest message in the channel that has such a component.
    Press {
        who: String,
        component: String,
        values: Vec<String>,
        expect: Expect,
    },
    Restart,
}

/// What a step expects of the answer to a command or a press.
#[derive(Clone, Debug, Default, PartialEq)]
struct Expect {
    texts: Vec<At<String>>,
    not_texts: Vec<At<String>>,
    ephemeral: Option<At<bool>>,
    refused: bool,
}

/// Where something stands: `scripts/x.toml:42`, or `line 42` when the file has no name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    file: Option<String>,
    line: usize,
}

impl Place {
    /// The line, from 1.
    pub const fn line(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{file}:{}", self.line),
            None => write!(f, "line {}", self.line),
        }
    }
}

/// Something in a script that was not understood.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{place}: {problem}")]
#[non_exhaustive]
pub struct ScriptError {
    /// Where.
    pub place: Place,
    /// The key or value, and what was expected.
    pub problem: String,
}

/// An expectation that did not come true.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{place}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct Mismatch {
    /// Where the expectation stands.
    pub place: Place,
    /// What was expected.
    pub expected: String,
    /// What was there instead.
    pub found: String,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Everything that is not understood, with its line.
    pub fn parse(text: &str) -> Result<Self, Vec<ScriptError>> {
        parse::script(None, text)
    }

    /// Reads a script whose errors and mismatches name this file.
    ///
    /// # Errors
    /// Everything that is not understood, with file and line.
    pub fn parse_file(name: &str, text: &str) -> Result<Self, Vec<ScriptError>> {
        parse::script(Some(name), text)
    }

    /// Where the clock starts, when the script says.
    pub const fn start(&self) -> Option<DateTime<Utc>> {
        self.start
    }

    /// Name of the application's owner.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Name of the guild.
    pub fn guild(&self) -> &str {
        &self.guild
    }

    fn place(&self, line: usize) -> Place {
        let file = self.file.clone();
        Place { file, line }
    }
}
