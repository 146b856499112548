//! A one-shot job of one's own: a program that lists the longest channel topics of a guild, and exits with a code.
//!
//! `cargo run --example one_shot_job` starts a Discord of its own and runs the job against it;
//! `cargo run --example one_shot_job -- job topics --guild NAME` is what one would put into cron.

use std::process::{Command, ExitCode};

use cogsmith::prelude::*;
use cogsmith_simulator::Simulator;

/// Knows what is said above channels.
struct Topics;

impl Module for Topics {
    const NAME: &'static str = "topics";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.job("topics", Self::list);
    }
}

/// List the channels of a guild, each with the length of its topic
#[derive(clap::Args)]
struct List {
    /// The guild: its id or name
    #[arg(long)]
    guild: String,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Topics {
    async fn list(job: Job, arguments: List) -> Result<()> {
        let guild = job.guild(&arguments.guild).await?;
        let mut table = job.table(arguments.format, ["channel", "topic"]);
        for channel in guild.channels(job.http()).await?.into_values() {
            let topic = channel.topic.unwrap_or_default();
            table.row([channel.name.into(), topic.chars().count().into()])?;
        }
        Ok(table.finish()?)
    }
}

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return cogsmith::cli::run(Modules::default().with::<Topics>());
    }
    match play() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// This program once more, as a process that runs the job.
#[tokio::main]
async fn play() -> Result<()> {
    let simulator = Simulator::builder().start().await?;
    simulator.guild("Rustaceans").channel("help");
    for (guild, expected) in [("Rustaceans", Some(0)), ("Gophers", Some(2))] {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["job", "topics", "--format", "csv", "--guild", guild])
            .env("DISCORD_TOKEN", simulator.token())
            .env("DISCORD_API_URL", simulator.api_url());
        let status = tokio::task::spawn_blocking(move || command.status()).await??;
        anyhow::ensure!(status.code() == expected, "{guild}: {status}");
    }
    Ok(())
}
