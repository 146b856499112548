//! No value that can be written ends the engine: it is used, or refused by name.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_tasks::{
    Clock, Engine, Error, First, MAX_INTERVAL, MIN_INTERVAL, MemoryStore, Misfire, Overlap, State,
    TaskHandle, TaskSpec, Trigger, at, cron, every, hours, manual, mins, once, secs,
};
use proptest::{prelude::*, sample::select, test_runner::RngSeed};

use crate::stage::{Stage, dawn, instant};

const NO_TIME: Duration = Duration::from_mins(2);

#[derive(Clone, Copy, Debug)]
enum Step {
    Start,
    Stop,
    Cancel,
    Restart,
    Run,
    Backfill(DateTime<Utc>, DateTime<Utc>, u32),
    Change(usize, Duration, DateTime<Utc>),
    Reset,
    Advance(Duration),
    SetWall(TimeDelta),
    Suspend(Duration),
    Housekeep,
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> + Clone {
    let edges = [
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999999Z",
        "2016-12-31T23:59:60.5Z",
        "2026-03-08T07:00:00Z",
        "5000-12-31T23:59:59Z",
        "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:59:60Z",
    ];
    let mut edges = edges.map(instant).to_vec();
    edges.extend([DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC, dawn()]);
    let near = (select(edges.clone()), -90_000_i64..90_000).prop_map(|(edge, by)| {
        edge.checked_add_signed(TimeDelta::seconds(by))
            .unwrap_or(edge)
    });
    prop_oneof![select(edges), near]
}

fn lengths() -> impl Strategy<Value = Duration> + Clone {
    let edges = vec![
        Duration::ZERO,
        Duration::from_nanos(1),
        MIN_INTERVAL,
        secs(1),
        hours(24),
        MAX_INTERVAL,
        MAX_INTERVAL + Duration::from_millis(1),
        Duration::from_millis(i64::MAX as u64),
        Duration::from_millis(u64::MAX),
        Duration::MAX,
    ];
    select(edges)
}

fn deltas() -> impl Strategy<Value = TimeDelta> + Clone {
    let edges = vec![
        TimeDelta::MIN,
        TimeDelta::MAX,
        TimeDelta::days(-3_000_000),
        TimeDelta::days(3_000_000),
        TimeDelta::hours(-4),
        TimeDelta::milliseconds(700),
    ];
    select(edges)
}

fn steps() -> impl Strategy<Value = Step> {
    let most = select(vec![0, 1, 3, 10_001, u32::MAX]);
    prop_oneof![
        Just(Step::Start),
        Just(Step::Stop),
        Just(Step::Cancel),
        Just(Step::Restart),
        Just(Step::Run),
        Just(Step::Reset),
        Just(Step::Housekeep),
        (instants(), instants(), most).prop_map(|(from, to, max)| Step::Backfill(from, to, max)),
        (0_usize..7, lengths(), instants()).prop_map(|(kind, by, at)| Step::Change(kind, by, at)),
        lengths().prop_map(Step::Advance),
        deltas().prop_map(Step::SetWall),
        lengths().prop_map(Step::Suspend),
    ]
}

fn trigger(kind: usize, by: Duration, only: DateTime<Utc>) -> Trigger {
    match kind {
        0 => once(only),
        1 => manual(),
        2 => at(["00:00 in Pacific/Apia", "23:59:59 in America/New_York"]),
        3 => cron("0 0 29 2 * in Asia/Tokyo"),
        // Sparse: a calendar is walked slot by slot, and clocks are moved by thousands of years here.
        4 => cron("30 12 * 6 * in Pacific/Niue"),
        _ => every(by),
    }
}

fn spec(trigger: Trigger, lengths: [Duration; 4], choice: usize) -> TaskSpec {
    let [jitter, grace, window, within] = lengths;
    let spec = TaskSpec::new("t", trigger, |_| async { Ok(()) });
    let first = [First::Rhythm, First::Now, First::AfterInterval][choice % 3];
    let misfire = [Misfire::Once, Misfire::Skip, Misfire::All(100)][choice / 3 % 3];
    let overlap = [
        Overlap::Skip,
        Overlap::Queue(u32::MAX),
        Overlap::Allow(u32::MAX),
    ];
    spec.first(first)
        .misfire(misfire)
        .overlap(overlap[choice / 9 % 3])
        .jitter(jitter)
        .splay(jitter)
        .grace(grace)
        .catch_up_window(window)
        .expect_within(within)
        .timeout(within)
        .cancel_grace(grace)
}

async fn take(step: Step, task: &TaskHandle, engine: &Engine) -> Result<(), Error> {
    let clock = engine.clock();
    match step {
        Step::Start => drop(task.start().await?),
        Step::Stop => drop(task.stop().await?),
        Step::Cancel => drop(task.cancel().await?),
        Step::Restart => drop(task.restart().await?),
        Step::Run => drop(task.trigger_now().await?),
        Step::Backfill(from, to, max) => drop(task.backfill(from, to, max.min(20)).await?),
        Step::Change(kind, by, at) => {
            drop(task.change_interval(trigger(kind, by, at)).await?);
        }
        Step::Reset => drop(task.reset_interval().await?),
        Step::Advance(by) => clock.advance(by),
        Step::SetWall(by) => clock.step_wall(by),
        Step::Suspend(by) => clock.suspend(by),
        Step::Housekeep => engine.housekeep().await,
    }
    engine.settle().await;
    Ok(())
}

/// Plays the steps on a clock that begins at `start`; a task beside is to be left alone.
async fn play(start: DateTime<Utc>, spec: TaskSpec, steps: &[Step]) {
    let store = Arc::new(MemoryStore::new());
    let engine = Engine::new(store, Clock::manual(start));
    let witness = TaskSpec::new("witness", manual(), |_| async { Ok(()) });
    let witness = engine.register(witness).await.unwrap();
    engine.start().await.unwrap();
    let task = match engine.register(spec).await {
        Ok(task) => task,
        Err(error) => return assert_refused(&error),
    };
    engine.settle().await;
    for step in steps {
        if let Err(error) = take(*step, &task, &engine).await {
            assert_refused(&error);
        }
        let error = task.status().last_error;
        assert!(error.is_none(), "{step:?}: {error:?}");
    }
    witness.trigger_now().await.unwrap();
    engine.shut_down(Duration::MAX).await;
}

fn assert_refused(error: &Error) {
    let is_refused = !matches!(
        error,
        Error::ShutDown | Error::Panicked { .. } | Error::Fenced
    );
    assert!(is_refused, "{error}");
}

#[tokio::test]
async fn a_clock_that_shows_a_leap_second_keeps_no_task_waiting() {
    let spec = TaskSpec::new("t", every(secs(1)), |_| async { Ok(()) });
    let steps = [Step::Advance(hours(24 * 3_650)), Step::Run];
    let play = play(instant("2016-12-31T23:59:60.5Z"), spec, &steps);
    tokio::time::timeout(NO_TIME, play).await.unwrap();
}

proptest! {
    // The same cases each time: few others walk a daily calendar through thousands of years, which is slow.
    #![proptest_config(ProptestConfig {
        cases: 150,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_value_of_any_command_or_policy_ends_the_engine(
        start in instants(),
        (kind, by, only) in (0_usize..7, lengths(), instants()),
        policies in [lengths(), lengths(), lengths(), lengths()],
        choice in 0_usize..27,
        steps in prop::collection::vec(steps(), 1..10),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let spec = spec(trigger(kind, by, only), policies, choice);
        let play = play(start, spec, &steps);
        let played = runtime.block_on(async { tokio::time::timeout(NO_TIME, play).await });
        prop_assert!(played.is_ok(), "the engine is stuck");
    }

    #[test]
    fn every_trigger_answers_for_every_instant(
        (kind, by, only) in (0_usize..7, lengths(), instants()),
        instant in instants(),
    ) {
        let trigger = trigger(kind, by, only);
        prop_assume!(trigger.check().is_ok());
        let next = trigger.next_after(instant);
        prop_assert!(next.is_none_or(|next| next > instant), "{next:?}");
    }
}

#[tokio::test]
async fn a_backfill_from_an_instant_that_is_none_is_refused_by_name() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(mins(10)))).await;
    for trigger in [
        "every 10m",
        "at 09:00 in America/New_York",
        "cron 0 9 * * *",
    ] {
        task.change_interval(trigger.parse().unwrap())
            .await
            .unwrap();
        let refused = task.backfill(DateTime::<Utc>::MIN_UTC, dawn(), 10).await;
        let expected = "the beginning of a backfill -262143-01-01 00:00:00 UTC, expected an instant \
            of the years 0 to 9999";
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    task.trigger_now().await.unwrap();
    let status = task.backfill(instant("0000-01-01T00:00:00Z"), dawn(), 2);
    assert_eq!(status.await.unwrap().backfill_left, 1);
}

#[tokio::test]
async fn slots_that_are_asked_for_are_in_whole_milliseconds() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.settle().await;
    let from = dawn() - Duration::from_nanos(20_000_000_001);
    task.backfill(from, dawn(), 1).await.unwrap();
    stage.engine.settle().await;
    let slots = crate::stage::slots(&stage).await;
    assert_eq!(slots, [dawn(), dawn() - secs(20)]);
}

#[tokio::test]
async fn at_the_end_of_the_calendar_a_task_waits_for_a_clock_that_is_right() {
    for trigger in [at(["09:00"]), cron("0 9 * * *")] {
        let stage = Stage::closed();
        stage.clock.step_wall(TimeDelta::MAX);
        let task = stage.register(stage.quick(trigger)).await;
        stage.engine.start().await.unwrap();
        stage.engine.settle().await;
        assert_eq!(
            (task.status().state, task.next_iteration()),
            (State::Active, None)
        );
        stage.clock.step_wall(dawn() - stage.clock.now());
        stage.engine.settle().await;
        assert_eq!(task.next_iteration(), Some(dawn() + hours(3)));
    }
}
