//! Slots, and runs by hand, that come while a run is live.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use cogsmith_tasks::{
    Error, Misfire, Overlap, RunState, State, TaskHandle, TaskSpec, Transient, every, mins, secs,
};
use parking_lot::Mutex;

use crate::stage::{Stage, dawn, ms};

/// A task named `t` whose first body takes `first`, and the others no time.
fn slow_at_first(stage: &Stage, interval: Duration, first: Duration) -> TaskSpec {
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let first = Arc::new(Mutex::new(first));
    TaskSpec::new("t", every(interval), move |_| {
        let (diary, clock) = (diary.clone(), clock.clone());
        let length = std::mem::take(&mut *first.lock());
        async move {
            diary.note("run");
            if !length.is_zero() {
                clock.sleep(length).await;
                diary.note("end");
            }
            Ok(())
        }
    })
}

/// A first body of 2.2 s in a loop of 0.5 s, played for 3.1 s.
async fn a19(overlap: Overlap) -> (Stage, TaskHandle) {
    let stage = Stage::open().await;
    let spec = slow_at_first(&stage, ms(500), ms(2_200)).overlap(overlap);
    let task = stage.register(spec).await;
    stage.engine.advance(ms(3_100)).await;
    (stage, task)
}

#[tokio::test]
async fn a19_skip_leaves_out_what_comes_during_a_run() {
    let (stage, task) = a19(Overlap::Skip).await;
    assert_eq!(stage.diary.times("run"), [0, 2_500, 3_000]);
    assert_eq!(task.status().skipped, 4);
}

#[tokio::test]
async fn a19_a_queue_of_one_runs_once_when_the_run_has_ended() {
    let (stage, task) = a19(Overlap::Queue(1)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_200, 2_500, 3_000]);
    assert_eq!((task.status().skipped, task.status().missed), (3, 0));
    assert_eq!(stage.runs().await[1].slot_at, dawn() + ms(2_000));
}

#[tokio::test]
async fn a19_a_queue_of_many_runs_each_slot() {
    for most in [4, u32::MAX] {
        let (stage, task) = a19(Overlap::Queue(most)).await;
        assert_eq!(
            stage.diary.times("run"),
            [0, 2_200, 2_200, 2_200, 2_200, 2_500, 3_000]
        );
        assert_eq!((task.status().skipped, task.status().missed), (0, 0));
        let slots: Vec<_> = stage
            .runs()
            .await
            .iter()
            .map(|run| (run.slot_at - dawn()).num_milliseconds())
            .collect();
        assert_eq!(slots, [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000]);
    }
}

#[tokio::test]
async fn a19_allow_lets_two_runs_be_live() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(ms(500)), ms(2_200))
        .overlap(Overlap::Allow(2));
    let task = stage.register(spec).await;
    stage.engine.advance(ms(3_100)).await;
    assert_eq!(stage.diary.times("run"), [0, 500, 2_500, 3_000]);
    assert_eq!(stage.diary.times("end"), [2_200, 2_700]);
    assert_eq!(task.status().skipped, 3);
    assert_eq!(task.current_loop(), 2);
}

#[tokio::test]
async fn a19_replace_cancels_the_run_before() {
    let (stage, task) = a19(Overlap::Replace).await;
    assert_eq!(
        stage.diary.times("run"),
        [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000]
    );
    assert!(stage.diary.times("end").is_empty());
    assert_eq!(
        stage.states().await[..2],
        [RunState::Cancelled, RunState::Ok]
    );
    assert_eq!(stage.runs().await[0].finished_at, Some(dawn() + ms(500)));
    assert_eq!((task.status().skipped, task.status().fails), (0, 0));
}

#[tokio::test]
async fn a_run_that_makes_way_slowly_costs_the_older_of_two_slots() {
    let stage = Stage::open().await;
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = TaskSpec::new("t", every(secs(1)), move |run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            diary.note("run");
            tokio::select! {
                () = run.cancelled() => {}
                () = clock.sleep(mins(1)) => {}
            }
            clock.sleep(ms(1_500)).await;
            diary.note("end");
            Ok(())
        }
    });
    let task = stage.register(spec.overlap(Overlap::Replace)).await;
    stage.engine.advance(ms(2_900)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_500]);
    assert_eq!(stage.diary.times("end"), [2_500]);
    assert_eq!(task.status().skipped, 1);
    assert_eq!(stage.runs().await[1].slot_at, dawn() + secs(2));
}

#[tokio::test]
async fn slots_that_queue_are_missed_after_a_crash() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| {
        let spec = stage.lasting(every(secs(10)), secs(35));
        spec.overlap(Overlap::Queue(9)).misfire(Misfire::All(9))
    };
    stage.register(spec(&stage)).await;
    stage.engine.advance(secs(25)).await;
    stage.crash().await;
    stage.register(spec(&stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.advance(secs(36)).await;
    let slots: Vec<_> = stage
        .runs()
        .await
        .iter()
        .map(|run| run.slot_at - dawn())
        .collect();
    assert_eq!(slots, [0, 10, 20].map(TimeDelta::seconds), "none is lost");
    assert_eq!(stage.diary.times("run"), [0, 25_000, 60_000]);
}

#[tokio::test]
async fn stop_forgets_what_queues() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(1)), secs(5))
        .overlap(Overlap::Queue(9));
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(ms(3_500)).await;
    task.stop().await.unwrap();
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0]);
    assert_eq!(stage.diary.times("after stopped"), [5_000]);
}

#[tokio::test]
async fn a_slot_that_a_newer_one_has_overtaken_is_not_retried() {
    let stage = Stage::open().await;
    let (diary, clock) = (stage.diary.clone(), stage.clock.clone());
    let spec = TaskSpec::new("t", every(secs(10)), move |run| {
        let (diary, clock) = (diary.clone(), clock.clone());
        async move {
            diary.note("run");
            clock.sleep(secs(11)).await;
            let is_first = run.slot == dawn();
            anyhow::ensure!(!is_first, Transient::new(anyhow::anyhow!("503")));
            Ok(())
        }
    });
    let task = stage.register(spec.overlap(Overlap::Allow(2))).await;
    stage.engine.advance(secs(19)).await;
    assert_eq!(stage.diary.times("run"), [0, 10_000]);
    assert_eq!(task.status().fails, 1);
}

#[tokio::test]
async fn no_more_runs_are_begun_than_the_count_needs() {
    let stage = Stage::open().await;
    let spec = stage.lasting(every(secs(1)), ms(2_500));
    let task = stage
        .register(spec.overlap(Overlap::Allow(9)).count(2))
        .await;
    stage.engine.advance(secs(20)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000]);
    assert_eq!(
        (task.status().state, task.current_loop()),
        (State::Finished, 2)
    );
}

#[tokio::test]
async fn stop_waits_for_every_live_run() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(secs(1)), secs(5))
        .overlap(Overlap::Allow(3));
    let task = stage.register(stage.diary.hooks(spec)).await;
    stage.engine.advance(ms(2_500)).await;
    task.stop().await.unwrap();
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("end"), [5_000, 6_000, 7_000]);
    assert_eq!(stage.diary.times("after stopped"), [7_000]);
}

#[tokio::test]
async fn a42_runs_by_hand_queue_up_to_the_bound() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(mins(10)), secs(2))
        .overlap(Overlap::Queue(2));
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    task.trigger_now().await.unwrap();
    task.trigger_now().await.unwrap();
    let refused = task.trigger_now().await;
    assert!(
        matches!(refused, Err(Error::Overlapped { .. })),
        "{refused:?}"
    );
    stage.engine.advance(secs(30)).await;
    assert_eq!(stage.diary.times("run"), [0, 2_000, 4_000]);
    assert_eq!(task.next_iteration(), Some(dawn() + mins(10)));
    assert_eq!((task.status().skipped, task.current_loop()), (1, 1));
}

#[tokio::test]
async fn a42_a_body_may_queue_a_run_of_its_own_task() {
    let stage = Stage::open().await;
    let diary = stage.diary.clone();
    let spec = TaskSpec::new("t", every(mins(10)), move |run| {
        let diary = diary.clone();
        async move {
            diary.note("run");
            if run.slot == dawn() && diary.times("run").len() == 1 {
                run.task.trigger_now().await?;
            }
            Ok(())
        }
    });
    stage.register(spec.overlap(Overlap::Queue(1))).await;
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.diary.times("run"), [0, 0]);
}

#[tokio::test]
async fn a42_runs_by_hand_are_live_together_up_to_the_bound() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(mins(10)), secs(2))
        .overlap(Overlap::Allow(2));
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    task.trigger_now().await.unwrap();
    let refused = task.trigger_now().await;
    assert!(
        matches!(refused, Err(Error::Overlapped { .. })),
        "{refused:?}"
    );
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("end"), [2_000, 3_000]);
}

#[tokio::test]
async fn a42_a_run_by_hand_replaces_the_live_one() {
    let stage = Stage::open().await;
    let spec = stage
        .lasting(every(mins(10)), secs(2))
        .overlap(Overlap::Replace);
    let task = stage.register(spec).await;
    stage.engine.advance(secs(1)).await;
    task.trigger_now().await.unwrap();
    stage.engine.advance(secs(5)).await;
    assert_eq!(stage.diary.times("run"), [0, 1_000]);
    assert_eq!(stage.states().await, [RunState::Cancelled, RunState::Ok]);
    assert_eq!(task.next_iteration(), Some(dawn() + mins(10)));
}

#[tokio::test]
async fn bounds_that_mean_nothing_are_refused() {
    let stage = Stage::open().await;
    for (overlap, expected) in [
        (
            Overlap::Queue(0),
            "overlap 0 of task t, expected a queue of at least 1",
        ),
        (
            Overlap::Allow(1),
            "overlap 1 of task t, expected at least 2 runs at once",
        ),
    ] {
        let spec = stage.quick(every(secs(1))).overlap(overlap);
        let refused = stage.engine.register(spec).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
}

/// River: the second slot is exactly one interval after the first, however late the first run was.
#[tokio::test]
async fn slots_are_counted_from_slots_not_from_runs() {
    let stage = Stage::open().await;
    stage.register(stage.quick(every(ms(500)))).await;
    stage.engine.settle().await;
    stage.clock.advance(ms(730));
    stage.engine.advance(ms(300)).await;
    let slots: Vec<_> = stage
        .runs()
        .await
        .iter()
        .map(|run| (run.slot_at - dawn()).num_milliseconds())
        .collect();
    assert_eq!(slots, [0, 500, 1_000]);
}

/// River: the shortest interval among 99 long ones starves nobody.
#[tokio::test]
async fn a_rapid_task_starves_none_of_ninety_nine_slow_ones() {
    let stage = Stage::open().await;
    stage.register(stage.quick(every(ms(100)))).await;
    let mut slow = Vec::new();
    for n in 0..99 {
        let spec = TaskSpec::new(format!("slow{n}"), every(secs(3)), |_| async { Ok(()) });
        slow.push(stage.register(spec).await);
    }
    stage.engine.advance(ms(5_950)).await;
    assert_eq!(stage.diary.times("run").len(), 60);
    assert!(slow.iter().all(|task| task.current_loop() == 2));
}

/// APScheduler: first due 3 min 5 s ago, each minute; all, or the newest; the next in 55 s.
#[tokio::test]
async fn missed_slots_coalesce_as_asked() {
    for (misfire, expected) in [
        (Misfire::All(99), vec![-185, -125, -65, -5]),
        (Misfire::Once, vec![-5]),
    ] {
        let stage = Stage::open().await;
        let spec = stage
            .quick(every(mins(1)))
            .misfire(misfire)
            .first(cogsmith_tasks::First::AfterInterval);
        let task = stage.register(spec).await;
        stage.engine.advance(secs(59)).await;
        stage.clock.advance(secs(186));
        stage.engine.settle().await;
        let now = stage.clock.now();
        let slots: Vec<_> = stage
            .runs()
            .await
            .iter()
            .map(|run| (run.slot_at - now).num_seconds())
            .collect();
        assert_eq!(slots, expected);
        assert_eq!(task.next_iteration(), Some(now + secs(55)));
    }
}
