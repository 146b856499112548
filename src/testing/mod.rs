//! What tests of modules stand on: a whole bot against a local Discord, with a clock they move.

mod bot;
mod database;
mod log;

pub use bot::TestBot;
pub use cogsmith_simulator::{FaultRule, Guild, Permissions, Person, SlashError};
pub use database::Database;
