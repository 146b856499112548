//! What a verb answers: lines on standard output, and what is said beside them on standard error.

use std::{
    fmt::Display,
    io::{Write, stderr, stdout},
};

/// Writes one line. A reader that has gone away, such as `head`, is no failure of the verb.
pub(super) fn line(text: impl Display) {
    drop(writeln!(stdout().lock(), "{text}"));
}

/// As [`line`], of a text whose last line is ended.
pub(super) fn text(text: impl Display) {
    drop(write!(stdout().lock(), "{text}"));
}

/// Says something that is no answer, such as an explanation for people.
pub(super) fn aside(text: impl Display) {
    drop(write!(stderr().lock(), "{text}"));
}
