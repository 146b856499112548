//! The members of large servers, by jobs in processes of their own, and a list that Discord refuses.

use std::{
    fs::File,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use cogsmith::config::DatabaseUrl;
use cogsmith_simulator::{FaultRule, Guild, Intents, Permissions, Simulator};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::{
    process::{Bot, Folder, address, job_at, output, signal},
    terminal::Terminal,
};

const MEMBERS: u64 = 100_000;
/// What a job for so many may take beyond one for a few: a page, the answer that it came in, and what is held of the
/// output.
const MOST: u64 = 24 << 20;

async fn simulator() -> (Simulator, Guild) {
    let simulator = Simulator::builder().start().await.unwrap();
    let guild = simulator.guild("Rustaceans");
    (simulator, guild)
}

fn export(simulator: &Simulator, folder: &Path, words: &[&str]) -> Command {
    let all = ["members-export", "--guild", "Rustaceans"];
    job_at(simulator, folder, &[&all[..], words].concat())
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
    assert!(last.contains(told), "{told:?} is not the last:\n{said}");
}

/// The ids of the lines, and the most memory that the job had by the last of them.
async fn followed(mut command: Command) -> (Vec<u64>, u64) {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(command);
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut ids, mut most) = (Vec::new(), 0);
    while let Some(line) = lines.next_line().await.unwrap() {
        let row: Value = serde_json::from_str(&line).unwrap();
        ids.push(row["id"].as_str().unwrap().parse().unwrap());
        let status = std::fs::read_to_string(&status).unwrap_or_default();
        most = peak(&status).unwrap_or(most);
    }
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    (ids, most)
}

/// In bytes.
fn peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes: u64 = line?.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes * 1_024)
}

#[tokio::test]
async fn a_hundred_thousand_members_take_no_more_memory_than_a_page_and_are_counted_on_a_terminal()
{
    let ((simulator, guild), folder) = (simulator().await, Folder::new());
    guild.fill(2_000);
    let few = export(&simulator, folder.path(), &["--format", "ndjson"]);
    let (_, few) = followed(few).await;
    guild.fill(MEMBERS - 2_000);
    let terminal = Terminal::open();
    let mut all = export(&simulator, folder.path(), &["--format", "ndjson"]);
    all.stderr(terminal.stdio());
    let (ids, most) = followed(all).await;
    // The owner and the bot are members too.
    assert_eq!(ids.len() as u64, MEMBERS + 2);
    assert!(
        ids.is_sorted_by(|one, other| one < other),
        "each is there once"
    );
    assert!(
        most < few + MOST,
        "{most} bytes, and {few} for a few members"
    );
    let seen = terminal.seen().await;
    let shown = format!("of {}, ", MEMBERS + 2);
    assert!(
        seen.contains("members: [#") && seen.contains(&shown),
        "{seen:?}"
    );
}

#[tokio::test]
async fn those_with_a_role_are_written_and_limits_are_waited_for() {
    let builder = Simulator::builder().rate_limits(true);
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let (ann, helpers) = (
        guild.member("ann"),
        guild.role("helpers", Permissions::NONE),
    );
    guild.give_role(&ann, helpers);
    guild.fill(3_000);
    let path = format!("guilds/{}/members", guild.id());
    simulator.fail_next(FaultRule::late(Duration::ZERO).path(&path));
    simulator.fail_next(FaultRule::new(429).path(&path).times(2));
    let words = ["--role", "@helpers", "--format", "csv"];
    let ended = output(&mut export(&simulator, folder.path(), &words)).await;
    check(&ended, 0, "(429");
    let written = text(&ended.stdout);
    let lines: Vec<_> = written.lines().collect();
    assert_eq!(lines[0], "id,name,display_name,bot,joined_at,roles");
    let row = format!("{},ann,ann,no,", ann.id());
    assert!(
        lines[1].starts_with(&row) && lines[1].ends_with(",helpers"),
        "{written}"
    );
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn each_way_to_fail_has_its_code_and_a_sentence() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MEMBERS);
    let (strict, folder) = (builder.start().await.unwrap(), Folder::new());
    strict.guild("Rustaceans");
    let refused = output(&mut export(&strict, folder.path(), &["--format", "csv"])).await;
    check(&refused, 1, "the Server Members Intent is not switched on");
    assert_eq!(text(&refused.stdout), "");

    let (simulator, _) = simulator().await;
    let at = |words: &[&str]| export(&simulator, folder.path(), words);
    let mut wrong = at(&[]);
    let ended = output(wrong.env("DISCORD_TOKEN", "wrong.token.here")).await;
    check(&ended, 3, "Discord refused the token (401)");
    let ended = output(&mut at(&["--role", "helpers"])).await;
    check(&ended, 2, "role: found \"helpers\"");
    for format in ["table", "json", "ndjson", "csv"] {
        let mut command = at(&["--format", format]);
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
async fn a_signal_ends_an_export_midway() {
    let ((simulator, guild), folder) = (simulator().await, Folder::new());
    guild.fill(3_000);
    let path = format!("guilds/{}/members", guild.id());
    simulator.fail_next(FaultRule::late(Duration::ZERO).path(&path));
    simulator.fail_next(FaultRule::late(Duration::from_secs(300)).path(&path));
    let mut command = export(&simulator, folder.path(), &["--format", "ndjson"]);
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    assert!(first.starts_with("{\"id\":"), "{first}");
    signal(child.id().unwrap(), "INT").await;
    check(&child.wait_with_output().await.unwrap(), 130, "SIGINT");
}

#[tokio::test]
async fn the_showcase_is_written_beside_the_bot() {
    let ((simulator, guild), folder) = (simulator().await, Folder::new());
    let (ann, makers) = (guild.member("ann"), guild.role("makers", Permissions::NONE));
    guild.give_role(&ann, makers);
    let bot = Bot::start(&simulator, &folder.database()).await;
    for command in [
        "/module enable name:members".to_owned(),
        format!("/settings set key:members.showcase_role value:{makers}"),
    ] {
        guild.owner().slash(&command).await;
    }
    ann.slash("/members showcase join").await;
    let words = [
        "members-showcase",
        "--guild",
        "Rustaceans",
        "--role",
        "makers",
    ];
    let mut command = job_at(&simulator, folder.path(), &words);
    let url = DatabaseUrl::Sqlite(folder.database());
    let ended = output(command.env("DATABASE_URL", address(&url))).await;
    check(&ended, 0, "");
    let shown: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(shown["members"][0]["id"], ann.id().to_string());
    assert_eq!(shown["members"].as_array().map(Vec::len), Some(1));
    bot.kill().await;
}

#[tokio::test]
async fn a_bot_without_the_intent_says_what_is_off_and_does_the_rest() {
    let builder = Simulator::builder().refuse_intents(Intents::GUILD_MEMBERS);
    let (simulator, folder) = (builder.start().await.unwrap(), Folder::new());
    let guild = simulator.guild("Rustaceans");
    let owner = guild.owner();
    let mut bot = Bot::spawn(&simulator, &folder.database());
    bot.until_logged_with("so that what needs them does nothing: GUILD_MEMBERS (members)")
        .await;
    bot.until_logged("cogsmith::app: ready").await;
    owner.slash("/module enable name:members").await;
    for _ in 0..2 {
        let told = owner.slash("/members export").await.text();
        assert!(
            told.starts_with("Discord does not let me list the members"),
            "{told}"
        );
    }
    let found = owner.slash("/members search name:own").await.text();
    assert!(found.contains("1 member"), "{found}");
    assert_eq!(owner.direct().messages().len(), 1);
    bot.kill().await;
}
