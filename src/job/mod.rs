//! One-shot jobs: work that is done once, from the command line, and ends with a code for scripts.
//!
//! Data goes to standard output, everything else to standard error.

mod cell;
mod format;
mod out;
mod table;

pub use cell::Cell;
pub use format::Format;
pub use out::Out;
pub use table::Table;
