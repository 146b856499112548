//! Steering a running bot from the shell of its machine: a Unix socket beside the database.
//!
//! A connection carries one request and one answer, each a line of JSON. The kernel tells whose process asks: the
//! bot's own user and root are answered, nobody else. The owner of the database owns the socket.

mod client;
mod desk;
mod hello;
mod line;
mod modules;
mod peer;
mod place;
mod server;
mod wire;

pub use client::{Asked, ask};
pub use desk::Desk;
pub use hello::Hello;
pub use modules::ModuleRequest;
pub use place::Place;
pub(crate) use server::Server;
pub use wire::{Told, What, Wish};
