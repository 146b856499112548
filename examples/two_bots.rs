//! Two bots in one process, each with modules and a database of its own, that share one counter.
//!
//! `cargo run --example two_bots` plays them against the embedded simulator.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{path::Path, sync::atomic::AtomicU64, sync::atomic::Ordering::Relaxed};

use cogsmith::{
    bots::{Bot, Process},
    config::{self, BotConfig, BotName, BotsPolicy, DatabaseUrl, Token},
    host::Shared,
    prelude::*,
};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::Clock;
use tokio::net::TcpListener;

/// What both bots know: how many guests there are.
#[derive(Default)]
struct Guests(AtomicU64);

/// Lets people in.
struct Door;

impl Module for Door {
    const NAME: &'static str = "door";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([enter()]);
    }
}

/// Come in.
#[command(slash_command, guild_only)]
async fn enter(ctx: Context<'_>) -> Result<()> {
    let guests = ctx.host().shared::<Guests>()?;
    let count = guests.0.fetch_add(1, Relaxed) + 1;
    ctx.answer(format!("Welcome! You are guest number {count}."))
        .await
}

/// Knows how many are there, and sends everybody home.
struct Bar;

impl Module for Bar {
    const NAME: &'static str = "bar";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([guests()]);
    }
}

/// How full is it?
#[command(slash_command, guild_only)]
async fn guests(ctx: Context<'_>) -> Result<()> {
    let guests = ctx.host().shared::<Guests>()?;
    let name = ctx.host().bot_name().unwrap_or_default().to_owned();
    let count = guests.0.load(Relaxed);
    ctx.answer(format!("{name} counts {}.", counted(count, "guest")))
        .await
}

/// A bot that the simulator knows. A program of yours needs nothing of this: `cogsmith::cli::run(Bots::new()
/// .with("porter", …).with("barkeeper", …))` reads PORTER_DISCORD_TOKEN and the rest from the environment.
fn bot(simulator: &Simulator, folder: &Path, name: &str, modules: Modules) -> Bot {
    let registered = simulator.other_bot(name);
    simulator.guild("Corner Bar").invites(&registered);
    let config = BotConfig {
        name: BotName::new(name).ok(),
        api_url: Some(simulator.api_url().to_owned()),
        ..BotConfig::new(Token::new(registered.token()))
    };
    let database = DatabaseUrl::Sqlite(folder.join(format!("{name}.db")));
    Bot::new(config::Bot { config, database }, modules)
}

/// What people do, once both bots have their commands.
async fn evening(simulator: &Simulator) {
    let has_commands = |simulator: &Simulator| {
        let requests = simulator.requests();
        let lists = requests.iter().filter(|it| it.method == "PUT");
        lists.filter(|it| it.path.ends_with("/commands")).count() == 2
    };
    simulator.until(has_commands).await;
    let guild = simulator.guild("Corner Bar");
    for name in ["ann", "ben"] {
        let person = guild.member(name);
        for command in ["/enter", "/guests"] {
            println!("{name}: {command}");
            println!("     {}", person.slash(command).await.text());
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let (simulator, folder) = (Simulator::builder().start().await?, tempfile::tempdir()?);
    let guests = Shared::new(Guests::default());
    let door = Modules::default().with::<Door>().share(&guests);
    let bar = Modules::default().with::<Bar>().share(&guests);
    let process = Process {
        bots: vec![
            bot(&simulator, folder.path(), "porter", door),
            bot(&simulator, folder.path(), "barkeeper", bar),
        ],
        policy: BotsPolicy::All,
        listener: TcpListener::bind("127.0.0.1:0").await?,
        clock: Clock::system(),
    };
    Box::pin(process.run(evening(&simulator))).await?;
    anyhow::ensure!(guests.0.load(Relaxed) == 2, "both have come in");
    Ok(())
}
