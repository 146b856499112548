//! Settings and files that are wrong: told all at once, by every verb alike, and without a secret.

use std::{
    ffi::OsStr,
    fs,
    net::TcpListener,
    os::unix::ffi::OsStrExt,
    path::Path,
    process::{Output, Stdio},
};

use cogsmith_simulator::Simulator;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::process::{Folder, cogsmith, output, run_at};

/// What it said, where it ended with this code.
#[track_caller]
fn said(ended: &Output, code: i32) -> String {
    let said = String::from_utf8(ended.stderr.clone()).unwrap();
    assert_eq!(ended.status.code(), Some(code), "{said}");
    said
}

#[track_caller]
fn contains(said: &str, expected: &[&str]) {
    for text in expected {
        assert!(said.contains(text), "{text:?} is missing:\n{said}");
    }
}

async fn run_with_env_file(content: &[u8]) -> String {
    let folder = Folder::new();
    fs::write(folder.path().join(".env"), content).unwrap();
    let mut command = cogsmith(folder.path());
    command.arg("run").env("HTTP_ADDRESS", "127.0.0.1:0");
    said(&output(&mut command).await, 2)
}

#[tokio::test]
async fn no_value_of_an_env_file_reaches_a_panic_or_an_error() {
    for (content, expected) in [
        (&b"DISCORD_TOKEN=s3cret\0s3cret\n"[..], "line 1 of "),
        (b"\n\nDISCORD_TOKEN=s3cret\xffs3cret\n", "line 3 of "),
        (b"\xff\xfeD\0I\0S\0", "line 1 of "),
        (b"# mine\ns3cret.s3cret\n", "line 2 of "),
        (
            b"DISCORD_TOKEN='s3cret\n",
            ".env (DISCORD_TOKEN), which cannot be understood",
        ),
        (
            b"DISCORD_TOKEN=s3cret s3cret",
            ".env (DISCORD_TOKEN), which cannot be understood",
        ),
        (
            b"DISCORD_TOKEN=\"s3cret\ns3cret\"\n",
            "characters no token has",
        ),
    ] {
        let said = run_with_env_file(content).await;
        contains(&said, &[expected]);
        for word in ["s3cret", "panick"] {
            assert!(!said.contains(word), "{word}:\n{said}");
        }
        assert!(!said.contains("found nothing"), "it was there:\n{said}");
    }
}

#[tokio::test]
async fn an_env_file_with_a_byte_order_mark_is_read() {
    let said = run_with_env_file("\u{feff}LOG_FORMAT=xml\n".as_bytes()).await;
    contains(
        &said,
        &["LOG_FORMAT: found \"xml\", expected pretty or json"],
    );
}

#[tokio::test]
async fn bytes_in_the_environment_that_are_no_text_are_told_by_name() {
    let folder = Folder::new();
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("DISCORD_TOKEN", OsStr::from_bytes(b"s3cret\xff"))
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let said = said(&output(&mut command).await, 2);
    contains(
        &said,
        &[
            "1 problem:",
            "DISCORD_TOKEN: found bytes that are not UTF-8",
        ],
    );
    assert!(!said.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn bad_lines_and_bad_values_are_listed_together_with_the_log_s() {
    let content =
        b"OWNER_IDS=ann\nnonsense\nRUST_LOG=cogsmith=loud\nLOG_FORMAT=xml\nDISCORD_TOKEN=abc\n";
    let said = run_with_env_file(content).await;
    contains(
        &said,
        &[
            "the configuration has 4 problems:",
            ".env: found line 2 of ",
            "OWNER_IDS: found \"ann\"",
            "RUST_LOG: found \"cogsmith=loud\", expected a filter such as",
            "LOG_FORMAT: found \"xml\"",
        ],
    );
}

#[tokio::test]
async fn a_name_that_is_no_setting_is_warned_of_with_the_one_that_may_be_meant() {
    let folder = Folder::new();
    fs::write(folder.path().join(".env"), "DISCORD_TOKN=s3cret\n").unwrap();
    let mut command = cogsmith(folder.path());
    command
        .arg("run")
        .env("COGSMITH_OWNER_IDS", "s3cret")
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    let said = said(&output(&mut command).await, 2);
    contains(
        &said,
        &[
            "DISCORD_TOKN (line 1 of ",
            "did you mean DISCORD_TOKEN?",
            "COGSMITH_OWNER_IDS (the environment)",
            "did you mean OWNER_IDS?",
            "in `.env`",
            "`cogsmith simulate` needs none",
        ],
    );
    assert!(!said.contains("s3cret"), "{said}");
}

/// A verb with a database that is a folder, and so none.
fn with_a_folder_for_a_database(verb: &str, folder: &Path) -> Command {
    fs::create_dir_all(folder.join("data/cogsmith.db")).unwrap();
    let mut command = cogsmith(folder);
    command
        .arg(verb)
        .env("DISCORD_TOKEN", "abc")
        .env("HTTP_ADDRESS", "127.0.0.1:0")
        .env("DATABASE_URL", "sqlite://data/cogsmith.db");
    if verb == "simulate" {
        command.args(["--data", "data"]);
    }
    command
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_a_wrong_setting_in_every_verb() {
    for (verb, setting) in [
        ("run", "DATABASE_URL: found "),
        ("migrate", "DATABASE_URL: found "),
        ("simulate", "--data: found "),
    ] {
        let folder = Folder::new();
        let ended = output(&mut with_a_folder_for_a_database(verb, folder.path())).await;
        let said = said(&ended, 2);
        contains(&said, &[setting, "expected a database that can be opened"]);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_a_wrong_setting_in_every_verb() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let port = address.port().to_string();
    for (arguments, setting) in [
        (&["run"][..], "HTTP_ADDRESS: found 127.0.0.1:"),
        (&["simulate", "--port", &port], "--port: found 127.0.0.1:"),
        (&["simulator", "--port", &port], "--port: found 127.0.0.1:"),
    ] {
        let folder = Folder::new();
        let mut command = cogsmith(folder.path());
        command
            .args(arguments)
            .env("DISCORD_TOKEN", "abc")
            .env("HTTP_ADDRESS", address.to_string());
        let said = said(&output(&mut command).await, 2);
        contains(&said, &[setting, &port, "in use"]);
    }
}

#[tokio::test]
async fn with_json_every_line_is_json_and_the_last_one_says_why_it_ended() {
    for arguments in [&["run"][..], &["walk"]] {
        let folder = Folder::new();
        fs::write(
            folder.path().join(".env"),
            "LOG_FORMAT=json\nDISCORD_TOKN=x\n",
        )
        .unwrap();
        let mut command = cogsmith(folder.path());
        command.args(arguments).env("HTTP_ADDRESS", "127.0.0.1:0");
        let said = said(&output(&mut command).await, 2);
        let lines = said.lines().map(serde_json::from_str::<Value>);
        let lines: Result<Vec<_>, _> = lines.collect();
        let last = lines.unwrap().pop().unwrap();
        assert_eq!(
            (&last["level"], &last["fields"]["exit_code"]),
            (&"ERROR".into(), &2.into())
        );
        assert_ne!(last["fields"]["message"], Value::Null);
    }
}

#[tokio::test]
async fn the_log_of_a_start_has_no_library_that_speaks_of_itself() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let mut command = run_at(&simulator, folder.path());
    command.stderr(Stdio::piped());
    let mut bot = command.spawn().unwrap();
    let mut log = BufReader::new(bot.stderr.take().unwrap()).lines();
    let mut lines = Vec::new();
    while !lines
        .last()
        .is_some_and(|line: &String| line.ends_with(": ready"))
    {
        lines.push(log.next_line().await.unwrap().expect("a bot that starts"));
    }
    let foreign = lines.iter().find(|line| !line.contains(" cogsmith"));
    assert_eq!(foreign, None, "{lines:#?}");
}

#[tokio::test]
async fn a_world_and_a_script_tell_all_their_faults_with_those_of_the_settings() {
    let world = "[[guild]]\nname = \"G\"\ncolour = 7\n[[guild.role]]\nname = \"r\"\npermissions = [\"FLY\", \"SWIM\"]\n";
    let script = "[world]\nguild = \"G\"\nowner = \"o\"\nmood = 1\n[[step]]\nwho = \"zoe\"\nsays = 7\n\
                  [[step]]\nwait = \"soon\"\n[[step]]\nslash = \"rank\"\nwho = \"o\"\n";
    for (arguments, content, expected) in [
        (
            ["simulator", "--world", "it.toml"],
            world,
            [
                "\n  - --world: it.toml: line 3: ",
                "guild[0].name",
                "\"FLY\"",
                "\"SWIM\"",
                "RUST_LOG: ",
            ],
        ),
        (
            ["simulate", "--script", "it.toml"],
            script,
            [
                "\n  - --script: it.toml:4: ",
                "it.toml:7: ",
                "it.toml:9: ",
                "it.toml:11: ",
                "RUST_LOG: ",
            ],
        ),
    ] {
        let folder = Folder::new();
        fs::write(folder.path().join("it.toml"), content).unwrap();
        let mut command = cogsmith(folder.path());
        command.args(arguments).env("RUST_LOG", "cogsmith=loud");
        let said = said(&output(&mut command).await, 2);
        contains(&said, &["has 5 problems:"]);
        contains(&said, &expected);
    }
}
