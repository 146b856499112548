//! The command line: one file per verb.
//!
//! Data goes to standard output, everything else to standard error.
//! Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 token refused, 4 intents refused, 5 timed out, 6 no new
//! sessions left, 101 panicked, 130 and 143 interrupted.

mod asking;
mod banner;
mod bot;
mod check;
mod command_list;
mod commands;
mod completions;
mod config;
mod deadline;
mod exit;
mod flags;
mod health;
mod help;
mod invite;
mod job;
mod memory;
mod migrate;
mod module;
mod mounting;
mod name;
mod new;
mod one_bot;
mod out;
mod paint;
mod refilter;
mod run;
#[cfg(feature = "simulator")]
mod scripted;
#[cfg(feature = "simulator")]
mod served;
mod settings;
#[cfg(feature = "simulator")]
mod simulate;
#[cfg(feature = "simulator")]
mod simulator;
mod stop;
mod task;
mod template;

use std::process::ExitCode;

use clap::{FromArgMatches, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::{bots::Bots, error::Result};
use one_bot::one_bot;
use settings::Settings;
use stop::Stop;

const RUN: &str = "\
Examples:
  cogsmith run
  cogsmith run --bot-activity 'playing chess' --drain-seconds 60";

const MIGRATE: &str = "\
Example:
  cogsmith migrate";

/// A Discord bot whose timers survive crashes.
#[derive(Debug, Parser)]
#[command(name = "cogsmith", version)]
struct Arguments {
    /// Of the bots in BOTS, the one that is asked or looked at
    #[arg(long, value_name = "NAME", global = true)]
    bot: Option<String>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the bot: at Discord, or at the address in DISCORD_API_URL
    #[command(after_help = RUN)]
    Run(flags::Flags),
    /// Run the bot against a Discord of its own, with no token and no network
    #[cfg(feature = "simulator")]
    Simulate(simulate::Arguments),
    /// Serve a Discord on localhost, and nothing else, for a bot of any kind
    #[cfg(feature = "simulator")]
    Simulator(simulator::Arguments),
    /// Write a project of your own: a bot with a first module, its test, and all around it
    New(new::Arguments),
    /// List the modules, switch them on and off, or add one to the project in this folder
    Module(module::Arguments),
    /// See and steer the tasks of the bot, while it runs and while it rests
    Task(task::Arguments),
    /// Do a piece of work once, such as an export, and exit with a code that tells what came of it
    Job(job::Arguments),
    /// Bring the database's schema up to date, and do nothing else
    #[command(after_help = MIGRATE)]
    Migrate(flags::Flags),
    /// Ask the bot running here whether it is ready
    Health(health::Arguments),
    /// Look whether everything is there that the bot needs: token, intents, permissions, database, clock, disk
    Check(check::Arguments),
    /// Show, compare and write the list of commands at Discord
    Commands(commands::Arguments),
    /// Show the address that adds the bot to a server, with the least permissions that its modules need
    Invite(invite::Arguments),
    /// Show every setting, with its value and where it comes from; secrets are hidden
    Config(config::Arguments),
    /// Write what a shell needs to complete verbs and flags
    Completions(completions::Arguments),
}

/// Parses the arguments and runs the verb, for a bot of these modules or for several bots.
pub fn run(bots: impl Into<Bots>) -> ExitCode {
    let bots = bots.into();
    memory::refuse_huge_pages();
    let begun = begin();
    let arguments = help::command().try_get_matches();
    let arguments = arguments.and_then(|given| Arguments::from_arg_matches(&given));
    let mut settings = Settings::from_environment();
    let (verb, bot) = match arguments {
        Ok(arguments) => (arguments.verb, arguments.bot),
        Err(error) => return exit::misused(&error, settings.log_format()),
    };
    if let Some(flags) = verb.flags() {
        flags.give(&mut settings.variables);
    }
    let format = settings.log_format();
    let ended = begun.and_then(|(runtime, stop)| {
        let ended = runtime.block_on(verb.run(settings, &stop, &bots, bot.as_deref()));
        // A task body that blocks its thread beyond the drain time must not keep the process from ending.
        runtime.shutdown_background();
        ended
    });
    ended.map_or_else(|error| exit::failed(&error, format), |()| ExitCode::SUCCESS)
}

/// Signals come first: from here on none ends the process by the system's default.
fn begin() -> Result<(Runtime, Stop)> {
    let stop = Stop::listen()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    Ok((runtime, stop))
}

impl Verb {
    async fn run(
        self,
        settings: Settings,
        stop: &Stop,
        bots: &Bots,
        bot: Option<&str>,
    ) -> Result<()> {
        match self {
            Self::Run(flags) => {
                let propagates = settings.propagates_interrupts();
                tokio::select! {
                    ended = run::run(settings, stop, bots) => ended?,
                    never = refilter::listen(&flags) => match never {},
                }
                if propagates {
                    stop.propagate()?;
                }
                Ok(())
            }
            #[cfg(feature = "simulator")]
            Self::Simulate(arguments) => {
                let modules = bots.modules(None).clone();
                simulate::simulate(arguments, settings, stop, modules).await
            }
            #[cfg(feature = "simulator")]
            Self::Simulator(arguments) => simulator::simulator(arguments, settings, stop).await,
            Self::New(arguments) => new::new(&arguments),
            Self::Module(arguments) => {
                let (settings, modules) = match arguments.asks_a_bot() {
                    true => one_bot(settings, bots, bot)?,
                    false => (settings, bots.modules(None).clone()),
                };
                stop.before(module::module(arguments, settings, modules))
                    .await
            }
            Self::Task(arguments) => {
                let (settings, modules) = one_bot(settings, bots, bot)?;
                stop.before(task::task(arguments, settings, modules)).await
            }
            Self::Job(arguments) => {
                let (settings, modules) = one_bot(settings, bots, bot)?;
                job::job(arguments, settings, stop, modules).await
            }
            Self::Migrate(_) => stop.before(migrate::migrate(settings, bots)).await,
            Self::Health(arguments) => stop.before(health::health(&arguments, settings)).await,
            Self::Check(arguments) => {
                let (settings, modules) = one_bot(settings, bots, bot)?;
                let checked = Box::pin(check::check(&arguments, settings, modules));
                stop.before(checked).await
            }
            Self::Commands(arguments) => {
                let (settings, modules) = one_bot(settings, bots, bot)?;
                let done = Box::pin(commands::commands(&arguments, settings, modules));
                stop.before(done).await
            }
            Self::Invite(arguments) => {
                let (settings, modules) = one_bot(settings, bots, bot)?;
                stop.before(invite::invite(&arguments, settings, modules))
                    .await
            }
            Self::Config(arguments) => config::config(&arguments, settings, bots),
            Self::Completions(arguments) => completions::completions(&arguments),
        }
    }

    fn flags(&self) -> Option<&flags::Flags> {
        match self {
            Self::Run(flags) | Self::Migrate(flags) => Some(flags),
            Self::Health(arguments) => Some(&arguments.flags),
            Self::Check(arguments) => Some(&arguments.flags),
            Self::Commands(arguments) => Some(arguments.flags()),
            Self::Invite(arguments) => Some(&arguments.flags),
            Self::Config(arguments) => Some(&arguments.flags),
            Self::Task(arguments) => Some(&arguments.flags),
            Self::Module(arguments) => Some(&arguments.flags),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_valid() {
        super::Arguments::command().debug_assert();
    }
}
