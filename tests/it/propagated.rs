//! A signal that has ended the bot in order is told by the exit code where that is asked for.

use cogsmith_simulator::Simulator;

use crate::process::{Bot, Folder, run_at, signal};

async fn stopped(arguments: &[&str], setting: &str, name: &str) -> (Option<i32>, String) {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut command = run_at(&simulator, folder.path());
    command.args(arguments).env("PROPAGATE_INTERRUPTS", setting);
    let mut bot = Bot::of(command);
    bot.until_logged("cogsmith::app: ready").await;
    signal(bot.id(), name).await;
    let (ended, log) = bot.end().await;
    (ended.code(), log)
}

#[tokio::test]
async fn the_exit_code_tells_the_signal_once_all_is_stopped() {
    for (arguments, setting, name, code) in [
        (&[][..], "", "TERM", 0),
        (&[], "no", "INT", 0),
        (&[], "yes", "TERM", 143),
        (&[], "yes", "INT", 130),
        (&["--propagate-interrupts"], "no", "TERM", 143),
        (&["--propagate-interrupts", "no"], "yes", "TERM", 0),
        (
            &["--propagate-interrupts", "--drain-seconds", "5"],
            "",
            "INT",
            130,
        ),
    ] {
        let (found, log) = stopped(arguments, setting, name).await;
        assert_eq!(found, Some(code), "{arguments:?} {setting:?} {name}: {log}");
        let mut lines = log.lines().filter(|line| !line.starts_with("cogsmith: "));
        assert!(
            lines
                .next_back()
                .is_some_and(|line| line.ends_with("stopped")),
            "{log}"
        );
        let told = log.contains(&format!("cogsmith: stopped by SIG{name}"));
        assert_eq!(told, code != 0, "{log}");
    }
}
