//! A51: any order of commands, slots and crashes keeps the invariants of the engine.
//!
//! Each case is a plan (what the task is like) and some steps. After each step the rows on disk are
//! compared with a small model and with the invariants; a case that breaks one is shrunk and printed.
//! 256 cases by default; `PROPTEST_CASES=10000` plays more.

mod disk;
mod model;
mod notes;
mod steps;
mod world;

use proptest::prelude::*;

use steps::{plan, step};
use world::World;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a51_any_order_of_commands_and_crashes_keeps_the_invariants(
        plan in plan(),
        steps in prop::collection::vec(step(), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.unwrap().block_on(async {
            let mut world = World::new(plan).await;
            for step in steps {
                world.take(step).await;
            }
            world.end().await;
        });
    }
}
