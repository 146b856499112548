//! Played against the simulator.

mod answers;
mod audit;
mod bot;
mod data;
mod families;
mod owners;
mod presence;
mod purging;
mod rights;
mod settings;
mod switching;

use cogsmith::{prelude::*, tasks::TaskSpec, testing::TestBot};

async fn bot() -> TestBot {
    TestBot::start(crate::modules::all()).await
}

#[tokio::test]
async fn a_start_registers_no_commands_that_discord_has_already() {
    let mut bot = bot().await;
    bot.restart().await;
    let requests = bot.simulator().requests().into_iter();
    let registered = requests.filter(|request| request.method == "PUT");
    assert_eq!(registered.count(), 1, "the first start alone");
}

#[tokio::test]
async fn the_list_names_every_task() {
    let bot = bot().await;
    let list = bot.guild("Rustaceans").owner().slash("/task list").await;
    assert!(list.is_ephemeral());
    for name in ["leaderboard.flush", "leaderboard.update"] {
        assert!(list.text().contains(name), "{}", list.text());
    }
}

#[tokio::test]
async fn each_change_answers_with_the_state_after_it() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let steps = [
        ("/task stop name:leaderboard.update", "State: stopped"),
        ("/task start name:leaderboard.update", "State: active"),
        (
            "/task interval name:leaderboard.update time:1h30m",
            "every 1h30m (set by hand; in the code: every 10m)",
        ),
        ("/task interval name:leaderboard.update", "Due: every 10m"),
        ("/task restart name:leaderboard.update", "State: active"),
        ("/task show name:leaderboard.update", "leaderboard.update"),
    ];
    for (command, expected) in steps {
        let answer = owner.slash(command).await.text();
        assert!(answer.contains(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn any_trigger_can_be_set_and_a_task_cancelled() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let steps = [
        (
            "/task interval name:leaderboard.update time:at 09:00 in Europe/Berlin",
            "at 09:00 in Europe/Berlin (set by hand",
        ),
        ("/task cancel name:leaderboard.update", "State: stopped"),
    ];
    for (command, expected) in steps {
        let answer = owner.slash(command).await.text();
        assert!(answer.contains(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn the_history_shows_runs_and_past_slots_that_were_asked_for() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    bot.advance(mins(25)).await;
    let answer = owner
        .slash("/task backfill name:leaderboard.update since:25m most:1")
        .await
        .text();
    assert!(answer.contains("State: active"), "{answer}");
    bot.settle().await;
    let history = owner
        .slash("/task history name:leaderboard.update")
        .await
        .text();
    assert!(history.contains("ok (backfill, attempt 1)"), "{history}");
    assert!(history.contains("ok (schedule, attempt 1)"), "{history}");
    let failures = owner
        .slash("/task history name:leaderboard.update failures:true")
        .await
        .text();
    assert!(failures.contains("There are none."), "{failures}");
    for (since, expected) in [
        ("1s", "`leaderboard.update` was not due in that time."),
        ("soon", "`soon` is not a length of time"),
    ] {
        let command = format!("/task backfill name:leaderboard.update since:{since}");
        let answer = owner.slash(&command).await.text();
        assert!(answer.starts_with(expected), "{answer}");
    }
}

#[tokio::test]
async fn run_adds_a_run_and_leaves_the_schedule() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let before = bot.host().task("leaderboard.update").unwrap().status();
    owner.slash("/task run name:leaderboard.update").await;
    bot.settle().await;
    let after = bot.host().task("leaderboard.update").unwrap().status();
    assert_eq!(after.runs_total, before.runs_total + 1);
    assert_eq!(after.next_run_at, before.next_run_at);
}

#[tokio::test]
async fn what_cannot_be_is_named() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let unknown = owner.slash("/task show name:nothing").await.text();
    assert_eq!(
        unknown,
        "No task is named `nothing`. `/task list` shows them all."
    );
    for time in ["0s", "-5m", "soon", "NaN", "9999999d"] {
        let answer = owner
            .slash(&format!(
                "/task interval name:leaderboard.update time:{time}"
            ))
            .await
            .text();
        assert!(
            answer.starts_with(&format!("`{time}` is not a time I can use")),
            "{answer}"
        );
    }
    assert_eq!(
        bot.host()
            .task("leaderboard.update")
            .unwrap()
            .status()
            .trigger,
        every(mins(10))
    );
}

#[tokio::test]
async fn names_are_suggested() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let suggested = owner.completes("/task show name:flu").await.unwrap();
    let choices = suggested.choices().unwrap().as_array().unwrap();
    let names: Vec<_> = choices
        .iter()
        .map(|choice| choice["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["leaderboard.flush"]);
}

/// Fails each time, with this text.
fn failing(name: &str, trigger: Trigger, text: String) -> TaskSpec {
    TaskSpec::new(name, trigger, move |_| {
        let error = UserError::new(text.clone());
        async move { Err(error.into()) }
    })
}

#[tokio::test]
async fn a_long_error_and_many_times_of_day_spoil_no_answer() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let times = (0..44).map(|n| format!("{:02}:{:02} in Europe/Berlin", n / 2, n % 2 * 30));
    let long = failing("test.long", at(times), "🦀 crab ".repeat(160));
    let engine = bot.host().engine();
    let task = engine.register(long).await.unwrap();
    for _ in 0..25 {
        bot.settle().await;
        task.trigger_now().await.unwrap();
    }
    for (command, expected) in [
        ("/task show name:test.long", "State: active"),
        ("/task stop name:test.long", "State: stopped"),
        ("/task history name:test.long", "Runs of test.long"),
        ("/task history name:test.long page:2", "Page 2 of "),
        ("/task list", "`test.long` stopped"),
    ] {
        let answer = owner.slash(command).await.text();
        assert!(answer.contains(expected), "{command}: {answer}");
    }
}

#[tokio::test]
async fn a_list_of_any_length_is_paged() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    for number in 0..100 {
        let name = format!("{}.{number}", "n".repeat(90));
        let task = failing(&name, every(hours(1)), String::new()).auto_start(false);
        bot.host().engine().register(task).await.unwrap();
    }
    let first = owner.slash("/task list").await.text();
    let last = owner.slash("/task list page:99").await.text();
    assert!(first.contains("leaderboard.flush"), "{first}");
    assert!(first.contains("Page 1 of "), "{first}");
    assert!(last.contains(".99`"), "{last}");
    let direct = owner.slash("/task list").await;
    let next = owner
        .uses(direct.message().unwrap(), "task-list:2", &[])
        .await
        .unwrap();
    assert!(next.text().contains("Page 2 of "), "{}", next.text());
}

#[tokio::test]
async fn owners_are_told_the_beginning_of_what_is_too_long() {
    let bot = bot().await;
    bot.host().tell_owner("🦀 crab ".repeat(400)).await.unwrap();
    let told = bot.simulator().application_owner().direct().messages();
    assert_eq!(told.len(), 1);
    let length = told[0].content().chars().count();
    assert!((1_990..=2_000).contains(&length), "{length}");
    assert!(told[0].content().ends_with('…'));
}

#[tokio::test]
async fn what_somebody_typed_is_named_whatever_its_length() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let typed = "x".repeat(5_000);
    let answer = owner.slash(&format!("/task show name:{typed}")).await;
    assert!(answer.text().starts_with("No task is named `xxx"));
    assert!(answer.content().ends_with("x…`"));
}

#[tokio::test]
async fn a_backfill_from_before_the_calendar_is_refused_and_the_bot_goes_on() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    for since in ["8336373667200s", "213503982334d"] {
        let command = format!("/task backfill name:leaderboard.update since:{since}");
        let answer = owner.slash(&command).await.text();
        let expected = format!("`{since}` reaches back to before the year 0");
        assert!(answer.starts_with(&expected), "{answer}");
    }
    let answer = owner.slash("/task stop name:leaderboard.update").await;
    assert!(
        answer.text().contains("State: stopped"),
        "{}",
        answer.text()
    );
}
