//! What arrives from Discord, in the shape that listeners get it, and how far each event has been handled.
//!
//! Every event has a [`Position`]: shard, session, sequence number.
//! [`Progress`] remembers which positions have been handled, so that a restarted process resumes at the right place.
//!
//! There are two kinds of listener.
//! A *fold* is called in order for each message with a [`LeanMessage`]; its module commits what it has gathered together
//! with its mark ([`Progress::write_marks`]) in one transaction, so its state counts each message exactly once, kill -9 included.
//! A command begins at most once: it holds the resume point only until it has begun, and how far commands have begun is kept
//! when the process closes in order.
//! Every other listener gets a [`Receipt`] with the event; after a crash an event whose receipt was still held comes again,
//! so such listeners see an event at least once.

mod fold;
mod marks;
mod message;
mod position;
mod progress;
mod shard;

pub use message::LeanMessage;
pub use position::{Position, Positions};
pub use progress::Progress;
pub use shard::{Receipt, ShardProgress};
