//! What a verb answers: lines on standard output.

use std::{
    fmt::Display,
    io::{Write, stdout},
};

/// Writes one line. A reader that has gone away, such as `head`, is no failure of the verb.
pub(super) fn line(text: impl Display) {
    drop(writeln!(stdout().lock(), "{text}"));
}

/// As [`line`], of a text whose last line is ended.
pub(super) fn text(text: impl Display) {
    drop(write!(stdout().lock(), "{text}"));
}
