//! Tasks that come and go are found and steered one by one or all.

use cogsmith::{
    prelude::*,
    tasks::{Family, TaskSpec},
    testing::TestBot,
};

use super::bot;

/// A family of `count` members, `test.remind (m:0)` and so on.
async fn family(bot: &TestBot, count: usize) -> Family {
    let spec = TaskSpec::new("test.remind", every(hours(1)), |_| async { Ok(()) });
    let family = bot.host().engine().family(spec).await.unwrap();
    for number in 0..count {
        family.add(format!("m:{number}"), &number).await.unwrap();
    }
    bot.settle().await;
    family
}

#[tokio::test]
async fn a_family_is_a_line_of_the_list_and_its_members_are_a_list_of_their_own() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let family = family(&bot, 100).await;
    family.get("m:7").unwrap().stop().await.unwrap();

    let list = owner.slash("/task list").await.text();
    let line = "`test.remind` 100 members: 99 active, 1 stopped, next in 1 hour";
    assert!(list.contains(line), "{list}");
    let members = owner.slash("/task list name:test.remind page:5").await;
    let members = members.text();
    assert!(members.contains("`test.remind (m:99)` active"), "{members}");
    let shown = owner.slash("/task show name:test.remind").await.text();
    assert!(shown.contains("States: 99 active, 1 stopped"), "{shown}");
}

#[tokio::test]
async fn a_member_is_found_and_steered_alone() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let family = family(&bot, 3).await;
    for (command, expected) in [
        ("show", "test.remind (m:1)\nState: active"),
        ("stop", "Stopped."),
        ("start", "Started: it was stopped."),
        (
            "interval time:2h",
            "Due `every 2h` from now on; it was `every 1h`.",
        ),
        ("run", "It has run: ok."),
        ("history", "Runs of test.remind (m:1)"),
        ("cancel", "Cancelled: no run was in progress."),
        ("restart", "Restarted: it was stopped."),
        ("remove", "Deleted with their history: `test.remind (m:1)`."),
    ] {
        let (verb, options) = command.split_once(' ').unwrap_or((command, ""));
        let command = format!("/task {verb} name:\"test.remind (m:1)\" {options}");
        let answer = owner.slash(&command).await.text();
        assert!(answer.starts_with(expected), "{command}: {answer}");
    }
    assert!(family.get("m:1").is_none());
    let others = family.tasks();
    assert!(others.len() == 2 && others.iter().all(|task| task.trigger() == every(hours(1))));
}

#[tokio::test]
async fn a_family_is_steered_as_a_whole_and_the_answer_counts() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let family = family(&bot, 100).await;
    for number in 0..3 {
        let member = family.get(&format!("m:{number}")).unwrap();
        member.stop().await.unwrap();
    }
    for (command, expected) in [
        (
            "stop",
            "97: Stopped.\n3: It was stopped already: nothing has changed.",
        ),
        ("start", "100: Started: it was stopped."),
        (
            "interval time:2h",
            "100: Due `every 2h` from now on; it was `every 1h`.",
        ),
        ("run", "100: It has run: ok."),
        ("restart", "100: Restarted: it was active."),
        (
            "backfill since:5h",
            "100: Past slots run now, oldest first, 100 at most.",
        ),
        ("cancel", "100: Cancelled"),
    ] {
        let (verb, options) = command.split_once(' ').unwrap_or((command, ""));
        let command = format!("/task {verb} name:test.remind {options}");
        let answer = owner.slash(&command).await.text();
        let all = "100 members of `test.remind`:\n";
        assert!(answer.starts_with(all), "{command}: {answer}");
        assert!(answer.contains(expected), "{command}: {answer}");
    }
    bot.settle().await;
    assert!(family.tasks().iter().all(|task| !task.is_running()));
    let refused = owner.slash("/task history name:test.remind").await.text();
    assert!(refused.contains("has 100 members; say which"), "{refused}");
}

#[tokio::test]
async fn a_whole_family_is_removed_only_when_its_size_is_named() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let family = family(&bot, 4).await;
    for confirm in ["", " confirm:3"] {
        let refused = owner
            .slash(&format!("/task remove name:test.remind{confirm}"))
            .await
            .text();
        assert!(refused.contains("has 4 members"), "{refused}");
        assert_eq!(family.tasks().len(), 4);
    }
    let gone = owner.slash("/task remove name:test.remind confirm:4").await;
    assert_eq!(
        gone.text(),
        "Deleted with their history: 4 members of `test.remind`."
    );
    assert!(family.tasks().is_empty());
    let refused = owner.slash("/task remove name:leaderboard.update").await;
    assert!(refused.text().contains("belongs to a module"));
}

#[tokio::test]
async fn suggestions_are_distinct_and_follow_what_is_typed() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    family(&bot, 100).await;
    let long = TaskSpec::new("n".repeat(100), manual(), |_| async { Ok(()) });
    let long = bot.host().engine().family(long).await.unwrap();
    let member = long.add("s".repeat(100), &()).await.unwrap();
    for (typed, expected) in [
        ("remind", ("test.remind: all 100", "test.remind")),
        ("m:42", ("test.remind (m:42)", "test.remind (m:42)")),
        ("FLUSH", ("leaderboard.flush", "leaderboard.flush")),
    ] {
        let choices = choices(&owner, typed).await;
        assert_eq!((&*choices[0].0, &*choices[0].1), expected);
    }
    let all = choices(&owner, "").await;
    let labels: std::collections::BTreeSet<_> = all.iter().map(|(label, _)| label).collect();
    assert!(all.len() == 25 && labels.len() == 25, "{all:?}");
    let (_, value) = &choices(&owner, "sss").await[0];
    assert_eq!(*value, format!("#{}", member.id().0));
    let shown = owner.slash(&format!("/task show name:{value}")).await;
    assert!(shown.text().contains("State: active"), "{}", shown.text());
}

async fn choices(owner: &cogsmith::testing::Person, typed: &str) -> Vec<(String, String)> {
    let command = format!("/task show name:{typed}");
    let suggested = owner.completes(&command).await.unwrap();
    let choices = suggested.choices().unwrap().as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    choices
        .iter()
        .map(|choice| (text(&choice["name"]), text(&choice["value"])))
        .collect()
}

#[tokio::test]
async fn a_member_with_a_time_of_its_own_keeps_it_at_a_reset() {
    let bot = bot().await;
    let owner = bot.guild("Rustaceans").owner();
    let spec = TaskSpec::new("test.close", manual(), |_| async { Ok(()) });
    let family = bot.host().engine().family(spec).await.unwrap();
    let closing = family.schedule("m:1", every(hours(2)), &()).await.unwrap();
    for verb in ["reset", "interval"] {
        let answer = owner.slash(&format!("/task {verb} name:test.close")).await;
        let answer = answer.text();
        assert!(answer.contains("there is no other time"), "{answer}");
    }
    assert_eq!(closing.status().trigger, every(hours(2)));
}
