//! In which form rows are written.

/// The forms in which a [`Table`](super::Table) is written: an argument of a job is one line, `format: Format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Columns for people
    #[default]
    Table,
    /// One array of objects
    Json,
    /// One object a line
    Ndjson,
    /// Comma-separated values, which a spreadsheet opens without running any as a formula
    Csv,
}
