//! Who used which command, as the log tells it.

use cogsmith_simulator::Simulator;

use crate::process::{Bot, Folder};

#[tokio::test]
async fn each_use_of_a_command_is_one_line_with_ids_and_outcome_and_without_options() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (ann, owner) = (guild.member("ann"), guild.owner());
    let bot = Bot::start(&simulator, &folder.database()).await;
    ann.slash("/leaderboard update_info").await;
    owner.slash("/task show name:xyzzy").await;

    let (_, log) = bot.terminate().await;
    let used: Vec<_> = log
        .lines()
        .filter(|line| line.contains("was used"))
        .collect();
    assert_eq!(used.len(), 2, "{log}");
    let expected = [
        ("/leaderboard update_info was used: ok", &ann),
        ("/task show was used: refused", &owner),
    ];
    for (line, (told, user)) in used.iter().zip(expected) {
        assert!(line.contains(told), "{line}");
        for field in [
            format!("guild.id={}", guild.id()),
            format!("user.id={}", user.id()),
            "duration_ms=".to_owned(),
        ] {
            assert!(line.contains(&field), "{field}: {line}");
        }
    }
    for library in ["tokio_cron_scheduler", "twilight_http_ratelimiting"] {
        assert!(!log.contains(library), "{library} spoke of itself: {log}");
    }
    assert!(!log.contains("xyzzy"), "an option was logged: {log}");
}
