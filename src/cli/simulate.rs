//! `cogsmith simulate`: the bot with a Discord of its own, and people in it.
//!
//! Without `--script` a few people go on talking until the process is stopped.
//! With it the file is played on a clock that moves only as the script says, so a day passes in moments.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use cogsmith_simulator::{Guild, Simulator, script::Script, traffic::Traffic};
use cogsmith_tasks::Clock;
use tempfile::TempDir;

use super::{out, run::stop_signal};
use crate::{
    config::{DatabaseUrl, LogConfig, Problem, Problems, Variables},
    error::Result,
    module::Modules,
    stage::Stage,
    store::Db,
    telemetry,
};

/// Between two things that people do.
const PACE: Duration = Duration::from_millis(1_500);
const SEED: u64 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Port of the simulated Discord; any free one when left out
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Play this file and exit: 0, or 1 with the difference when an expectation fails
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Keep the database in this folder; a temporary one when left out
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) async fn simulate(arguments: Arguments, modules: Modules) -> Result<()> {
    let mut variables = Variables::from_environment().map_err(Problems::from)?;
    variables.log_by_default("warn");
    let log = LogConfig::read(&variables).map_err(Problems::from)?;
    telemetry::start(&log).map_err(Problems::from)?;
    let data = Data::new(arguments.data)?;
    match &arguments.script {
        Some(file) => play(&read(file)?, arguments.port, &data, modules).await,
        None => live(arguments.port, &data, modules).await,
    }
}

/// The folder of the database, removed at the end when nobody asked for it.
struct Data {
    folder: PathBuf,
    #[expect(dead_code, reason = "dropping it removes the folder")]
    temporary: Option<TempDir>,
}

impl Data {
    fn new(folder: Option<PathBuf>) -> Result<Self> {
        if let Some(folder) = folder {
            return Ok(Self {
                folder,
                temporary: None,
            });
        }
        let temporary = tempfile::tempdir().context("making a temporary folder")?;
        Ok(Self {
            folder: temporary.path().to_owned(),
            temporary: Some(temporary),
        })
    }

    fn file(&self) -> PathBuf {
        self.folder.join("cogsmith.db")
    }

    async fn open(&self) -> Result<Db> {
        Ok(Db::open(&DatabaseUrl::Sqlite(self.file())).await?)
    }
}

fn read(file: &Path) -> Result<Script> {
    let name = file.display().to_string();
    let wrong = |found: String| {
        Problems::from(Problem::new(
            "--script",
            found,
            "a script; scripts/ has examples",
        ))
    };
    let text =
        std::fs::read_to_string(file).map_err(|error| wrong(format!("{name:?} ({error})")))?;
    Ok(Script::parse_file(&name, &text).map_err(|error| wrong(error.to_string()))?)
}

async fn simulator(port: u16, clock: &Clock) -> Result<Simulator> {
    let clock = clock.clone();
    let builder = Simulator::builder().now(Arc::new(move || clock.now()));
    Ok(builder
        .address(&format!("127.0.0.1:{port}"))
        .bot("cogsmith")
        .start()
        .await?)
}

async fn play(script: &Script, port: u16, data: &Data, modules: Modules) -> Result<()> {
    let clock = Clock::manual(script.start().unwrap_or(DateTime::<Utc>::UNIX_EPOCH));
    let simulator = simulator(port, &clock).await?;
    script.seed(&simulator);
    let stage = Stage::start(simulator.clone(), data.open().await?, modules, clock).await?;
    let played = script
        .play(&simulator, &stage, |line| out::line(line))
        .await;
    stage.app.shut_down().await;
    Ok(played?)
}

async fn live(port: u16, data: &Data, modules: Modules) -> Result<()> {
    let stop = stop_signal()?;
    let clock = Clock::system();
    let simulator = simulator(port, &clock).await?;
    simulator.name_application_owner("olivia");
    let guild = simulator.guild("Rustaceans");
    for name in ["ann", "ben", "cleo", "dan"] {
        guild.member(name);
    }
    let stage = Stage::start(
        simulator.clone(),
        data.open().await?,
        modules,
        clock.clone(),
    )
    .await?;
    say_where(&simulator, data);
    tokio::select! {
        () = talk(&guild, &clock) => {}
        () = print_transcript(&simulator) => {}
        () = stop => {}
    }
    stage.app.shut_down().await;
    Ok(())
}

fn say_where(simulator: &Simulator, data: &Data) {
    let url = simulator.api_url();
    out::line("The bot is ready, in a Discord of its own.");
    out::line(format_args!("  transcript  {url}/_sim/transcript"));
    out::line(format_args!("  API         {url}/api/v10"));
    out::line(format_args!("  database    {}", data.file().display()));
    out::line("Ctrl-C ends it.\n");
}

async fn talk(guild: &Guild, clock: &Clock) {
    let mut traffic = Traffic::new(guild, SEED);
    while traffic.next_step().await.is_some() {
        clock.sleep(PACE).await;
    }
}

async fn print_transcript(simulator: &Simulator) {
    let mut changes = simulator.changes();
    let mut told = 0;
    loop {
        for line in simulator.transcript_since(told) {
            told += 1;
            out::line(line);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}
