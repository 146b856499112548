//! Times of day and cron patterns.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Cause, First, History, Misfire, RunState, State, TaskHandle, TaskSpec, Trigger, at, cron,
    every, hours, manual, mins, once, secs,
};

use crate::stage::{Stage, down, instant, open_at, slots};
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
