//! The engine, played against a memory store and a manual clock.

#![expect(
    clippy::unwrap_used,
    reason = "a play that cannot be set up is a failed test"
)]

mod lifecycle;
mod stage;
