//! An array of objects, or an object a line.

use std::io::{self, Write};

use super::Record;
use crate::job::Out;

/// One object of the array, with what stands before it.
pub(super) fn element<const N: usize>(
    out: &mut Out,
    record: &Record<'_, N>,
    is_first: bool,
) -> io::Result<()> {
    let before = if is_first { "[\n  " } else { ",\n  " };
    out.write_all(before.as_bytes())?;
    Ok(serde_json::to_writer(out, record)?)
}

/// The end of the array.
pub(super) fn end(out: &mut Out, is_empty: bool) -> io::Result<()> {
    out.write_all(if is_empty { b"[]\n" } else { b"\n]\n" })
}

/// One object, and the end of its line.
pub(super) fn line<const N: usize>(out: &mut Out, record: &Record<'_, N>) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}
