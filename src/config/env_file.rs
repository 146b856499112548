//! The `.env` file: read by dotenvy into a map, never into the environment of the process.
//!
//! Any line may hold a secret, so a problem tells a line's number and its variable, and nothing of its text.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    io::{self, ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::{Problem, Problems, table};

const NAME: &str = ".env";
const EXPECTED: &str = "NAME=value; single quotes around a value with spaces, quotes, # or $";
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a `.env` file assigns, where there is one.
#[derive(Default)]
pub(super) struct EnvFile {
    pub(super) values: BTreeMap<String, Assigned>,
    /// Lines that could not be read; they may have held anything.
    pub(super) problems: Problems,
}

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Assigned {
    pub(super) value: String,
    /// Such as `line 3 of /srv/bot/.env`.
    pub(super) place: String,
}

impl EnvFile {
    /// Reads the `.env` of the working directory, or of the nearest folder above that has one.
    pub(super) fn find() -> Self {
        let path = std::env::current_dir().and_then(|folder| nearest(&folder));
        match path {
            Ok(Some(path)) => Self::read(&path),
            Ok(None) => Self::default(),
            Err(error) => Self::failed(unreadable(NAME, &error)),
        }
    }

    fn read(path: &Path) -> Self {
        let place = path.display().to_string();
        match fs::read(path) {
            Ok(bytes) => {
                text(&place, bytes).map_or_else(Self::failed, |it| Self::parse(&place, &it))
            }
            Err(error) => Self::failed(unreadable(&place, &error)),
        }
    }

    fn failed(problem: Problem) -> Self {
        Self {
            problems: problem.into(),
            ..Self::default()
        }
    }

    /// Reads every line, past those that are wrong. Of two values for one name the first counts.
    fn parse(place: &str, text: &str) -> Self {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        // dotenvy takes a last line without an end for an open one when a space follows the value.
        let text = format!("{text}\n");
        let line = Cell::new(0);
        let lines = Lines {
            rest: text.as_bytes(),
            line: &line,
        };
        let mut file = Self::default();
        for item in dotenvy::from_read_iter(lines) {
            match item {
                Ok((name, value)) => {
                    let place = format!("line {} of {place}", line.get());
                    let assigned = Assigned { value, place };
                    file.values.entry(name).or_insert(assigned);
                }
                Err(error) => {
                    let first = (line.get() + 1).saturating_sub(lines_of(&error));
                    let named = named(&text, first);
                    let found =
                        format!("line {first} of {place}{named}, which cannot be understood");
                    file.problems.push(Problem::new(NAME, found, EXPECTED));
                }
            }
        }
        file
    }
}

fn nearest(folder: &Path) -> io::Result<Option<PathBuf>> {
    for folder in folder.ancestors() {
        let path = folder.join(NAME);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => return Ok(Some(path)),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

/// No value has a NUL byte: the environment could not hold it, and neither could a header.
fn text(place: &str, bytes: Vec<u8>) -> Result<String, Problem> {
    let wrong = |at: usize, text: &[u8], problem: &str| {
        let line = 1 + text[..at].iter().filter(|byte| **byte == b'\n').count();
        let named = named(&String::from_utf8_lossy(text), line);
        let found = format!("line {line} of {place}{named}, which {problem}");
        Problem::new(NAME, found, "text in UTF-8 without NUL bytes")
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        wrong(at, error.as_bytes(), "is not UTF-8")
    })?;
    match text.find('\0') {
        Some(at) => Err(wrong(at, text.as_bytes(), "has a NUL byte")),
        None => Ok(text),
    }
}

fn unreadable(place: &str, error: &io::Error) -> Problem {
    let found = format!("{place}, which cannot be read ({error})");
    Problem::new(NAME, found, "a readable file, or none")
}

/// The variable of a line, where it is one of ours: any other word may be part of a secret.
fn named(text: &str, line: usize) -> String {
    let line = text.lines().nth(line - 1).unwrap_or_default().trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &line[..end.unwrap_or(line.len())];
    let known = table::names().find(|it| *it == name);
    known.map_or_else(String::new, |name| format!(" ({name})"))
}

/// How many lines the text of an error has: it reaches from its value's first line to the line read last.
fn lines_of(error: &dotenvy::Error) -> usize {
    match error {
        dotenvy::Error::LineParse(text, _) => text.lines().count().max(1),
        _ => 1,
    }
}

/// Hands out one line at a time, so that the number of the line that dotenvy has come to is known.
struct Lines<'a> {
    rest: &'a [u8],
    line: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        let end = end.map_or(self.rest.len(), |at| at + 1);
        let length = end.min(buffer.len());
        buffer[..length].copy_from_slice(&self.rest[..length]);
        self.rest = &self.rest[length..];
        if length == end && end > 0 {
            self.line.set(self.line.get() + 1);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "/srv/.env";

    fn read(bytes: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
        let file = match text(PLACE, bytes.to_vec()) {
            Ok(text) => EnvFile::parse(PLACE, &text),
            Err(problem) => EnvFile::failed(problem),
        };
        let values = file.values.into_iter();
        let values = values.map(|(name, assigned)| (name, assigned.value));
        let problems = file.problems.iter().map(|problem| problem.found.clone());
        (values.collect(), problems.collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn values_are_read_as_they_are_meant() {
        let (values, problems) = read(
            "\u{feff}A=1\r\n# B=2\n\nexport C='x # y'\nD=\"two\nlines\"\nA=3\nE=last ".as_bytes(),
        );
        assert!(problems.is_empty(), "{problems:?}");
        let expected = [
            pair("A", "1"),
            pair("C", "x # y"),
            pair("D", "two\nlines"),
            pair("E", "last"),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn each_bad_line_is_told_by_number_and_variable_and_never_by_its_text() {
        let text = "# first\nsecret.token\nOWNER_IDS=7\n\nDISCORD_TOKEN secret\n\
                    RUST_LOG=secret secret\nLOG_FORMAT=\"secret\nsecret\n";
        let (values, problems) = read(text.as_bytes());
        assert_eq!(values, [pair("OWNER_IDS", "7")]);
        let expected = [
            "line 2 of /srv/.env, which cannot be understood",
            "line 5 of /srv/.env (DISCORD_TOKEN), which cannot be understood",
            "line 6 of /srv/.env (RUST_LOG), which cannot be understood",
            "line 7 of /srv/.env (LOG_FORMAT), which cannot be understood",
        ];
        assert_eq!(problems, expected);
    }

    #[test]
    fn bytes_that_are_no_text_are_told_by_number_and_variable() {
        let long = "x".repeat(20_000);
        for (bytes, expected) in [
            (
                b"A=1\nDISCORD_TOKEN=sec\0ret\n".to_vec(),
                "line 2 of /srv/.env (DISCORD_TOKEN), which has a NUL byte",
            ),
            (
                b"DISCORD_TOKEN=sec\xffret".to_vec(),
                "line 1 of /srv/.env (DISCORD_TOKEN), which is not UTF-8",
            ),
            (
                b"\xff\xfeD\0I\0".to_vec(),
                "line 1 of /srv/.env, which is not UTF-8",
            ),
            (
                format!("A={long}\nB").into_bytes(),
                "line 2 of /srv/.env, which cannot be understood",
            ),
        ] {
            assert_eq!(read(&bytes).1, [expected]);
        }
    }
}
