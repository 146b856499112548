//! Each answer says what was done and what came of it.

use std::sync::Arc;

use cogsmith::{prelude::*, tasks::TaskSpec};
use tokio::sync::Semaphore;

use super::{bot, failing};

#[tokio::test]
async fn what_a_task_waits_for_is_said_in_words() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner.slash("/task stop name:leaderboard.flush").await;
    let started = owner.slash("/task start name:leaderboard.flush").await;
    let expected = "Started: it was stopped. It waits for unsaved XP.";
    assert_eq!(started.text().lines().next(), Some(expected));
}

#[tokio::test]
async fn what_was_so_already_is_not_told_as_done() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    for (command, expected) in [
        ("start", "It was active already: nothing has changed."),
        ("interval time:10m", "It was due `every 10m` already."),
        ("stop", "Stopped."),
        ("stop", "It was stopped already: nothing has changed."),
        ("cancel", "It was stopped already: nothing has changed."),
        ("start", "Started: it was stopped."),
        ("restart", "Restarted: it was active."),
    ] {
        let (verb, options) = command.split_once(' ').unwrap_or((command, ""));
        let command = format!("/task {verb} name:leaderboard.update {options}");
        let answer = owner.slash(&command).await.text();
        assert!(answer.starts_with(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn run_tells_how_the_run_went() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let engine = bot.host().engine();
    let fails = failing("test.fails", manual(), "no such moon".to_owned());
    engine.register(fails).await.unwrap();
    let quiet = TaskSpec::new("test.quiet", manual(), |_| async { Ok(()) });
    let quiet = quiet.history(History::None);
    engine.register(quiet).await.unwrap();

    let failed = owner.slash("/task run name:test.fails").await.text();
    assert!(
        failed.starts_with("It has run, and failed: error."),
        "{failed}"
    );
    assert!(failed.contains("Last error: no such moon"), "{failed}");
    let ran = owner.slash("/task run name:test.quiet").await.text();
    assert!(ran.starts_with("It has run: ok."), "{ran}");
    assert!(ran.contains("Runs: 1 "), "{ran}");
}

#[tokio::test]
async fn a_run_that_takes_long_is_told_to_be_in_progress() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let gate = Arc::new(Semaphore::new(0));
    let body = {
        let gate = gate.clone();
        move |_| {
            let gate = gate.clone();
            async move {
                gate.acquire().await?.forget();
                Ok(())
            }
        }
    };
    let slow = TaskSpec::new("test.slow", manual(), body);
    let task = bot.host().engine().register(slow).await.unwrap();

    let runs = owner.slash("/task run name:test.slow").await;
    assert!(runs.text().starts_with("It runs since "), "{}", runs.text());
    for (verb, expected) in [
        (
            "run",
            "`test.slow` has a run in progress, and is not made for a second one beside it.",
        ),
        ("stop", "Stopped: the run in progress ends first."),
        (
            "cancel",
            "It was stopped already; the run in progress was told to end.",
        ),
    ] {
        let command = format!("/task {verb} name:test.slow");
        let answer = owner.slash(&command).await.text();
        assert!(answer.starts_with(expected), "{command}: {answer}");
    }
    task.stopped().await;
}

#[tokio::test]
async fn whoever_stops_a_task_is_told_what_then_happens() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let stopped = owner
        .slash("/task stop name:leaderboard.flush")
        .await
        .text();
    assert!(
        stopped.starts_with("Stopped.\nUntil it is started again, XP is written only when"),
        "{stopped}"
    );
    let started = owner
        .slash("/task start name:leaderboard.flush")
        .await
        .text();
    assert!(!started.contains("Until it is started"), "{started}");
}

#[tokio::test]
async fn a_new_time_is_told_with_the_next_run_and_reset_to_the_codes_own() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    for (command, expected) in [
        (
            "interval name:leaderboard.update time:1h",
            "Due `every 1h` from now on; it was `every 10m`. Next run ",
        ),
        (
            "reset name:leaderboard.update",
            "Due `every 10m` from now on; it was `every 1h`. Next run ",
        ),
        (
            "reset name:leaderboard.update",
            "It was due `every 10m` already.",
        ),
        ("stop name:leaderboard.update", "Stopped."),
        (
            "start name:leaderboard.update",
            "Started: it was stopped. Next run ",
        ),
    ] {
        let answer = owner.slash(&format!("/task {command}")).await.text();
        assert!(answer.starts_with(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn the_last_failures_of_all_tasks_are_shown_the_newest_first() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let none = owner.slash("/task errors").await.text();
    assert_eq!(none, "No task has failed.");
    let quiet = failing("test.quiet", manual(), "no such sun".to_owned());
    let quiet = quiet.history(History::None);
    let tasks = [
        failing("test.moon", manual(), "no such moon".to_owned()),
        failing("test.star", manual(), "no such star".to_owned()),
        quiet,
    ];
    for task in tasks {
        let task = bot.host().engine().register(task).await.unwrap();
        bot.advance(secs(5)).await;
        task.trigger_now().await.unwrap();
        bot.settle().await;
    }
    let errors = owner.slash("/task errors").await.text();
    let places = ["no such sun", "`test.star` ", "`test.moon` "].map(|part| errors.find(part));
    assert!(places.iter().all(Option::is_some), "{errors}");
    assert!(places.is_sorted(), "{errors}");
}

#[tokio::test]
async fn what_has_just_run_is_not_said_to_run_in_0_seconds() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let ran = owner
        .slash("/task run name:leaderboard.update")
        .await
        .text();
    assert!(ran.contains("Last run: just now"), "{ran}");
    assert!(
        ran.contains("ok by schedule since the last start)"),
        "{ran}"
    );
}

#[tokio::test]
async fn times_are_suggested_with_those_of_the_task_first() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    owner
        .slash("/task interval name:leaderboard.update time:5m")
        .await;
    for (typed, expected) in [
        ("", ["5m (as it is)", "10m (the code's own)", "30s"]),
        ("30", ["30s", "30m", "5m"]),
    ] {
        let command = format!("/task interval name:leaderboard.update time:{typed}");
        let suggested = owner.completes(&command).await.unwrap();
        let choices = suggested.choices().unwrap().as_array().unwrap().clone();
        let names: Vec<_> = choices
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        let found = &names[..expected.len().min(names.len())];
        let expected = &expected[..found.len()];
        assert_eq!(found, expected, "{typed}");
    }
}
