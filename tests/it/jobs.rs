//! One-shot jobs in processes of their own: what they write, and the code with which each ending is told.

use std::{
    fs::File,
    path::Path,
    process::{Output, Stdio},
};

use cogsmith::{config::DatabaseUrl, testing::Database};
use cogsmith_simulator::{FaultRule, Intents, Simulator};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::process::{Bot, Folder, address, job_at, odd_job_at, output, signal, until_written};

async fn simulator() -> Simulator {
    let simulator = Simulator::builder().start().await.unwrap();
    simulator.guild("Rustaceans");
    simulator
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Checks the code, and that standard error ends with a line that has `told` in it.
#[track_caller]
fn check(ended: &Output, code: i32, told: &str) {
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(code), "{said}");
    let last = said.trim_end().lines().last().unwrap_or_default();
    assert!(
        last.contains(told),
        "{told:?} is not in the last line:\n{said}"
    );
}

/// A job that goes on, and what it writes.
struct Going {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Going {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn line(&mut self) -> String {
        let line = self.lines.next_line().await.unwrap();
        line.expect("it goes on")
    }

    /// Reads no more, and waits for the end.
    async fn end(self) -> Output {
        drop(self.lines);
        self.child.wait_with_output().await.unwrap()
    }
}

#[tokio::test]
async fn a_job_writes_data_alone_to_standard_output() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let mut command = job_at(&simulator, folder.path(), &["ids", "--format", "json"]);
    let ended = output(command.env("RUST_LOG", "trace")).await;
    assert_eq!(ended.status.code(), Some(0));
    let said = text(&ended.stderr);
    assert!(said.lines().count() > 1 && !said.contains(&simulator.token()));
    let rows: Vec<Value> = serde_json::from_slice(&ended.stdout).unwrap();
    for (kind, name) in [
        ("guild", "Rustaceans"),
        ("channel", "general"),
        ("role", "@everyone"),
    ] {
        let is_it = |row: &&Value| row["kind"] == kind && row["name"] == name;
        let row = rows.iter().find(is_it).unwrap();
        assert!(
            row["id"]
                .as_str()
                .is_some_and(|id| id.parse::<u64>().is_ok())
        );
    }
    assert_eq!(simulator.identifies(), 0, "it is REST alone");
    assert!(!folder.database().exists());
}

#[tokio::test]
async fn the_list_and_the_help_are_data_too() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let listed = output(&mut job_at(
        &simulator,
        folder.path(),
        &["--list", "--json"],
    ))
    .await;
    let rows: Vec<Value> = serde_json::from_slice(&listed.stdout).unwrap();
    let ids = rows.iter().find(|row| row["job"] == "ids").unwrap();
    assert_eq!(ids["module"], "steward");
    let help = output(&mut job_at(&simulator, folder.path(), &["ids", "--help"])).await;
    let said = text(&help.stdout);
    assert_eq!(help.status.code(), Some(0));
    assert!(
        said.contains("Usage: cogsmith job ids") && said.contains("its id or name"),
        "{said}"
    );
    let odd = output(&mut odd_job_at(&simulator, folder.path(), &["--list"])).await;
    assert!(text(&odd.stdout).contains("hear") && !text(&odd.stdout).contains("never"));
    check(
        &odd,
        0,
        "module late is left out with its jobs: the job fail: another job has its name",
    );
}

#[tokio::test]
async fn each_ending_has_its_code() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let odd = |words: &'static [&'static str]| odd_job_at(&simulator, folder.path(), words);
    for (words, code, told) in [
        (&["fail"][..], 1, "cogsmith: it did not work"),
        (
            &["panic"],
            101,
            "cogsmith: the job panicked: nobody expects this",
        ),
        (&["hold", "--timeout", "1s"], 5, "not done after 1s"),
        (&["--timeout", "1s", "hold"], 5, "not done after 1s"),
        (&["hear"], 2, "try '--help'"),
        (&["fails"], 2, "try '--help'"),
        (
            &["fail", "--timeout", "soon"],
            2,
            "JOB_TIMEOUT: found \"soon\"",
        ),
        (
            &["hear", "--guild", "Rust"],
            2,
            "an id or name such as Rustaceans (",
        ),
        (
            &["hear", "--guild", "152921504606846976"],
            2,
            "in which the bot is not",
        ),
        (&["read"], 2, "DATABASE_URL: found sqlite://"),
    ] {
        let ended = output(&mut odd(words)).await;
        check(&ended, code, told);
        if code != 5 {
            assert_eq!(text(&ended.stdout), "");
        }
    }
    let mut set = odd(&["hold"]);
    check(
        &output(set.env("JOB_TIMEOUT", "1s")).await,
        5,
        "not done after 1s",
    );
    let mut bare = odd(&["fail"]);
    let ended = output(bare.env_remove("DISCORD_TOKEN")).await;
    check(&ended, 2, "DISCORD_TOKEN: found nothing");
}

#[tokio::test]
async fn a_refused_token_exits_3_and_is_never_shown() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let mut command = job_at(&simulator, folder.path(), &["ids"]);
    command
        .env("DISCORD_TOKEN", "wrong.token.here")
        .env("RUST_LOG", "trace");
    let ended = output(&mut command).await;
    check(&ended, 3, "Discord refused the token (401)");
    assert!(!text(&ended.stderr).contains("wrong.token.here"));

    let mut going = Going::start(&mut hear(&simulator, &folder));
    assert_eq!(going.line().await, "Rustaceans");
    simulator.close(Some(4004));
    check(&going.end().await, 3, "the token was refused");
}

#[tokio::test]
async fn refused_intents_exit_4_and_a_spent_budget_6() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MESSAGES);
    let (strict, folder) = (builder.start().await.unwrap(), Folder::new());
    strict.guild("Rustaceans");
    check(&output(&mut hear(&strict, &folder)).await, 4, "4014");

    let simulator = simulator().await;
    let limit = json!({"total": 1000, "remaining": 0, "reset_after": 60_000, "max_concurrency": 1});
    let url = simulator.api_url().replace("http", "ws");
    let body = json!({"url": url, "shards": 1, "session_start_limit": limit});
    let fault = FaultRule::new(200).path("gateway/bot").body(body);
    simulator.fail_next(fault.times(2));
    check(
        &output(&mut hear(&simulator, &folder)).await,
        6,
        "0 new sessions may be started",
    );
    assert_eq!(simulator.identifies(), 0);
}

#[tokio::test]
async fn the_first_signal_ends_a_job_at_once_also_when_it_holds_every_thread() {
    let (simulator, folder) = (simulator().await, Folder::new());
    for (name, code, told) in [("INT", 130, "SIGINT"), ("TERM", 143, "SIGTERM")] {
        let mut command = odd_job_at(&simulator, folder.path(), &["hold", "--timeout", "0"]);
        let mut going = Going::start(&mut command);
        assert_eq!(going.line().await, "begun");
        signal(going.child.id().unwrap(), name).await;
        check(&going.end().await, code, told);
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_a_job_quietly_and_a_full_disk_does_not() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let mut flood = odd_job_at(&simulator, folder.path(), &["flood"]);
    let mut going = Going::start(flood.env("RUST_LOG", "error"));
    assert_eq!(going.line().await, "more");
    let ended = going.end().await;
    assert_eq!(
        (ended.status.code(), text(&ended.stderr)),
        (Some(0), String::new())
    );

    for format in ["table", "json", "ndjson", "csv"] {
        let mut command = job_at(&simulator, folder.path(), &["ids", "--format", format]);
        let full = File::options().write(true).open("/dev/full").unwrap();
        let full = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let ended = full.wait_with_output().await.unwrap();
        check(
            &ended,
            1,
            "writing to standard output: No space left on device",
        );
    }
}

#[tokio::test]
async fn limits_are_waited_for() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let words = ["ids", "--format", "csv"];
    let free = output(&mut job_at(&simulator, folder.path(), &words)).await;
    simulator.fail_next(FaultRule::new(429).path("/channels").times(3));
    let limited = output(&mut job_at(&simulator, folder.path(), &words)).await;
    check(&limited, 0, "(429");
    assert_eq!(text(&limited.stderr).lines().count(), 3);
    assert_eq!(text(&limited.stdout), text(&free.stdout));
}

fn hear(simulator: &Simulator, folder: &Folder) -> Command {
    odd_job_at(simulator, folder.path(), &["hear", "--guild", "Rustaceans"])
}

#[tokio::test]
async fn a_session_of_a_job_ends_with_it_and_leaves_that_of_the_bot_alone() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let guild = simulator.guild("Rustaceans");
    let ann = guild.member("ann");
    let bot = Bot::start(&simulator, &folder.database()).await;
    bot.terminate().await;

    let mut command = hear(&simulator, &folder);
    command.env("DATABASE_URL", url(&folder.database()));
    let mut going = Going::start(&mut command);
    assert_eq!(going.line().await, "Rustaceans");
    let other = simulator.guild("Gophers").member("ben");
    other.says("of another guild").await;
    ann.says("of this one").await;
    assert_eq!(going.line().await, "ann");
    check(&going.end().await, 0, "");
    simulator.until(|it| it.connections().is_empty()).await;
    assert_eq!((simulator.identifies(), simulator.resumes()), (2, 0));

    let bot = Bot::start(&simulator, &folder.database()).await;
    assert_eq!((simulator.identifies(), simulator.resumes()), (2, 1));
    bot.kill().await;
}

fn url(database: &Path) -> String {
    address(&DatabaseUrl::Sqlite(database.to_owned()))
}

#[tokio::test]
async fn a_job_reads_beside_the_bot_and_writes_only_when_it_says_so() {
    for database in Database::each().await {
        let (simulator, folder) = (simulator().await, Folder::new());
        let ann = simulator.guild("Rustaceans").member("ann");
        let settings = [("RUST_LOG", "info")];
        let mut bot = Bot::spawn_on(&simulator, folder.path(), database.url(), &settings);
        bot.until_logged("cogsmith::app: ready").await;
        ann.says("hello").await;
        until_written(database.url(), 1).await;

        let on = |mut command: Command| {
            command.env("DATABASE_URL", address(database.url()));
            command
        };
        let words = [
            "leaderboard-export",
            "--guild",
            "Rustaceans",
            "--format",
            "csv",
        ];
        let ended = output(&mut on(job_at(&simulator, folder.path(), &words))).await;
        check(&ended, 0, "");
        let written = text(&ended.stdout);
        let line = written.lines().nth(1).unwrap();
        let id = ann.id().to_string();
        assert!(
            line.starts_with(&format!("1,{id},")) && line.contains(",1,2"),
            "{written}"
        );

        let odd = |word: &'static str| on(odd_job_at(&simulator, folder.path(), &[word]));
        check(
            &output(&mut odd("read")).await,
            1,
            "opened to be read, and nothing is written",
        );
        check(
            &output(&mut odd("write")).await,
            1,
            "is in use by another process",
        );
        ann.says("the bot goes on").await;
        let (status, log) = bot.terminate().await;
        assert_eq!(status.code(), Some(0), "{log}");
        check(&output(&mut odd("write")).await, 0, "");
    }
}

/// `script` gives a terminal; what is written goes elsewhere, as in a shell.
#[tokio::test]
async fn progress_is_shown_on_a_terminal_and_nowhere_else() {
    let (simulator, folder) = (simulator().await, Folder::new());
    let plain = output(&mut job_at(&simulator, folder.path(), &["ids"])).await;
    assert_eq!(text(&plain.stderr), "");

    let program = env!("CARGO_BIN_EXE_cogsmith");
    let line = format!("{program} job ids > ids.txt");
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url())
        .current_dir(folder.path())
        .stdin(Stdio::null());
    let ended = output(&mut command).await;
    let shown = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{shown}");
    assert!(
        shown.contains("guilds: [########################] 1 of 1, 100 %"),
        "{shown:?}"
    );
    assert!(
        shown.ends_with(" \r") && !shown.contains('\u{1b}'),
        "{shown:?}"
    );
    let written = std::fs::read_to_string(folder.path().join("ids.txt")).unwrap();
    assert_eq!(written, text(&plain.stdout));
}
