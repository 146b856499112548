//! A bot that runs is asked.

use serde_json::Value;

use super::{Place, UPDATE, each};
use crate::process::signal;

#[tokio::test]
async fn a_running_bot_is_asked_and_does_what_it_is_told() {
    for (place, _database) in each().await {
        let bot = place.start().await;
        let list = place.done(&["task", "list"]).await;
        assert_eq!(
            list.err,
            format!("asked the running bot (pid {})\n", bot.id())
        );
        assert!(
            list.out
                .contains("leaderboard.update active, every 10m, next "),
            "{list:?}"
        );
        for (words, expected) in [
            ("stop", "Stopped"),
            ("start", "Started: it was stopped."),
            (
                "interval 30m",
                "Due `every 30m` from now on; it was `every 10m`.",
            ),
            ("interval", "Due `every 10m` from now on"),
            ("run", "It has run: ok."),
            ("restart", "Restarted: it was active."),
            ("cancel", "Cancelled: "),
        ] {
            let (verb, time) = words.split_once(' ').unwrap_or((words, ""));
            let mut arguments = vec!["task", verb, UPDATE, "--reason", "a test"];
            arguments.extend((!time.is_empty()).then_some(time));
            let said = place.done(&arguments).await;
            assert!(said.out.starts_with(expected), "{words}: {said:?}");
        }
        let history = place.done(&["task", "history", UPDATE]).await;
        assert!(
            history.out.contains("ok (manual, attempt 1)"),
            "{history:?}"
        );
        let fact = place.fact(UPDATE).await;
        assert_eq!(
            (&fact["name"], &fact["state"]),
            (&UPDATE.into(), &"stopped".into())
        );
        let by = fact["updated_by"].as_str().unwrap();
        assert!(by.starts_with("shell uid "), "{by}");
        let (code, log) = bot.terminate().await;
        assert_eq!(code.code(), Some(0), "{log}");
        let asked = log.lines().find(|line| line.contains("asked for"));
        assert!(asked.unwrap().contains("a test"), "{log}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_1_and_what_is_mistyped_with_2() {
    let place = Place::new().await;
    let _bot = place.start().await;
    for (arguments, code, expected) in [
        (
            &["task", "stop", "leaderboard.updaet"][..],
            1,
            "No task is named `leaderboard.updaet`. Did you mean `leaderboard.update`? `cogsmith task list` shows",
        ),
        (
            &["task", "interval", UPDATE, "soon"],
            1,
            "`soon` is not a time I can use",
        ),
        (&["task", "remove", UPDATE], 1, "belongs to a module"),
        (
            &["module", "disable", "steward"],
            1,
            "`steward` cannot be switched off.",
        ),
        (
            &["module", "enable", "nothing"],
            1,
            "There is no module `nothing`.",
        ),
        (&["task", "stop"], 2, "<NAME>"),
        (
            &["task", "stop", UPDATE, "--reason", ""],
            2,
            "expected 1 to 200",
        ),
        (&["task", "stpo", UPDATE], 2, "stop"),
    ] {
        let said = place.cogsmith(arguments).await;
        assert_eq!(said.code, Some(code), "{arguments:?}: {said:?}");
        assert!(said.err.contains(expected), "{arguments:?}: {said:?}");
        assert_eq!(said.out, "");
    }
}

#[tokio::test]
async fn modules_are_switched_and_the_answer_says_what_came_of_it() {
    let place = Place::new().await;
    let bot = place.start().await;
    let off = place.done(&["module", "disable", "leaderboard"]).await;
    let expected = "`leaderboard` is switched off everywhere.\nState: switched off everywhere.\n";
    assert_eq!(off.out, expected);
    let gone = place.cogsmith(&["task", "show", UPDATE]).await;
    assert_eq!(gone.code, Some(1), "{gone:?}");
    let on = place.done(&["module", "enable", "leaderboard"]).await;
    assert_eq!(
        on.out,
        "`leaderboard` is switched on everywhere.\nState: on.\n"
    );
    place.done(&["task", "show", UPDATE]).await;
    let arguments = [
        "module",
        "disable",
        "leaderboard",
        "--guild",
        "42",
        "--json",
    ];
    let here = place.done(&arguments).await;
    let fact: Value = serde_json::from_str(&here.out).unwrap();
    assert_eq!(
        (&fact["name"], &fact["on"]),
        (&"leaderboard".into(), &false.into())
    );
    bot.kill().await;
}

#[tokio::test]
async fn verbs_that_need_the_database_name_who_has_it() {
    for (place, _database) in each().await {
        let bot = place.start().await;
        let migrated = place.done(&["migrate"]).await;
        assert_eq!(migrated.out, format!("{} is up to date\n", place.url));
        assert!(
            migrated.err.contains(&format!("(pid {})", bot.id())),
            "{migrated:?}"
        );

        let mut second = place.spawn();
        let pid = format!("in use by another process (pid {})", bot.id());
        second.until_logged_with(&pid).await;
        let (code, _) = second.end().await;
        assert_eq!(code.code(), Some(1));
        signal(bot.id(), "TERM").await;
        bot.end().await;
    }
}
