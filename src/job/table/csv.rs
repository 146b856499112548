//! Comma-separated values (RFC 4180) that a spreadsheet does not run.
//!
//! Spreadsheets take a text for a formula by its first character, and a name at Discord may begin with any; see
//! OWASP's page on CSV injection. An apostrophe before it makes it a text.

use std::{borrow::Cow, io};

use csv::Writer;

use crate::job::{Cell, Out};

/// The last four are what spreadsheets of East Asia take for the first four.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

pub(super) fn head<const N: usize>(
    writer: &mut Writer<Out>,
    columns: [&'static str; N],
) -> io::Result<()> {
    Ok(writer.write_record(columns)?)
}

pub(super) fn row<const N: usize>(writer: &mut Writer<Out>, cells: &[Cell; N]) -> io::Result<()> {
    let fields = cells.iter().map(field);
    Ok(writer.write_record(fields.map(Cow::into_owned).map(String::into_bytes))?)
}

/// A number stays one, with its sign.
fn field(cell: &Cell) -> Cow<'_, str> {
    let text = cell.text();
    let is_text = !matches!(cell, Cell::Number(_));
    match is_text && text.starts_with(FORMULA) {
        true => format!("'{text}").into(),
        false => text,
    }
}
