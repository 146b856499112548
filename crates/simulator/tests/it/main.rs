//! The simulator as a bot meets it: over HTTP and a WebSocket.

mod client;
mod gateway;
mod interactions;
