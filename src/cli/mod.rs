//! The command line: one file per verb.
//!
//! Data goes to standard output, everything else to standard error.
//! Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 token refused, 4 intents refused.

mod exit;
mod health;
mod memory;
mod migrate;
mod out;
mod run;
#[cfg(feature = "simulator")]
mod simulate;
#[cfg(feature = "simulator")]
mod simulator;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::module::Modules;

/// A Discord bot whose timers survive crashes.
#[derive(Debug, Parser)]
#[command(name = "cogsmith", version)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the bot: at Discord, or at the address in DISCORD_API_URL
    Run,
    /// Run the bot against a Discord of its own, with no token and no network
    #[cfg(feature = "simulator")]
    Simulate(simulate::Arguments),
    /// Serve a Discord on localhost, and nothing else, for a bot of any kind
    #[cfg(feature = "simulator")]
    Simulator(simulator::Arguments),
    /// Bring the database's schema up to date, and do nothing else
    Migrate,
    /// Ask the bot running here whether it is ready
    Health,
}

/// Parses the arguments and runs the verb.
pub fn run(modules: Modules) -> ExitCode {
    let verb = Arguments::parse().verb;
    memory::refuse_huge_pages();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return exit::failed(&error.into()),
    };
    let ended = runtime.block_on(async {
        match verb {
            Verb::Run => run::run(modules).await,
            #[cfg(feature = "simulator")]
            Verb::Simulate(arguments) => simulate::simulate(arguments, modules).await,
            #[cfg(feature = "simulator")]
            Verb::Simulator(arguments) => simulator::simulator(arguments).await,
            Verb::Migrate => migrate::migrate().await,
            Verb::Health => health::health().await,
        }
    });
    // A task body that blocks its thread beyond the drain time must not keep the process from ending.
    runtime.shutdown_background();
    ended.map_or_else(|error| exit::failed(&error), |()| ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_valid() {
        super::Arguments::command().debug_assert();
    }
}
