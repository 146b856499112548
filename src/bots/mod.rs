//! The bots of one process: verified together, then each on threads of its own.
//!
//! | shared by all bots | of each bot |
//! |---|---|
//! | the log, the signals, the HTTP port, the clock, values that are [shared](crate::host::Shared) | token, modules, presence, owners, commands, gateway, tasks, database, threads, and the `bot.name` of its log lines |
//!
//! A bot that crashes is started again after a pause; what would be the same the next time ends it for good.
//! Neither touches the others. One bot without a name is a list of one, whose end is that of the process.

mod bot;
mod built;
mod error;
mod keeper;
mod pause;
mod process;

pub use bot::Bot;
pub use built::Bots;
pub use error::{Failed, Panicked};
pub use process::Process;
