//! Where an answer is read.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::reply::relative;

/// How instants, names and commands are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Instants are shown in everybody's own time zone: Discord docs/Reference/Message Formatting.
    Discord,
    /// Plain text, instants in UTC.
    Shell,
}

impl Medium {
    pub(super) fn instant(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Discord => relative(at),
            Self::Shell => at.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
        }
    }

    /// A name at the beginning of a line.
    pub(super) fn name(self, name: &str) -> String {
        match self {
            Self::Discord => format!("`{name}`"),
            Self::Shell => name.to_owned(),
        }
    }

    /// A verb of `task` as it is to be typed: the option `name` stands first in a shell.
    pub(super) fn command(self, verb: &str, options: &[(&str, &str)]) -> String {
        let mut command = match self {
            Self::Discord => format!("`/task {verb}"),
            Self::Shell => format!("`cogsmith task {verb}"),
        };
        for (option, value) in options {
            // Writing to a string cannot fail.
            let _ = match (self, *option) {
                (Self::Discord, _) => write!(command, " {option}:{value}"),
                (Self::Shell, "name") if value.contains(' ') => write!(command, " '{value}'"),
                (Self::Shell, "name") => write!(command, " {value}"),
                (Self::Shell, _) => write!(command, " --{option} {value}"),
            };
        }
        command.push('`');
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_written_as_it_is_to_be_typed() {
        let options = [("name", "x.y (m:1)"), ("confirm", "2")];
        let written = |medium: Medium| medium.command("remove", &options);
        assert_eq!(
            written(Medium::Discord),
            "`/task remove name:x.y (m:1) confirm:2`"
        );
        assert_eq!(
            written(Medium::Shell),
            "`cogsmith task remove 'x.y (m:1)' --confirm 2`"
        );
    }
}
