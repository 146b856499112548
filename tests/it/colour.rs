//! Colour is on terminals only, unless one of three variables says otherwise.

use std::process::Stdio;

use crate::{
    process::{Folder, cogsmith, output},
    terminal::Terminal,
};

const COLOUR: &str = "\u{1b}[";

type Given = &'static [(&'static str, &'static str)];

/// What is given, and whether there is colour on a terminal and elsewhere.
const CASES: [(Given, bool, bool); 9] = [
    (&[], true, false),
    (&[("NO_COLOR", "1")], false, false),
    (&[("NO_COLOR", "")], true, false),
    (&[("CLICOLOR", "0")], false, false),
    (&[("CLICOLOR", "1")], true, false),
    (&[("CLICOLOR_FORCE", "1")], true, true),
    (&[("CLICOLOR_FORCE", "0")], true, false),
    (&[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true, true),
    (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
];

/// What a verb writes to both outputs.
async fn written(arguments: &[&str], given: Given, on_terminal: bool) -> String {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .args(arguments)
        .envs(given.iter().copied())
        .env("DISCORD_TOKEN", "a.b.c")
        .env("BOT_NONSENSE", "1");
    if !on_terminal {
        let ended = output(&mut command).await;
        let both = [ended.stdout, ended.stderr].concat();
        return String::from_utf8(both).unwrap();
    }
    let terminal = Terminal::open();
    command.stdout(terminal.stdio()).stderr(terminal.stdio());
    command.status().await.unwrap();
    drop(command);
    terminal.seen().await
}

#[tokio::test]
async fn tables_help_and_errors_are_coloured_on_terminals_unless_told_otherwise() {
    for (given, on_terminal, elsewhere) in CASES {
        for arguments in [&["config"][..], &["--help"], &["confgi"]] {
            for (is_terminal, expected) in [(true, on_terminal), (false, elsewhere)] {
                let said = written(arguments, given, is_terminal).await;
                assert!(!said.is_empty(), "{arguments:?}");
                let found = said.contains(COLOUR);
                assert_eq!(
                    found, expected,
                    "{arguments:?} {given:?} {is_terminal}: {said}"
                );
            }
        }
    }
}

/// The log of a migration warns of a name that is no setting.
#[tokio::test]
async fn log_lines_are_coloured_alike() {
    for (given, on_terminal, elsewhere) in CASES {
        for (is_terminal, expected) in [(true, on_terminal), (false, elsewhere)] {
            let said = written(&["migrate"], given, is_terminal).await;
            assert!(said.contains("BOT_NONSENSE"), "{said}");
            assert_eq!(
                said.contains(COLOUR),
                expected,
                "{given:?} {is_terminal}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn each_output_is_judged_by_itself() {
    let folder = Folder::new();
    let terminal = Terminal::open();
    let mut command = cogsmith(folder.path());
    command.arg("config").stdout(Stdio::piped());
    let child = command.stderr(terminal.stdio()).spawn().unwrap();
    drop(command);
    let ended = child.wait_with_output().await.unwrap();
    let table = String::from_utf8(ended.stdout).unwrap();
    assert!(
        table.contains("DISCORD_TOKEN") && !table.contains(COLOUR),
        "{table}"
    );
}
