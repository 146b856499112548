//! Times of day, cron patterns, one-shots and tasks that are run by hand.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use cogsmith_tasks::{
    Cause, Engine, EventKind, First, History, MemoryStore, Misfire, RunState, State, TaskHandle,
    TaskSpec, Transient, Trigger, at, cron, every, hours, manual, mins, once, secs,
};

use crate::stage::{Stage, dawn, ms};

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The slots of all runs of `t`, oldest first.
async fn slots(stage: &Stage) -> Vec<DateTime<Utc>> {
    stage.runs().await.iter().map(|run| run.slot_at).collect()
}

/// An engine that has started at `start`.
async fn open_at(start: &str) -> Stage {
    let stage = Stage::closed();
    stage.clock.step_wall(instant(start) - dawn());
    stage.engine.start().await.unwrap();
    stage
}

/// Kills the process, lets `down` pass, and brings the task back.
async fn down(stage: &mut Stage, down: Duration, spec: impl Fn(&Stage) -> TaskSpec) -> TaskHandle {
    stage.engine.settle().await;
    stage.engine.kill().await;
    stage.clock.advance(down);
    stage.crash().await;
    let task = stage.register(spec(stage)).await;
    stage.engine.start().await.unwrap();
    stage.engine.settle().await;
    task
}

#[tokio::test]
async fn d1_a_time_of_day_that_is_past_does_not_run_today() {
    let stage = open_at("2026-06-01T12:00:30Z").await;
    let task = stage.register(stage.quick(at(["12:00"]))).await;
    stage.engine.advance(hours(1)).await;
    assert!(stage.diary.times("run").is_empty());
    assert_eq!(task.next_iteration(), Some(instant("2026-06-02T12:00:00Z")));
}

#[tokio::test]
async fn d2_several_times_of_day_that_are_past_do_not_run_today() {
    let stage = open_at("2026-06-01T12:00:30Z").await;
    stage
        .register(stage.quick(at(["11:59", "11:58", "11:57"])))
        .await;
    stage.engine.advance(hours(1)).await;
    assert!(stage.diary.times("run").is_empty());
}

#[tokio::test]
async fn a_time_of_day_that_is_now_runs_now() {
    let stage = open_at("2026-06-01T12:00:00Z").await;
    let task = stage.register(stage.quick(at(["12:00"]))).await;
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run").len(), 1);
    task.restart().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run").len(), 1, "its slot has been run");
}

#[tokio::test]
async fn the_first_run_of_a_calendar_is_at_once_when_asked() {
    let stage = open_at("2026-06-01T12:00:30Z").await;
    let task = stage
        .register(stage.quick(at(["18:00"])).first(First::Now))
        .await;
    stage.engine.settle().await;
    assert_eq!(slots(&stage).await, [instant("2026-06-01T12:00:30Z")]);
    assert_eq!(task.next_iteration(), Some(instant("2026-06-01T18:00:00Z")));
}

#[tokio::test]
async fn a30_nine_in_new_york_stays_nine_in_new_york() {
    for (start, expected) in [
        ("2026-03-07T00:00:00Z", ["07T14", "08T13", "09T13"]),
        ("2026-10-31T00:00:00Z", ["31T13", "01T14", "02T14"]),
    ] {
        let stage = open_at(start).await;
        stage
            .register(stage.quick(at(["09:00 in America/New_York"])))
            .await;
        stage.engine.advance(hours(72)).await;
        let ran: Vec<_> = stage
            .runs()
            .await
            .iter()
            .map(|run| run.started_at.format("%dT%H").to_string())
            .collect();
        assert_eq!(ran, expected);
    }
}

#[tokio::test]
async fn a30_a_year_of_a_daily_task_in_new_york_is_played_in_a_moment() {
    let began = Instant::now();
    let stage = open_at("2026-01-01T00:00:00-05:00").await;
    let task = stage
        .register(stage.quick(at(["02:30 in America/New_York"])))
        .await;
    stage.engine.advance(hours(365 * 24)).await;
    assert_eq!(task.current_loop(), 365);
    assert_eq!((task.status().missed, task.status().skipped), (0, 0));
    assert!(began.elapsed() < secs(5), "took {:?}", began.elapsed());
}

#[tokio::test]
async fn a31_gap_and_fold_day_are_played() {
    let stage = open_at("2026-03-08T04:00:00Z").await;
    stage
        .register(stage.quick(cron("30 2 * * * in America/New_York")))
        .await;
    stage.engine.advance(hours(20)).await;
    assert_eq!(slots(&stage).await, [instant("2026-03-08T03:00:00-04:00")]);

    let stage = open_at("2026-11-01T04:45:00Z").await;
    stage
        .register(stage.quick(cron("*/30 * * * * in America/New_York")))
        .await;
    stage.engine.advance(hours(2)).await;
    let expected = [
        "01:00:00-04:00",
        "01:30:00-04:00",
        "01:00:00-05:00",
        "01:30:00-05:00",
    ];
    let expected = expected.map(|time| instant(&format!("2026-11-01T{time}")));
    assert_eq!(slots(&stage).await, expected);
}

#[tokio::test]
async fn a32_the_earliest_of_several_zones_is_next() {
    let stage = open_at("2026-06-01T23:00:00Z").await;
    let task = stage
        .register(stage.quick(at(["02:00", "22:00 in Asia/Tokyo"])))
        .await;
    assert_eq!(task.next_iteration(), Some(instant("2026-06-02T02:00:00Z")));
}

#[tokio::test]
async fn a33_a_slot_in_the_gap_that_was_missed_is_made_up_for_once() {
    let spec = |stage: &Stage| stage.quick(at(["02:30 in America/New_York"]));
    let mut stage = open_at("2026-03-08T01:00:00-05:00").await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, mins(70), spec).await;
    assert_eq!(slots(&stage).await, [instant("2026-03-08T03:00:00-04:00")]);
    assert_eq!(stage.runs().await[0].cause, Cause::CatchUp);
    let tomorrow = instant("2026-03-09T02:30:00-04:00");
    assert_eq!(task.next_iteration(), Some(tomorrow));
}

#[tokio::test]
async fn a33_a_slot_in_the_gap_that_is_past_when_the_task_is_new_waits_for_tomorrow() {
    let stage = open_at("2026-03-08T03:10:00-04:00").await;
    let task = stage
        .register(stage.quick(at(["02:30 in America/New_York"])))
        .await;
    let tomorrow = instant("2026-03-09T02:30:00-04:00");
    assert_eq!(task.next_iteration(), Some(tomorrow));
}

#[tokio::test]
async fn a33_the_second_pass_of_a_fold_does_not_run_a_slot_again() {
    let spec = |stage: &Stage| stage.quick(at(["01:30 in America/New_York"]));
    let mut stage = open_at("2026-11-01T01:45:00-04:00").await;
    let task = stage.register(spec(&stage)).await;
    let tomorrow = instant("2026-11-02T01:30:00-05:00");
    assert_eq!(task.next_iteration(), Some(tomorrow));
    let task = down(&mut stage, mins(10), spec).await;
    assert_eq!(task.next_iteration(), Some(tomorrow));
    stage.engine.advance(hours(3)).await;
    assert!(stage.diary.times("run").is_empty());
}

#[tokio::test]
async fn a26_a_time_of_day_that_fails_is_retried_after_the_back_off_not_tomorrow() {
    let stage = open_at("2026-06-01T11:59:59Z").await;
    let lost = || std::io::Error::from(std::io::ErrorKind::ConnectionReset).into();
    stage.register(stage.failing(at(["12:00"]), 2, lost)).await;
    stage.engine.advance(secs(5)).await;
    let noon = instant("2026-06-01T12:00:00Z");
    let attempts: Vec<_> = stage
        .runs()
        .await
        .iter()
        .map(|run| (run.slot_at, run.attempt, run.state))
        .collect();
    let expected = [
        (noon, 1, RunState::Error),
        (noon, 2, RunState::Error),
        (noon, 3, RunState::Ok),
    ];
    assert_eq!(attempts, expected);
    stage.engine.advance(hours(24)).await;
    assert_eq!(slots(&stage).await.len(), 4);
}

/// A task at each full hour that ran at 10:00, and whose process was down until 13:30.
async fn after_three_missed(misfire: Misfire) -> (Stage, TaskHandle) {
    let spec = move |stage: &Stage| stage.quick(cron("0 * * * *")).misfire(misfire);
    let mut stage = open_at("2026-06-01T10:00:00Z").await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, mins(210), spec).await;
    (stage, task)
}

#[tokio::test]
async fn a34_missed_slots_of_a_calendar_go_by_the_misfire_policy() {
    for (misfire, expected, missed) in [
        (Misfire::Once, vec![10, 13], 2),
        (Misfire::All(2), vec![10, 12, 13], 1),
        (Misfire::All(9), vec![10, 11, 12, 13], 0),
    ] {
        let (stage, task) = after_three_missed(misfire).await;
        let expected: Vec<_> = expected
            .iter()
            .map(|hour| instant(&format!("2026-06-01T{hour}:00:00Z")))
            .collect();
        assert_eq!(slots(&stage).await, expected, "{misfire:?}");
        assert_eq!(task.status().missed, missed, "{misfire:?}");
        assert_eq!(task.next_iteration(), Some(instant("2026-06-01T14:00:00Z")));
    }
    let (stage, task) = after_three_missed(Misfire::Skip).await;
    assert_eq!(stage.states().await, [RunState::Ok, RunState::Skipped]);
    assert_eq!(task.status().missed, 3);
}

#[tokio::test]
async fn a35_slots_of_a_calendar_older_than_the_window_are_only_counted() {
    let spec = |stage: &Stage| {
        stage
            .quick(cron("0 0 * * *"))
            .misfire(Misfire::All(9))
            .catch_up_window(hours(30))
    };
    let mut stage = open_at("2026-06-01T00:00:00Z").await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(74), spec).await;
    let expected = [
        "2026-06-01T00:00:00Z",
        "2026-06-03T00:00:00Z",
        "2026-06-04T00:00:00Z",
    ];
    assert_eq!(slots(&stage).await, expected.map(instant));
    assert_eq!(task.status().missed, 1);
}

#[tokio::test]
async fn a_calendar_may_be_a_minute_late_without_a_miss() {
    let stage = open_at("2026-06-01T11:59:00Z").await;
    let task = stage
        .register(stage.quick(at(["12:00"])).misfire(Misfire::Skip))
        .await;
    stage.clock.advance(secs(119));
    stage.engine.settle().await;
    assert_eq!(stage.runs().await[0].cause, Cause::Schedule);
    stage.clock.advance(hours(24) + secs(2));
    stage.engine.settle().await;
    assert_eq!(task.status().missed, 1);
}

#[tokio::test]
async fn a_run_that_is_later_than_its_own_grace_is_missed() {
    let stage = Stage::open().await;
    let spec = stage
        .quick(every(secs(10)))
        .misfire(Misfire::Skip)
        .grace(Duration::ZERO);
    let task = stage.register(spec).await;
    stage.engine.settle().await;
    stage.clock.advance(secs(11));
    stage.engine.settle().await;
    assert_eq!(
        (stage.diary.times("run").len(), task.status().missed),
        (1, 1)
    );
}

#[tokio::test]
async fn counting_the_missed_slots_of_a_calendar_ends_at_ten_thousand() {
    let spec = |stage: &Stage| stage.quick(cron("* * * * * *"));
    let mut stage = open_at("2026-06-01T00:00:00Z").await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(24 * 365), spec).await;
    assert_eq!(task.status().missed, 10_000);
    assert_eq!(slots(&stage).await.len(), 2);
}

#[tokio::test]
async fn a36_a_calendar_follows_a_wall_clock_that_is_set() {
    let stage = open_at("2026-06-01T08:30:00Z").await;
    let task = stage.register(stage.quick(at(["09:00", "21:00"]))).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::minutes(20));
    stage.engine.advance(mins(9)).await;
    assert!(stage.diary.times("run").is_empty());
    stage.engine.advance(mins(1)).await;
    assert_eq!(stage.diary.times("run").len(), 1, "at nine by the new wall");
    stage.clock.step_wall(TimeDelta::hours(-1));
    stage.engine.advance(hours(2)).await;
    assert_eq!(stage.diary.times("run").len(), 1, "nine has been run today");
    assert_eq!(task.next_iteration(), Some(instant("2026-06-01T21:00:00Z")));
}

#[tokio::test]
async fn a36_a_slot_that_a_step_jumps_over_is_run_late() {
    let stage = open_at("2026-06-01T08:30:00Z").await;
    stage.register(stage.quick(at(["09:00"]))).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::hours(1));
    stage.engine.settle().await;
    assert_eq!(slots(&stage).await, [instant("2026-06-01T09:00:00Z")]);
    assert_eq!(stage.runs().await[0].cause, Cause::CatchUp);
}

#[tokio::test]
async fn a36_a_clock_that_was_a_year_ahead_does_not_silence_a_calendar() {
    let stage = open_at("2027-06-01T08:30:00Z").await;
    let task = stage.register(stage.quick(at(["09:00"]))).await;
    stage.engine.advance(hours(1)).await;
    stage.clock.step_wall(TimeDelta::days(-365));
    stage.engine.settle().await;
    assert_eq!(task.next_iteration(), Some(instant("2026-06-02T09:00:00Z")));
}

#[tokio::test]
async fn a36_a_suspended_machine_makes_up_for_what_it_slept_through_by_one_run() {
    let stage = Stage::open().await;
    let interval = stage.register(stage.quick(every(secs(10)))).await;
    stage.engine.advance(secs(3)).await;
    stage.clock.suspend(hours(1));
    stage.engine.advance(secs(10)).await;
    assert_eq!(stage.diary.times("run"), [0, 3_603_000, 3_610_000]);
    let run = &stage.runs().await[1];
    assert_eq!((run.cause, run.missed), (Cause::CatchUp, 359));
    assert_eq!(interval.status().missed, 359);
}

#[tokio::test]
async fn a36_a_pause_before_a_retry_keeps_its_length_when_the_wall_is_set() {
    let stage = open_at("2026-06-01T12:00:00Z").await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(secs(90))
            .into()
    };
    stage
        .register(stage.failing(at(["12:00"]), 1, limited))
        .await;
    stage.engine.advance(secs(30)).await;
    stage.clock.step_wall(TimeDelta::minutes(-30));
    stage.engine.advance(secs(59)).await;
    assert_eq!(stage.states().await, [RunState::Error]);
    stage.engine.advance(secs(1)).await;
    assert_eq!(stage.states().await, [RunState::Error, RunState::Ok]);
}

#[tokio::test]
async fn a37_a_clock_that_is_a_day_behind_at_the_start_does_not_silence_a_calendar() {
    let spec = |stage: &Stage| stage.quick(at(["09:00"]));
    let mut stage = open_at("2026-06-01T09:00:00Z").await;
    stage.register(spec(&stage)).await;
    stage.engine.settle().await;
    stage.clock.step_wall(TimeDelta::hours(-25));
    let task = down(&mut stage, Duration::ZERO, spec).await;
    assert_eq!(task.next_iteration(), Some(instant("2026-05-31T09:00:00Z")));
}

#[tokio::test]
async fn a_calendar_without_a_history_makes_up_for_nothing_after_a_crash() {
    let spec = |stage: &Stage| stage.quick(at(["09:00"])).history(History::None);
    let mut stage = open_at("2026-06-01T08:00:00Z").await;
    stage.register(spec(&stage)).await;
    stage.engine.advance(hours(2)).await;
    assert_eq!(stage.diary.times("run").len(), 1);
    let task = down(&mut stage, hours(1), spec).await;
    assert_eq!(
        stage.diary.times("run").len(),
        1,
        "nobody knows that it ran"
    );
    assert_eq!(task.next_iteration(), Some(instant("2026-06-02T09:00:00Z")));
}

#[tokio::test]
async fn a40_a_one_shot_in_ninety_days_outlives_a_restart_and_fires_once() {
    let due = dawn() + TimeDelta::days(90);
    let spec = |stage: &Stage| stage.diary.hooks(stage.quick(once(due)));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(24 * 89), spec).await;
    assert_eq!(task.next_iteration(), Some(due));
    stage.engine.advance(hours(48)).await;
    assert_eq!(
        stage.diary.times("run"),
        [(due - dawn()).num_milliseconds()]
    );
    assert_eq!(
        (task.status().state, task.next_iteration()),
        (State::Finished, None)
    );
    assert_eq!(stage.diary.words().last().unwrap(), "after finished");
    let task = down(&mut stage, hours(1), spec).await;
    assert_eq!(
        (task.status().state, slots(&stage).await.len()),
        (State::Finished, 1)
    );
}

#[tokio::test]
async fn a40_a_one_shot_that_is_cancelled_does_not_fire() {
    let stage = Stage::open().await;
    stage
        .register(stage.quick(once(dawn() + hours(1))).scope("reminder:7"))
        .await;
    let task = stage.engine.task_in("t", "reminder:7").unwrap();
    assert_eq!(task.cancel().await.unwrap().state, State::Stopped);
    stage.engine.advance(hours(2)).await;
    assert!(stage.diary.times("run").is_empty());
}

#[tokio::test]
async fn a_one_shot_that_was_missed_is_run_however_late() {
    let spec = |stage: &Stage| stage.quick(once(dawn() + hours(1)));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, hours(24 * 30), spec).await;
    assert_eq!(
        (task.current_loop(), task.status().state),
        (1, State::Finished)
    );
    assert_eq!(stage.runs().await[0].cause, Cause::CatchUp);
}

#[tokio::test]
async fn a_one_shot_whose_instant_is_past_when_it_is_registered_is_run_now() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(once(dawn() - hours(48)))).await;
    stage.engine.settle().await;
    assert_eq!(
        (task.current_loop(), task.status().state),
        (1, State::Finished)
    );
}

#[tokio::test]
async fn a_one_shot_that_must_not_be_late_is_finished_without_a_run() {
    for history in [History::All, History::None] {
        let stage = Stage::open().await;
        let spec = stage.quick(once(dawn() - hours(1))).misfire(Misfire::Skip);
        let task = stage
            .register(stage.diary.hooks(spec.history(history)))
            .await;
        stage.engine.settle().await;
        assert_eq!(
            (task.status().missed, task.status().state),
            (1, State::Finished)
        );
        assert_eq!(stage.diary.words(), ["before", "after finished"]);
    }
}

#[tokio::test]
async fn a_one_shot_is_retried_and_fails_when_no_attempt_succeeds() {
    let stage = Stage::open().await;
    let limited = || {
        Transient::new(anyhow::anyhow!("429"))
            .retry_after(hours(24))
            .into()
    };
    let task = stage
        .register(stage.diary.hooks(stage.failing(once(dawn()), 9, limited)))
        .await;
    let mut events = stage.engine.events();
    stage.engine.advance(hours(49)).await;
    assert_eq!(stage.diary.times("run"), [0, 86_400_000, 172_800_000]);
    assert!(task.failed());
    assert_eq!(stage.diary.times("error 429").len(), 3);
    assert_eq!(stage.diary.words().last().unwrap(), "after failed");
    let told = std::iter::from_fn(|| events.try_recv().ok());
    let failed = told.filter(|event| matches!(event.kind, EventKind::Failed { .. }));
    assert_eq!(failed.count(), 1);
}

#[tokio::test]
async fn a_one_shot_runs_once_more_when_it_is_started_again() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(once(dawn() + secs(1)))).await;
    stage.engine.advance(mins(2)).await;
    task.start().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [1_000, 120_000]);
    assert_eq!(task.status().state, State::Finished);
}

#[tokio::test]
async fn a_one_shot_that_a_crash_cuts_off_is_not_run_again() {
    let spec = |stage: &Stage| stage.lasting(once(dawn()), mins(5));
    let mut stage = Stage::open().await;
    stage.register(spec(&stage)).await;
    let task = down(&mut stage, mins(1), spec).await;
    assert_eq!(stage.states().await, [RunState::Abandoned]);
    assert_eq!(
        (task.status().abandoned, task.status().state),
        (1, State::Failed)
    );
}

#[tokio::test]
async fn a_manual_task_lives_and_runs_only_by_hand() {
    let mut stage = Stage::open().await;
    let spec = |stage: &Stage| stage.diary.hooks(stage.quick(manual()));
    stage.register(spec(&stage)).await;
    stage.engine.advance(hours(1)).await;
    let task = down(&mut stage, hours(1), spec).await;
    assert_eq!(
        (task.status().state, task.next_iteration()),
        (State::Active, None)
    );
    assert!(stage.diary.times("run").is_empty());
    task.trigger_now().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.times("run"), [7_200_000]);
    assert!(task.is_running());
    task.stop().await.unwrap();
    stage.engine.settle().await;
    assert_eq!(stage.diary.words().last().unwrap(), "after stopped");
}

#[tokio::test]
async fn change_interval_takes_any_trigger_and_it_survives() {
    let mut stage = open_at("2026-06-01T12:00:00Z").await;
    let spec = |stage: &Stage| stage.quick(every(hours(1)));
    let task = stage.register(spec(&stage)).await;
    stage.engine.settle().await;
    let next = async |task: &TaskHandle, trigger: Trigger| {
        task.change_interval(trigger).await.unwrap().next_run_at
    };
    let evening = instant("2026-06-01T18:00:00Z");
    assert_eq!(next(&task, at(["18:00"])).await, Some(evening));
    assert_eq!(next(&task, manual()).await, None);
    assert_eq!(
        next(&task, cron("30 13 * * *")).await,
        Some(instant("2026-06-01T13:30:00Z"))
    );
    assert_eq!(
        next(&task, every(mins(30))).await,
        Some(instant("2026-06-01T12:30:00Z"))
    );
    assert_eq!(next(&task, once(evening)).await, Some(evening));
    let task = down(&mut stage, mins(1), spec).await;
    assert_eq!(
        (task.trigger(), task.next_iteration()),
        (once(evening), Some(evening))
    );
    let status = task.reset_interval().await.unwrap();
    assert_eq!(status.next_run_at, Some(instant("2026-06-01T13:00:00Z")));
}

#[tokio::test]
async fn a_change_while_the_last_run_of_a_one_shot_is_live_goes_on() {
    let stage = Stage::open().await;
    let task = stage.register(stage.lasting(once(dawn()), secs(10))).await;
    stage.engine.advance(secs(5)).await;
    task.change_interval(every(mins(1))).await.unwrap();
    stage.engine.advance(secs(60)).await;
    assert_eq!(stage.diary.times("run"), [0, 60_000]);
    assert_eq!(task.status().state, State::Active);
}

#[tokio::test]
async fn a16_a_trigger_that_cannot_be_used_changes_nothing() {
    let stage = Stage::open().await;
    let task = stage.register(stage.quick(every(secs(10)))).await;
    let before = task.status();
    for (bad, expected) in [
        (at(["25:00"]), "time of day \"25:00\""),
        (at(Vec::<String>::new()), "0 times of day"),
        (at(["09:00 in Europe/Bern"]), "time zone \"Europe/Bern\""),
        (
            cron("0 0 30 2 *"),
            "cron pattern \"0 0 30 2 *\": no day matches",
        ),
        (cron("0 9 * * * in Nowhere"), "time zone \"Nowhere\""),
        (once(DateTime::<Utc>::MAX_UTC), "trigger \"once +262142"),
    ] {
        let refused = task
            .change_interval(bad.clone())
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with(expected), "{refused}");
        let spec = TaskSpec::new("other", bad, |_| async { Ok(()) });
        let refused = stage.engine.register(spec).await.unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }
    assert_eq!(
        (task.trigger(), task.next_iteration()),
        (before.trigger, before.next_run_at)
    );
    assert!(stage.engine.task("other").is_none());
}

#[tokio::test]
async fn count_ends_a_calendar_too() {
    let stage = open_at("2026-06-01T12:00:00Z").await;
    let task = stage
        .register(stage.quick(cron("* * * * *")).count(3))
        .await;
    stage.engine.advance(hours(1)).await;
    assert_eq!(
        (slots(&stage).await.len(), task.status().state),
        (3, State::Finished)
    );
}

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
