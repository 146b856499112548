//! A51: any order of commands, slots and crashes keeps the invariants of the engine.
//!
//! Each case is a plan (what the task is like) and some steps. After each step the rows on disk are
//! compared with a small model and with the invariants; a case that breaks one is shrunk and printed.
//! 10,000 cases in all; `PROPTEST_CASES` sets another number for each half.

mod disk;
mod model;
mod notes;
mod process;
mod steps;
mod world;

use proptest::prelude::*;

use steps::{Plan, Step, plan, step};
use world::World;

proptest! {
    #![proptest_config(half())]

    #[test]
    fn a51_any_order_of_commands_and_crashes_keeps_the_invariants(
        plan in plan(false),
        steps in steps(),
    ) {
        play(plan, steps);
    }

    #[test]
    fn a51_any_order_keeps_the_invariants_also_when_runs_are_repeated(
        plan in plan(true),
        steps in steps(),
    ) {
        play(plan, steps);
    }
}

fn half() -> ProptestConfig {
    let given = std::env::var("PROPTEST_CASES").is_ok();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let cases = if given { config.cases } else { 5_000 };
    ProptestConfig { cases, ..config }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..30)
}

fn play(plan: Plan, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(async {
        let mut world = World::new(plan).await;
        for step in steps {
            world.take(step).await;
        }
        world.end().await;
    });
}
