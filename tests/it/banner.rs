//! What a start shows on a terminal, and nowhere else.

use std::path::Path;

use cogsmith_simulator::Simulator;

use crate::{
    process::{Folder, cogsmith, output, run_at},
    terminal::Terminal,
};

const SIGN: &str = "⚙ cogsmith";
const COLOUR: &str = "\u{1b}[";

type Given<'a> = &'a [(&'a str, &'a str)];

/// A start that ends at once, as its token is refused: its exit code, and what the terminal has shown.
async fn started(simulator: &Simulator, folder: &Path, given: Given<'_>) -> (Option<i32>, String) {
    let terminal = Terminal::open();
    let mut command = run_at(simulator, folder);
    command
        .env("DISCORD_TOKEN", "wrong.token.here")
        .envs(given.iter().copied())
        .stdout(terminal.stdio())
        .stderr(terminal.stdio());
    let ended = command.status().await.unwrap();
    drop(command);
    (ended.code(), terminal.seen().await)
}

#[tokio::test]
async fn a_start_on_a_terminal_shows_version_place_modules_and_shards() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let given = [
        ("MODULES", "help,welcome"),
        ("SHARD_IDS", "0-2,7"),
        ("SHARD_COUNT", "16"),
        ("NO_COLOR", "1"),
    ];
    let (code, shown) = started(&simulator, folder.path(), &given).await;
    assert_eq!(code, Some(3), "{shown}");
    let lines: Vec<_> = shown.lines().take(5).map(str::trim).collect();
    let at = format!("at       {}", simulator.api_url());
    let expected = [
        "",
        &format!("{SIGN} {}", env!("CARGO_PKG_VERSION")),
        &*at,
        "modules  welcome, help",
        "shards   0-2, 7 of 16",
    ];
    assert_eq!(lines, expected, "{shown}");
    assert!(!shown.contains(COLOUR), "{shown}");
    let (_, coloured) = started(&simulator, folder.path(), &[]).await;
    assert!(
        coloured.contains(COLOUR) && coloured.contains(SIGN),
        "{coloured}"
    );
}

#[tokio::test]
async fn it_is_not_shown_to_machines_nor_when_it_is_off() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    for given in [("LOG_FORMAT", "json"), ("BANNER", "off")] {
        let (_, shown) = started(&simulator, folder.path(), &[given]).await;
        assert!(!shown.contains(SIGN), "{given:?}: {shown}");
    }
    let mut command = run_at(&simulator, folder.path());
    let command = command.env("DISCORD_TOKEN", "wrong.token.here");
    let ended = output(command.env("CLICOLOR_FORCE", "1")).await;
    let shown = String::from_utf8(ended.stderr).unwrap();
    assert!(
        shown.contains("refused the token") && !shown.contains(SIGN),
        "{shown}"
    );
}

#[tokio::test]
async fn a_file_is_filled_in_and_must_not_override_what_is_built_in() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let file = folder.path().join("banner.txt");
    let given = [("BANNER", file.to_str().unwrap()), ("NO_COLOR", "1")];
    std::fs::write(
        &file,
        "$motto = slow is smooth\n<$version> $motto $unknown $red\n",
    )
    .unwrap();
    let (_, shown) = started(&simulator, folder.path(), &given).await;
    let expected = format!("<{}> slow is smooth $unknown ", env!("CARGO_PKG_VERSION"));
    assert!(shown.starts_with(&expected), "{shown}");

    std::fs::write(&file, "$version = 99\n$version\n").unwrap();
    let (code, shown) = started(&simulator, folder.path(), &given).await;
    assert_eq!(code, Some(2), "{shown}");
    assert!(
        shown.contains("BANNER: found a file that defines $version"),
        "{shown}"
    );
    std::fs::remove_file(&file).unwrap();
    let (code, shown) = started(&simulator, folder.path(), &given).await;
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("No such file"), "{shown}");
}

#[tokio::test]
async fn simulate_shows_it_as_well() {
    let folder = Folder::new();
    let script = "[world]\nguild = \"G\"\nowner = \"olivia\"\nmembers = [\"ann\"]\n\n\
        [[step]]\nwho = \"ann\"\nsays = \"hello\"\n";
    std::fs::write(folder.path().join("day.toml"), script).unwrap();
    let terminal = Terminal::open();
    let mut command = cogsmith(folder.path());
    command
        .args(["simulate", "--script", "day.toml"])
        .stdout(terminal.stdio())
        .stderr(terminal.stdio());
    let ended = command.status().await.unwrap();
    drop(command);
    let shown = terminal.seen().await;
    assert_eq!(ended.code(), Some(0), "{shown}");
    assert!(
        shown.contains(SIGN) && shown.contains("a Discord of its own"),
        "{shown}"
    );
}
