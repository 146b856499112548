//! The simulator as a bot meets it: over HTTP and a WebSocket.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod bots;
mod client;
mod clock;
mod closing;
mod commands;
mod components;
mod control;
mod crowd;
mod discords_client;
mod door;
mod garbage;
mod gateway;
mod habits;
mod intents;
mod interactions;
mod layouts;
mod limits;
mod menus;
mod messages;
mod moderation;
mod operations;
mod people;
mod people_over_http;
mod polls;
mod rank;
mod rates;
mod resources;
mod rest;
mod resuming;
mod scheduled_events;
mod script;
mod seen;
mod serenity_client;
mod threads;
mod transport;
mod worlds;
