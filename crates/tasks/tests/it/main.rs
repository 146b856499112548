//! The engine, played against a memory store and a manual clock.

#![expect(
    clippy::unwrap_used,
    reason = "a play that cannot be set up is a failed test"
)]

mod adopted;
mod backfill;
mod blocking;
mod breakdown;
mod by_hand;
mod calendars;
mod cancelling;
mod crash;
mod crowd;
mod decisions;
mod each;
mod engine;
mod extremes;
mod families;
mod gates;
mod hooks;
mod lifecycle;
mod one_shots;
mod overlap;
mod owners;
mod payloads;
mod policies;
mod pulse;
mod random;
mod redo;
mod refusing;
mod spreading;
mod stage;
mod triggers;
mod vigil;
mod wall_clock;

use std::sync::Arc;

use cogsmith_tasks::{MemoryStore, conformance};

#[tokio::test]
async fn the_memory_store_keeps_every_promise_of_a_store() {
    conformance::run_all(async || Arc::new(MemoryStore::new()) as _).await;
}
