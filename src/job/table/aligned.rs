//! Columns for people: each as wide as its widest value, numbers to the right.

use std::io::{self, Write};

use crate::job::{Cell, Out};

/// Between two columns.
const GAP: &str = "  ";

/// Rows that wait until it is known how wide they are.
pub(super) struct Aligned<const N: usize> {
    rows: Vec<[String; N]>,
    widths: [usize; N],
    /// Columns in which there are only numbers.
    are_numbers: [bool; N],
}

impl<const N: usize> Default for Aligned<N> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            widths: [0; N],
            are_numbers: [true; N],
        }
    }
}

impl<const N: usize> Aligned<N> {
    pub(super) fn hold(&mut self, cells: [Cell; N]) {
        for (column, cell) in cells.iter().enumerate() {
            self.are_numbers[column] &= matches!(cell, Cell::Number(_) | Cell::Nothing);
        }
        let row = cells.map(|cell| shown(&cell));
        for (column, text) in row.iter().enumerate() {
            self.widen(column, text);
        }
        self.rows.push(row);
    }

    pub(super) fn write(mut self, out: &mut Out, columns: [&'static str; N]) -> io::Result<()> {
        for (column, name) in columns.iter().enumerate() {
            self.widen(column, name);
        }
        self.line(out, &columns)?;
        let mut rows = self.rows.iter();
        rows.try_for_each(|row| self.line(out, row))
    }

    fn widen(&mut self, column: usize, text: &str) {
        self.widths[column] = self.widths[column].max(text.chars().count());
    }

    fn line(&self, out: &mut Out, texts: &[impl AsRef<str>; N]) -> io::Result<()> {
        let padded = texts.iter().enumerate().map(|(column, text)| {
            let (text, width) = (text.as_ref(), self.widths[column]);
            match self.are_numbers[column] {
                true => format!("{text:>width$}"),
                false => format!("{text:<width$}"),
            }
        });
        let line = padded.collect::<Vec<_>>().join(GAP);
        writeln!(out, "{}", line.trim_end())
    }
}

/// A name may hold what moves a terminal's cursor or ends a line.
fn shown(cell: &Cell) -> String {
    let text = cell.text();
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(printable).collect()
}
