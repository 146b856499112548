//! Discord as the bot speaks to it: REST, the command list, and what happens with each event.

pub(crate) mod chunking;
mod commands;
mod context;
mod difference;
mod dispatch;
mod errors;
mod gate;
pub(crate) mod guilds;
mod homes;
mod interactions;
mod lists;
mod loopback;
mod need;
mod pledge;
mod rest;
mod usage;

pub(crate) use commands::{fetch, register};
pub(crate) use difference::{Difference, title};
pub(crate) use dispatch::Dispatch;
pub(crate) use homes::{Home, created};
pub use rest::RestError;
pub(crate) use rest::{Application, Rest};
