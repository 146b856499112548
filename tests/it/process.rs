//! The binary as a process of its own, against a simulator served by this one.

use std::{
    path::{Path, PathBuf},
    process::{ExitStatus, Output, Stdio},
    time::Duration,
};

use cogsmith::{config::DatabaseUrl, store::Db};
use cogsmith_simulator::Simulator;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
};

/// A program that is not ended by the signal of a limit on the size of files: its writes fail instead.
pub(crate) fn unlimited(program: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", program]);
    command
}

/// Sends a signal such as `TERM`.
pub(crate) async fn signal(process: u32, name: &str) {
    let mut command = Command::new("kill");
    command.args([&format!("-{name}"), &process.to_string()]);
    let ended = output(&mut command).await;
    assert!(ended.status.success(), "{ended:?}");
}

/// Sets a limit of a process, such as `fsize` to `0`.
pub(crate) async fn limit(process: u32, what: &str, value: &str) {
    let mut command = Command::new("prlimit");
    command.args(["--pid", &process.to_string(), &format!("--{what}={value}:")]);
    let ended = output(&mut command).await;
    assert!(ended.status.success(), "{ended:?}");
}

/// The binary with nothing of this process's environment but what it needs to run.
pub(crate) fn cogsmith(folder: &Path) -> Command {
    bare(env!("CARGO_BIN_EXE_cogsmith"), folder)
}

/// The victim, the same way.
pub(crate) fn victim(folder: &Path) -> Command {
    bare(env!("CARGO_BIN_EXE_victim"), folder)
}

fn bare(program: &str, folder: &Path) -> Command {
    let mut command = unlimited(program);
    command
        .env_clear()
        .current_dir(folder)
        .kill_on_drop(true)
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) async fn output(command: &mut Command) -> Output {
    command.output().await.unwrap()
}

/// The address with its password, as a process is given it.
pub(crate) fn address(database: &DatabaseUrl) -> String {
    match database {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

/// `cogsmith run` at this Discord, with health on any free port.
pub(crate) fn run_at(simulator: &Simulator, folder: &Path) -> Command {
    run(cogsmith(folder), simulator)
}

/// `victim run`, the same way.
pub(crate) fn victim_at(simulator: &Simulator, folder: &Path) -> Command {
    run(victim(folder), simulator)
}

/// `cogsmith job` with these words.
pub(crate) fn job_at(simulator: &Simulator, folder: &Path, words: &[&str]) -> Command {
    at(cogsmith(folder), "job", words, simulator)
}

/// `victim job`, the same way.
pub(crate) fn odd_job_at(simulator: &Simulator, folder: &Path, words: &[&str]) -> Command {
    let victim = bare(env!("CARGO_BIN_EXE_victim"), folder);
    at(victim, "job", words, simulator)
}

fn run(command: Command, simulator: &Simulator) -> Command {
    at(command, "run", &[], simulator)
}

fn at(mut command: Command, verb: &str, words: &[&str], simulator: &Simulator) -> Command {
    command
        .arg(verb)
        .args(words)
        .env("DISCORD_TOKEN", simulator.token())
        .env("DISCORD_API_URL", simulator.api_url())
        .env("HTTP_ADDRESS", "127.0.0.1:0");
    command
}

/// A bot in a process of its own.
pub(crate) struct Bot {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Bot {
    pub(crate) fn spawn(simulator: &Simulator, database: &Path) -> Self {
        Self::spawn_logging(simulator, database, "info")
    }

    pub(crate) fn spawn_logging(simulator: &Simulator, database: &Path, filter: &str) -> Self {
        Self::spawn_with(simulator, database, &[("RUST_LOG", filter)])
    }

    /// With these settings beside the usual ones.
    pub(crate) fn spawn_with(
        simulator: &Simulator,
        database: &Path,
        settings: &[(&str, &str)],
    ) -> Self {
        let folder = database.parent().unwrap();
        let url = DatabaseUrl::Sqlite(database.to_owned());
        Self::spawn_on(simulator, folder, &url, settings)
    }

    /// On a database of either kind, which need not be in the folder.
    pub(crate) fn spawn_on(
        simulator: &Simulator,
        folder: &Path,
        database: &DatabaseUrl,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut command = run_at(simulator, folder);
        command
            .env("DATABASE_URL", address(database))
            .env("NO_COLOR", "1")
            .envs(settings.iter().copied());
        Self::of(command)
    }

    /// A bot that is started by this command.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, log }
    }

    /// Spawns it and waits until it says that it is ready.
    pub(crate) async fn start(simulator: &Simulator, database: &Path) -> Self {
        let mut bot = Self::spawn(simulator, database);
        bot.until_logged("cogsmith::app: ready").await;
        bot
    }

    /// Reads the log up to a line whose message ends with `text`.
    pub(crate) async fn until_logged(&mut self, text: &str) -> String {
        self.until_line(text, |line| line.ends_with(text)).await
    }

    /// Reads the log up to a line with `text` in it.
    pub(crate) async fn until_logged_with(&mut self, text: &str) -> String {
        self.until_line(text, |line| line.contains(text)).await
    }

    /// Reads the log up to a line that fits; `text` names it.
    pub(crate) async fn until_line(&mut self, text: &str, fits: impl Fn(&str) -> bool) -> String {
        let mut seen = String::new();
        while let Some(line) = self.log.next_line().await.unwrap() {
            if fits(&line) {
                return line;
            }
            seen.push_str(&line);
            seen.push('\n');
        }
        panic!("the bot ended without saying {text:?}:\n{seen}");
    }

    /// Where health is served, from the log.
    pub(crate) async fn http_address(&mut self) -> String {
        let line = self.until_logged("/readyz").await;
        let address = line.split("http://").nth(1).unwrap();
        address.trim_end_matches("/readyz").to_owned()
    }

    /// Memory in use, in bytes, from the kernel.
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = resident.unwrap().trim().trim_end_matches(" kB");
        kibibytes.parse::<u64>().unwrap() * 1_024
    }

    /// What is logged until it ends by itself.
    pub(crate) async fn end(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        while let Some(line) = self.log.next_line().await.unwrap() {
            log.push_str(&line);
            log.push('\n');
        }
        (self.child.wait().await.unwrap(), log)
    }

    /// kill -9.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, and what is logged until it ends.
    pub(crate) async fn terminate(self) -> (ExitStatus, String) {
        signal(self.id(), "TERM").await;
        self.end().await
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Seconds of CPU used so far, from the kernel's hundredths.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        let fields: Vec<_> = stat
            .rsplit(')')
            .next()
            .unwrap()
            .split_whitespace()
            .collect();
        let ticks: f64 = fields[11..13]
            .iter()
            .map(|field| field.parse::<f64>().unwrap())
            .sum();
        ticks / 100.0
    }
}

/// A database file in a folder that lives as long as this.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.path().join("cogsmith.db")
    }
}

/// Waits until so many messages are in the database, which the bot owns.
pub(crate) async fn until_written(url: &DatabaseUrl, messages: i64) {
    let written = async {
        let db = Db::open_to_read(url).await.unwrap();
        let sum = "select cast(coalesce(sum(messages), 0) as bigint) from leaderboard_score";
        while db.read(sum).one::<(i64,)>().await.unwrap() != (messages,) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        db.close().await;
    };
    let written = tokio::time::timeout(Duration::from_secs(30), written).await;
    written.expect("they are written within 30 s");
}
