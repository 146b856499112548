//! `cogsmith simulator`: a Discord on localhost, and nothing else, for a bot of any kind.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use cogsmith_simulator::{
    Simulator,
    seed::{Plan, Seed},
};

use super::{out, served, settings::Settings, stop::Stop};
use crate::{
    config::{Problem, Problems},
    error::Result,
};

const EXAMPLES: &str = "\
Examples:
  cogsmith simulator --port 4000 --seed seed.json
  cogsmith simulator --world world.toml --rate-limits";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Port to listen on; any free one when left out
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Write addresses, ids and tokens to this file when everything is ready
    #[arg(long, value_name = "FILE.json")]
    seed: Option<PathBuf>,
    /// Serve this world; a small one with a member and a moderator when left out
    #[arg(long, value_name = "FILE.toml")]
    world: Option<PathBuf>,
    /// Answer 429 where Discord would
    #[arg(long)]
    rate_limits: bool,
    /// Address to listen on; with one that is not loopback, whoever reaches it may do everything
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Host that clients are told, such as the name of a container; the address when left out
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

pub(super) async fn simulator(arguments: Arguments, settings: Settings, stop: &Stop) -> Result<()> {
    let served = tokio::select! {
        biased;
        _ = stop.asked() => return Ok(()),
        served = serve(arguments, settings) => served,
    };
    let (simulator, seed) = served?;
    say_where(&simulator, &seed)?;
    stop.asked().await;
    Ok(())
}

async fn serve(arguments: Arguments, mut settings: Settings) -> Result<(Simulator, Seed)> {
    settings.start_log_at("warn");
    let plan = match &arguments.world {
        Some(file) => settings.problems.keep(read(file)),
        None => Some(Plan::test_bed()),
    };
    let file = arguments.seed.as_deref();
    let file = settings
        .problems
        .keep(file.map(SeedFile::begin).transpose());
    let bot = plan.as_ref().and_then(Plan::bot).unwrap_or("bot");
    let simulator = settings.problems.keep(start(&arguments, bot).await);
    let (Some(plan), Some(file), Some(simulator)) = (plan, file, simulator) else {
        return Err(settings.problems.into());
    };
    settings.problems.into_result()?;
    // A large world takes a while, in which a signal is heeded.
    let planted = tokio::task::spawn_blocking(move || (plan.plant(&simulator), simulator));
    let (seed, simulator) = planted.await?;
    if let Some(file) = file {
        file.finish(&seed)?;
    }
    Ok((simulator, seed))
}

fn read(file: &Path) -> Result<Plan, Problems> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let expected = "a world file; docs/SIMULATOR.md describes it";
        Problem::new("--world", format!("{name:?} ({error})"), expected)
    })?;
    Plan::parse(&text).map_err(|errors| {
        let problems = errors.into_iter();
        let problems = problems.map(|error| Problem::within("--world", format!("{name}: {error}")));
        problems.collect::<Vec<_>>().into()
    })
}

async fn start(arguments: &Arguments, bot: &str) -> Result<Simulator, Problem> {
    let address = SocketAddr::new(arguments.listen, arguments.port);
    let mut builder = Simulator::builder()
        .address(&address.to_string())
        .allow_any_address(!arguments.listen.is_loopback())
        .bot(bot)
        .rate_limits(arguments.rate_limits);
    if let Some(host) = &arguments.host {
        builder = builder.host(host);
    }
    served::start(builder).await
}

/// The file of the seed. Whoever waits for it finds it whole: it gets its name when it is written.
struct SeedFile {
    path: PathBuf,
    unfinished: PathBuf,
}

impl SeedFile {
    /// Removes the seed of an earlier run, which would be taken for that of this one.
    fn begin(path: &Path) -> Result<Self, Problem> {
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        let removed = match std::fs::remove_file(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
        let begun = removed.and_then(|()| std::fs::write(&unfinished, ""));
        begun.map_err(|error| {
            let found = format!("{:?} ({error})", path.display().to_string());
            Problem::new("--seed", found, "a file that can be written")
        })?;
        let path = path.to_owned();
        Ok(Self { path, unfinished })
    }

    fn finish(self, seed: &Seed) -> Result<()> {
        let text = serde_json::to_string_pretty(seed)?;
        std::fs::write(&self.unfinished, text + "\n")
            .and_then(|()| std::fs::rename(&self.unfinished, &self.path))
            .with_context(|| format!("writing {}", self.path.display()))
    }
}

fn say_where(simulator: &Simulator, seed: &Seed) -> Result<()> {
    out::line("A Discord of its own, for any bot.")?;
    out::line(format_args!("  API         {}", seed.api))?;
    out::line(format_args!("  gateway     {}", simulator.gateway_url()))?;
    out::line(format_args!("  token       {}", seed.bot_token))?;
    out::line(format_args!("  control     {}/_sim/", simulator.api_url()))?;
    out::line("Ctrl-C ends it.")
}
