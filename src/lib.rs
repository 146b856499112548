//! A Discord bot host: commands in modules, tasks that survive crashes, and a Discord on localhost.
//!
//! Module authors start at [`prelude`] and [`module::Module`].
//! The rooms, each knowing only those above it in this list:

// By this name modules/ reads as the modules of a project do.
extern crate self as cogsmith;

/// Of the library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub mod error;

pub mod reply;

pub mod config;

pub mod telemetry;

pub mod store;

pub mod audit;

pub mod events;

mod activity;

mod runtime;

pub mod locks;

pub mod bus;

pub mod settings;

pub mod switches;

pub mod shards;

pub mod cache;

pub mod host;

pub mod steering;

mod rest;

pub mod gateway;

pub mod job;

pub mod module;

pub mod discord;

pub mod http;

pub mod admin;

pub mod app;

/// The library that reads arguments of jobs, for modules that have no dependency of their own on it.
pub use clap;

/// The task engine, whole; the prelude has the names that most modules need.
pub use cogsmith_tasks as tasks;

pub mod bots;

pub mod prelude;

#[cfg(feature = "simulator")]
pub mod stage;

pub mod cli;

// Left to the tests of the program, which hold it to the public API.
#[cfg(not(test))]
#[path = "../modules/mod.rs"]
pub mod modules;

#[cfg(feature = "testing")]
pub mod testing;

/// What the page shows is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/COMMANDS.md")]
mod commands_page {}

/// What the page shows is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/COMING_FROM.md")]
mod coming_from_page {}

/// What the page shows is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/JOBS.md")]
mod jobs_page {}

/// What the page shows is compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/MODULES.md")]
mod modules_page {}
