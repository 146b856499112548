//! What a verb answers: lines on standard output, and what is said beside them on standard error.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write, stderr, stdout},
};

use anyhow::Context as _;

use crate::error::Result;

/// Writes one line. A reader that has gone away, such as `head`, is no failure.
///
/// # Errors
/// It could not be written, as on a full disk.
pub(super) fn line(text: impl Display) -> Result<()> {
    written(writeln!(stdout().lock(), "{text}"))
}

/// As [`line`], of a text whose last line is ended.
///
/// # Errors
/// As of [`line`].
pub(super) fn text(text: impl Display) -> Result<()> {
    written(write!(stdout().lock(), "{text}"))
}

/// What came of writing to standard output.
///
/// # Errors
/// It failed, and not because the reader has gone away.
pub(super) fn written(written: io::Result<()>) -> Result<()> {
    match written.and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("writing to standard output")
        }
        _ => Ok(()),
    }
}

/// Says something that is no answer, such as an explanation for people.
pub(super) fn aside(text: impl Display) {
    drop(write!(stderr().lock(), "{text}"));
}
