//! Runs that are put off on purpose: jitter and splay.

use std::time::Duration;

use chrono::TimeDelta;
use cogsmith_tasks::{Cause, Engine, MemoryStore, TaskSpec, every, hours, mins, secs};

use crate::stage::{Stage, dawn, down, ms};

#[tokio::test]
async fn jitter_delays_runs_and_leaves_slots_alone() {
    let stage = Stage::open().await;
    let task = stage
        .register(stage.quick(every(secs(3))).jitter(secs(2)))
        .await;
    stage.engine.advance(mins(5) - ms(1)).await;
    let runs = stage.runs().await;
    assert_eq!(runs.len(), 100);
    for (n, run) in (0..).zip(&runs) {
        assert_eq!(run.slot_at, dawn() + TimeDelta::seconds(3 * n));
        assert!(
            run.lateness() <= TimeDelta::seconds(2),
            "{}",
            run.lateness()
        );
        assert_eq!(run.cause, Cause::Schedule);
    }
    assert!(
        runs.iter()
            .any(|run| run.lateness() > TimeDelta::seconds(1))
    );
    assert_eq!((task.status().missed, task.status().skipped), (0, 0));
}

#[tokio::test]
async fn a_delay_by_jitter_is_kept_over_a_crash() {
    let spec = |stage: &Stage| stage.quick(every(hours(1))).jitter(mins(59));
    let mut stage = Stage::open().await;
    let task = stage.register(spec(&stage)).await;
    let wake = task.next_iteration();
    assert_eq!(
        down(&mut stage, Duration::ZERO, spec)
            .await
            .next_iteration(),
        wake
    );
}

#[tokio::test]
async fn splay_gives_each_guild_its_own_place() {
    let stage = Stage::open().await;
    let mut places = std::collections::BTreeSet::new();
    for guild in 0..20 {
        let spec = stage
            .quick(every(hours(1)))
            .splay(hours(1))
            .scope(format!("guild:{guild}"));
        places.insert(stage.register(spec).await.next_iteration());
    }
    assert_eq!(places.len(), 20);
    stage.engine.advance(hours(2) - ms(1)).await;
    assert_eq!(stage.diary.times("run").len(), 40);
}

#[tokio::test]
async fn delays_out_of_bounds_are_refused() {
    let engine = Engine::new(
        std::sync::Arc::new(MemoryStore::new()),
        cogsmith_tasks::Clock::manual(dawn()),
    );
    let spec = || TaskSpec::new("t", every(secs(1)), |_| async { Ok(()) });
    let refused = engine
        .register(spec().jitter(Duration::MAX))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.starts_with("jitter ") && refused.ends_with("expected at most 10 years"),
        "{refused}"
    );
    let refused = engine
        .register(spec().splay(hours(24 * 3_651)))
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(refused, "splay 3651d of task t, expected at most 10 years");
}
