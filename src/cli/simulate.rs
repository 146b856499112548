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

use super::{
    banner::{self, About},
    out,
    scripted::Scripted,
    served,
    settings::Settings,
    stop::{Interrupted, Stop},
};
use crate::{
    config::{Banner, DatabaseUrl, Problem, Problems},
    error::Result,
    module::Modules,
    stage::Stage,
    store::Db,
};

/// Between two things that people do.
const PACE: Duration = Duration::from_millis(1_500);
const SEED: u64 = 7;

const EXAMPLES: &str = "\
Examples:
  cogsmith simulate --port 4000
  cogsmith simulate --script scripts/first-day.toml";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
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

pub(super) async fn simulate(
    arguments: Arguments,
    mut settings: Settings,
    stop: &Stop,
    modules: Modules,
) -> Result<()> {
    settings.problems.keep(Banner::read(&settings.variables));
    banner::show(
        &settings,
        &About {
            place: "a Discord of its own".to_owned(),
            modules: modules.names(),
            shards: None,
        },
    );
    settings.start_log_at("warn");
    let data = Data::new(arguments.data)?;
    let port = arguments.port;
    match &arguments.script {
        Some(file) => Box::pin(play(file, port, settings, stop, &data, modules)).await,
        None => live(port, settings, stop, &data, modules).await,
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

    fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Sqlite(self.file())
    }
}

fn read(file: &Path) -> Result<Script, Problems> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Problems::from(Problem::new(
            "--script",
            format!("{name:?} ({error})"),
            "a script; scripts/ has examples",
        ))
    })?;
    Script::parse_file(&name, &text).map_err(|errors| {
        let problems = errors.into_iter();
        let problems = problems.map(|error| Problem::within("--script", error.to_string()));
        problems.collect::<Vec<_>>().into()
    })
}

/// A Discord and a database, or everything that stands in the way.
async fn prepare(
    port: u16,
    clock: &Clock,
    mut settings: Settings,
    data: &Data,
) -> Result<(Simulator, Db)> {
    let clock = clock.clone();
    let builder = Simulator::builder()
        .now(Arc::new(move || clock.now()))
        .address(&format!("127.0.0.1:{port}"))
        .bot("cogsmith");
    let simulator = settings.problems.keep(served::start(builder).await);
    let db = settings
        .open("--data", &data.database(), Duration::ZERO)
        .await?;
    match (simulator, db) {
        (Some(simulator), Some(db)) if settings.problems.is_empty() => Ok((simulator, db)),
        (_, db) => {
            if let Some(db) = db {
                db.close().await;
            }
            Err(settings.problems.into())
        }
    }
}

async fn play(
    file: &Path,
    port: u16,
    mut settings: Settings,
    stop: &Stop,
    data: &Data,
    modules: Modules,
) -> Result<()> {
    let script = settings.problems.keep(read(file));
    let start = script.as_ref().and_then(Script::start);
    let clock = Clock::manual(start.unwrap_or(DateTime::<Utc>::UNIX_EPOCH));
    let (simulator, db) = stop.before(prepare(port, &clock, settings, data)).await?;
    let script = script.context("a script that could not be read is a problem")?;
    script.seed(&simulator);
    let database = (data.database(), db);
    let mut stage = Scripted::start(stop, simulator.clone(), database, modules, clock).await?;
    let mut written = Ok(());
    let write = |line: &_| {
        if written.is_ok() {
            written = out::line(line);
        }
    };
    let playing = Box::pin(script.play(&simulator, &mut stage, write));
    let played = stop.before(async { Ok(playing.await?) }).await;
    stage.shut_down().await;
    played.and(written)
}

async fn live(
    port: u16,
    settings: Settings,
    stop: &Stop,
    data: &Data,
    modules: Modules,
) -> Result<()> {
    let clock = Clock::system();
    let begun = Box::pin(begin(port, settings, stop, data, modules, &clock)).await;
    let (stage, guild) = match begun {
        Err(error) if error.is::<Interrupted>() => return Ok(()),
        begun => begun?,
    };
    say_where(&stage.simulator, data)?;
    tokio::select! {
        () = talk(&guild, &clock) => {}
        () = print_transcript(&stage.simulator) => {}
        _ = stop.asked() => {}
    }
    stage.app.shut_down().await;
    Ok(())
}

async fn begin(
    port: u16,
    settings: Settings,
    stop: &Stop,
    data: &Data,
    modules: Modules,
    clock: &Clock,
) -> Result<(Stage, Guild)> {
    let (simulator, db) = stop.before(prepare(port, clock, settings, data)).await?;
    simulator.name_application_owner("olivia");
    let guild = simulator.guild("Rustaceans");
    for name in ["ann", "ben", "cleo", "dan"] {
        guild.member(name);
    }
    let stage = Stage::start_before(stop.error(), simulator, db, modules, clock.clone()).await?;
    Ok((stage, guild))
}

fn say_where(simulator: &Simulator, data: &Data) -> Result<()> {
    let url = simulator.api_url();
    out::line("The bot is ready, in a Discord of its own.")?;
    out::line(format_args!("  transcript  {url}/_sim/transcript"))?;
    out::line(format_args!("  API         {url}/api/v10"))?;
    out::line(format_args!("  database    {}", data.file().display()))?;
    out::line("Ctrl-C ends it.\n")
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
            // The bot and its Discord are there for others too, whoever reads here.
            drop(out::line(line));
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}
