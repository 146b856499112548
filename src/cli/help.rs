//! The words of `--help`: examples bear the name of the program that is asked, which in a project is its own.

use std::{env, ffi::OsStr, io::Write, path::Path};

use clap::{Command, CommandFactory, Error};

use super::{Arguments, out};
use crate::{config::is_coloured, error::Result};

/// The name in the examples as they are written.
const NAME: &str = "cogsmith";

/// What can be given, in the words of this program.
pub(super) fn command() -> Command {
    named(Arguments::command(), &program())
}

/// The name that this program was called by.
pub(super) fn program() -> String {
    let path = env::args_os().next();
    let name = path.as_deref().map(Path::new).and_then(Path::file_name);
    name.and_then(OsStr::to_str).unwrap_or(NAME).to_owned()
}

/// The command with the name of this program in its examples.
pub(super) fn named(command: Command, program: &str) -> Command {
    let examples = command.get_after_help().map(ToString::to_string);
    let command = match examples {
        Some(text) => {
            command.after_help(text.replace(&format!("  {NAME} "), &format!("  {program} ")))
        }
        None => command,
    };
    command.mut_subcommands(|inner| named(inner, program))
}

/// Writes help or a usage error where it belongs.
///
/// # Errors
/// Help could not be written.
pub(super) fn write(error: &Error) -> Result<()> {
    let text = error.render();
    let written = match (
        error.use_stderr(),
        &mut std::io::stderr(),
        &mut std::io::stdout(),
    ) {
        (true, stream, _) if is_coloured(stream) => write!(stream, "{}", text.ansi()),
        (true, stream, _) => write!(stream, "{text}"),
        (false, _, stream) if is_coloured(stream) => write!(stream, "{}", text.ansi()),
        (false, _, stream) => write!(stream, "{text}"),
    };
    match error.use_stderr() {
        true => Ok(()),
        false => out::written(written),
    }
}

#[cfg(test)]
mod tests {
    use clap::FromArgMatches;

    use super::*;

    /// Every verb with the words that lead to it.
    fn verbs(command: &Command, path: &str) -> Vec<(String, Command)> {
        let inner = command
            .get_subcommands()
            .filter(|it| it.get_name() != "help");
        let each = inner.map(|verb| (format!("{path} {}", verb.get_name()), verb));
        each.flat_map(|(path, verb)| {
            let deeper = verbs(verb, &path);
            match verb.has_subcommands() {
                true => deeper,
                false => vec![(path, verb.clone())],
            }
        })
        .collect()
    }

    fn examples(verb: &Command) -> Vec<String> {
        let text = verb
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let lines = text.lines().skip_while(|line| !line.starts_with("Example"));
        lines.skip(1).map(|line| line.trim().to_owned()).collect()
    }

    /// As a shell would, up to where the output goes.
    fn words(line: &str) -> Vec<String> {
        let line = line.split(['>', '|']).next().unwrap_or_default();
        let parts = line.split('\'').enumerate();
        let words = parts.flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        words.collect()
    }

    #[test]
    fn every_verb_ends_with_examples_that_can_be_given() {
        for (path, verb) in verbs(&Arguments::command(), NAME) {
            let examples = examples(&verb);
            assert!(!examples.is_empty(), "{path} --help shows no example");
            for example in examples {
                assert!(example.starts_with(&path), "{path}: {example}");
                let given = Arguments::command().try_get_matches_from(words(&example));
                let parsed = given.and_then(|it| Arguments::from_arg_matches(&it));
                assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn a_project_shows_examples_by_its_own_name() {
        let gadget = named(Arguments::command(), "gadget");
        for (path, verb) in verbs(&gadget, "gadget") {
            for example in examples(&verb) {
                assert!(example.starts_with(&path), "{path}: {example}");
            }
        }
    }
}
