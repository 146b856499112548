//! What the process takes of the machine's memory.

use cogsmith_simulator::Simulator;

use crate::process::{Bot, Folder};

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_bot_takes_no_huge_pages() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let bot = Bot::start(&simulator, &folder.database()).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", bot.id())).unwrap();
    let huge_pages = status.lines().find(|line| line.starts_with("THP_enabled"));
    assert_eq!(huge_pages, Some("THP_enabled:\t0"), "{status}");
}
