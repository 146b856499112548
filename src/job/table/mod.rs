//! Rows of named columns, written as they come.

mod aligned;
mod csv;
mod json;

use std::io;

use serde::{Serialize, Serializer};

use super::{Cell, Format, Out};
use aligned::Aligned;

/// Rows of `N` columns, written to standard output in one of four forms.
///
/// Each row is written as it comes, so that any number of them takes no more memory than one; in the form of a table,
/// whose columns are as wide as their widest value, they are held until [`Table::finish`].
///
/// ```
/// use cogsmith::job::{Format, Out, Table};
///
/// let out = Out::to(std::io::sink());
/// let mut table = Table::new(&out, Format::Csv, ["name", "messages"]);
/// table.row(["=1+1".into(), 7_u64.into()])?; // '=1+1,7
/// table.finish()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Table<const N: usize> {
    out: Out,
    columns: [&'static str; N],
    form: Form<N>,
    rows: u64,
}

enum Form<const N: usize> {
    Aligned(Aligned<N>),
    Json,
    Ndjson,
    Csv(Box<::csv::Writer<Out>>),
}

impl<const N: usize> Table<N> {
    /// Rows of these columns, of which none is there yet. A job that ends well without [`Table::finish`] has failed.
    #[must_use]
    pub fn new(out: &Out, format: Format, columns: [&'static str; N]) -> Self {
        out.table_begun();
        let form = match format {
            Format::Table => Form::Aligned(Aligned::default()),
            Format::Json => Form::Json,
            Format::Ndjson => Form::Ndjson,
            Format::Csv => Form::Csv(Box::new(::csv::Writer::from_writer(out.clone()))),
        };
        Self {
            out: out.clone(),
            columns,
            form,
            rows: 0,
        }
    }

    /// Writes a row, with a value for each column.
    ///
    /// # Errors
    /// Standard output takes no more.
    pub fn row(&mut self, cells: [Cell; N]) -> io::Result<()> {
        self.begin()?;
        self.rows += 1;
        match &mut self.form {
            Form::Aligned(aligned) => aligned.hold(cells),
            Form::Json => json::element(
                &mut self.out,
                &Record(&self.columns, &cells),
                self.rows == 1,
            )?,
            Form::Ndjson => json::line(&mut self.out, &Record(&self.columns, &cells))?,
            Form::Csv(writer) => csv::row(writer, &cells)?,
        }
        Ok(())
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what belongs at the end: without it a table is empty and an array has no end.
    ///
    /// # Errors
    /// Standard output takes no more.
    pub fn finish(mut self) -> io::Result<()> {
        self.begin()?;
        match self.form {
            Form::Aligned(aligned) => aligned.write(&mut self.out, self.columns)?,
            Form::Json => json::end(&mut self.out, self.rows == 0)?,
            Form::Ndjson => {}
            Form::Csv(mut writer) => writer.flush()?,
        }
        self.out.table_finished();
        Ok(())
    }

    /// What stands before the first row.
    fn begin(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Csv(writer) if self.rows == 0 => csv::head(writer, self.columns),
            _ => Ok(()),
        }
    }
}

/// An object whose keys are in the order of the columns.
struct Record<'a, const N: usize>(&'a [&'static str; N], &'a [Cell; N]);

impl<const N: usize> Serialize for Record<'_, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(self.1))
    }
}

#[cfg(test)]
mod tests;
