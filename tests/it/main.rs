//! The bot as a whole, from outside.

#![expect(
    clippy::unwrap_used,
    reason = "what surrounds a test may fail it like the test itself"
)]

mod admin;
mod again;
mod answered;
mod banner;
mod birthdays;
mod blocked;
mod bots;
mod busy;
mod cache;
mod check;
mod chunking;
mod cli;
mod collecting;
mod colour;
mod commands;
mod cooldowns;
mod crash;
mod deploy;
mod disk;
mod env_example;
mod events;
mod failures;
mod gateway;
mod help;
mod here;
mod image;
mod invite;
mod jobs;
mod lanes;
mod late;
mod layers;
mod log;
mod members;
mod memory;
mod migrations;
mod once;
mod opening;
mod outages;
mod ownership;
mod pressing;
mod process;
mod projects;
mod promises;
mod propagated;
mod proxy;
mod reach;
mod readme;
mod ready;
mod refiltered;
mod refused;
mod rest;
mod secrets;
mod settings;
mod shards;
mod shutdown;
mod signals;
mod simulator;
mod starts;
mod stopped;
mod switching;
mod tasks;
mod terminal;
mod test_bot;
mod threads;
mod twins;
mod usage;
mod waiting;
