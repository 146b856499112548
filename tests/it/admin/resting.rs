//! While the bot rests its database is asked, and what is changed holds from the next start on.

use super::{Place, UPDATE, each};

#[tokio::test]
async fn what_is_changed_while_the_bot_rests_holds_after_the_next_start() {
    for (place, _database) in each().await {
        place.start().await.terminate().await;
        let list = place.done(&["task", "list"]).await;
        assert_eq!(list.err, "the bot rests: looked into the database\n");
        assert!(
            list.out.contains("leaderboard.update active, every 10m"),
            "{list:?}"
        );

        let stopped = place
            .done(&["task", "stop", UPDATE, "--reason", "a test"])
            .await;
        assert!(stopped.out.starts_with("Stopped."), "{stopped:?}");
        assert_eq!(
            stopped.err,
            "the bot rests: changed the database, which its next start heeds\n"
        );
        place
            .done(&["task", "interval", "leaderboard.flush", "1s"])
            .await;
        place.done(&["module", "disable", "welcome"]).await;

        let bot = place.start().await;
        let (update, flush) = (
            place.fact(UPDATE).await,
            place.fact("leaderboard.flush").await,
        );
        assert_eq!(update["state"], "stopped");
        assert_eq!(
            (&flush["trigger"], &flush["overridden"]),
            (&"every 1s".into(), &true.into())
        );
        let modules = place.done(&["module", "list"]).await;
        assert!(
            modules.out.contains("welcome: switched off everywhere\n"),
            "{modules:?}"
        );
        bot.terminate().await;

        let started = place.done(&["task", "start", UPDATE]).await;
        assert!(
            started.out.starts_with("Started: it was stopped."),
            "{started:?}"
        );
        let bot = place.start().await;
        let update = place.fact(UPDATE).await;
        assert_eq!(update["state"], "active");
        assert!(update["next_run_at"].is_string(), "{update}");
        bot.terminate().await;
    }
}

#[tokio::test]
async fn what_nothing_can_do_while_the_bot_rests_is_refused() {
    let place = Place::new().await;
    place.start().await.kill().await;
    for (arguments, expected) in [
        (
            &["task", "run", UPDATE][..],
            "cannot do that while the bot rests",
        ),
        (
            &["task", "cancel", UPDATE],
            "cannot do that while the bot rests",
        ),
        (&["task", "purge"], "is known while the bot runs"),
        (&["task", "show", "no"], "No task is named `no`."),
    ] {
        let said = place.cogsmith(arguments).await;
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains(expected), "{said:?}");
    }
    assert_eq!(place.fact(UPDATE).await["state"], "active", "as it was");
}

#[tokio::test]
async fn what_a_killed_process_left_is_as_good_as_no_socket() {
    for (place, _database) in each().await {
        place.start().await.kill().await;
        assert!(place.socket().exists(), "left behind");
        let stopped = place.done(&["task", "stop", UPDATE]).await;
        assert!(stopped.err.starts_with("the bot rests"), "{stopped:?}");
        let bot = place.start().await;
        let list = place.done(&["task", "list"]).await;
        assert!(list.err.starts_with("asked the running bot"), "{list:?}");
        assert_eq!(place.fact(UPDATE).await["state"], "stopped");
        bot.terminate().await;
        assert!(!place.socket().exists(), "removed in order");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let place = Place::new().await;
    let said = place.cogsmith(&["task", "list"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("There is no database at sqlite://"),
        "{said:?}"
    );
    assert!(!place.folder.database().exists());
}
