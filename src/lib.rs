//! A Discord bot host: commands in modules, tasks that survive crashes, and a Discord on localhost.

pub mod config;
pub mod error;
pub mod events;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;

/// The dozen names that a module needs.
pub mod prelude {
    pub use crate::error::{Error, Result, UserError};
}
