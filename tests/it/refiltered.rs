//! The log tells more, or less, once `.env` says so and SIGUSR1 comes.

use cogsmith_simulator::Simulator;

use crate::process::{Bot, Folder, run_at, signal};

#[tokio::test]
async fn a_signal_has_the_filter_read_anew() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let filter = |text: &str| {
        let file = folder.path().join(".env");
        std::fs::write(file, format!("RUST_LOG={text}\n")).unwrap();
    };
    filter("info");
    let mut bot = Bot::of(run_at(&simulator, folder.path()));
    bot.until_logged("cogsmith::app: ready").await;

    filter("info,cogsmith=[");
    signal(bot.id(), "USR1").await;
    bot.until_logged_with("the log's filter stays as it is: RUST_LOG: found")
        .await;

    filter("warn");
    signal(bot.id(), "USR1").await;
    bot.until_logged_with("the log's filter is \"warn\" from here on")
        .await;

    filter("info,cogsmith::app=error");
    signal(bot.id(), "USR1").await;
    bot.until_logged_with("the log's filter is \"info,cogsmith::app=error\" from here on")
        .await;
    let (ended, log) = bot.terminate().await;
    assert_eq!(ended.code(), Some(0), "{log}");
    assert!(!log.contains("cogsmith::app"), "{log}");
    assert!(log.contains(" INFO "), "{log}");
}
