//! What tests of modules stand on: a whole bot against a local Discord, with a clock they move.

mod database;

pub use database::Database;
