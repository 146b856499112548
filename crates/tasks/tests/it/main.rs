//! The engine, played against a memory store and a manual clock.

#![expect(
    clippy::unwrap_used,
    reason = "a play that cannot be set up is a failed test"
)]

mod amends;
mod blocking;
mod calendars;
mod crash;
mod crowd;
mod decisions;
mod each;
mod families;
mod gates;
mod hooks;
mod lifecycle;
mod overlap;
mod owners;
mod payloads;
mod policies;
mod pulse;
mod random;
mod stage;
mod triggers;
mod vigil;

use std::sync::Arc;

use cogsmith_tasks::{MemoryStore, conformance};

#[tokio::test]
async fn the_memory_store_keeps_every_promise_of_a_store() {
    conformance::run_all(async || Arc::new(MemoryStore::new()) as _).await;
}
