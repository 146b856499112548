//! Discord as the bot speaks to it: REST, the command list, and what happens with each event.

mod commands;
mod context;
mod dispatch;
mod errors;
mod gate;
pub(crate) mod guilds;
mod interactions;
mod lists;
mod loopback;
mod need;
mod pledge;
mod rest;
mod usage;

pub(crate) use dispatch::Dispatch;
pub use rest::RestError;
pub(crate) use rest::{Application, Rest};
