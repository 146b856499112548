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

use super::{out, run::stop_signal};
use crate::{
    config::{LogConfig, Problem, Problems, Variables},
    error::Result,
    telemetry,
};

#[derive(Debug, clap::Args)]
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

pub(super) async fn simulator(arguments: Arguments) -> Result<()> {
    let mut variables = Variables::from_environment().map_err(Problems::from)?;
    variables.log_by_default("warn");
    let log = LogConfig::read(&variables).map_err(Problems::from)?;
    telemetry::start(&log).map_err(Problems::from)?;
    let plan = match &arguments.world {
        Some(file) => read(file)?,
        None => Plan::test_bed(),
    };
    if let Some(file) = &arguments.seed {
        forget(file)?;
    }
    let stop = stop_signal()?;
    let simulator = start(&arguments, &plan).await?;
    let seed = plan.plant(&simulator);
    if let Some(file) = &arguments.seed {
        write(file, &seed)?;
    }
    say_where(&simulator, &seed);
    stop.await;
    Ok(())
}

fn read(file: &Path) -> Result<Plan> {
    let name = file.display().to_string();
    let wrong = |found: String| {
        let expected = "a world file; docs/SIMULATOR.md describes it";
        Problems::from(Problem::new("--world", found, expected))
    };
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| wrong(format!("{name:?} ({error})")))?;
    Ok(Plan::parse(&text).map_err(|error| wrong(format!("{name:?} ({error})")))?)
}

/// A seed of an earlier run would be taken for that of this one.
fn forget(file: &Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", file.display()))
        }
        _ => Ok(()),
    }
}

async fn start(arguments: &Arguments, plan: &Plan) -> Result<Simulator> {
    let address = SocketAddr::new(arguments.listen, arguments.port);
    let mut builder = Simulator::builder()
        .address(&address.to_string())
        .allow_any_address(!arguments.listen.is_loopback())
        .bot(plan.bot().unwrap_or("bot"))
        .rate_limits(arguments.rate_limits);
    if let Some(host) = &arguments.host {
        builder = builder.host(host);
    }
    Ok(builder.start().await?)
}

/// Whoever waits for the file finds it whole: it gets its name when it is written.
fn write(file: &Path, seed: &Seed) -> Result<()> {
    let text = serde_json::to_string_pretty(seed)?;
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".part");
    std::fs::write(&unfinished, text + "\n")
        .and_then(|()| std::fs::rename(&unfinished, file))
        .with_context(|| format!("writing {}", file.display()))
}

fn say_where(simulator: &Simulator, seed: &Seed) {
    out::line("A Discord of its own, for any bot.");
    out::line(format_args!("  API         {}", seed.api));
    out::line(format_args!("  gateway     {}", simulator.gateway_url()));
    out::line(format_args!("  token       {}", seed.bot_token));
    out::line(format_args!("  control     {}/_sim/", simulator.api_url()));
    out::line("Ctrl-C ends it.");
}
