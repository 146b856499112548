//! The gateway: sessions that hear of events, and the sockets that carry them.
//!
//! A session is state of the world and outlives its socket: events are kept in its buffer whether
//! or not anybody is connected. A socket only has a place in that buffer, its cursor. Being
//! connected, being slow and resuming are therefore the same thing seen from three cursors.

mod backlog;
pub(crate) mod event;
mod members;
pub(crate) mod operations;
mod outbox;
mod pace;
pub(crate) mod sessions;
pub(crate) mod socket;
pub(crate) mod starts;
