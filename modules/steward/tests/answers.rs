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
