#![doc = include_str!("../README.md")]

mod builder;
mod control;
mod core;
mod document;
mod door;
mod error_codes;
mod gateway;
mod intents;
mod openapi;
#[cfg(test)]
mod parity;
mod payload;
mod people;
mod permissions;
mod rest;
pub mod script;
pub mod seed;
mod simulator;
mod slash;
mod snowflake;
pub mod traffic;
mod transcript;
mod waiting;
mod web;
mod wire;
mod world;

pub use builder::{Builder, StartError};
pub use intents::Intents;
pub use people::{Bot, Channel, Guild, Message, Person, Reply};
pub use permissions::Permissions;
pub use rest::fault::{FaultRule, Scope};
pub use rest::journal::Request;
pub use simulator::{Connection, Simulator};
pub use slash::SlashError;
pub use snowflake::Snowflake;
pub use transcript::{Deed, Line};
pub use waiting::TimedOut;
pub use world::Now;
