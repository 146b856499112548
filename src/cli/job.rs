//! `cogsmith job NAME`: work of a module that is done once; `cogsmith job --list`: what there is.

use std::ffi::OsString;

use anyhow::Context as _;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command, FromArgMatches as _};
use tokio_util::task::AbortOnDropHandle;
use tracing::warn;

use super::{deadline::Deadline, flags::Flags, help, settings::Settings, stop::Stop};
use crate::{
    app,
    config::{BotConfig, Config, DatabaseUrl},
    error::Result,
    job::{Declared, Format, Out, Place, Table},
    module::{Jobs, Modules},
};

const EXAMPLES: &str = "\
Examples:
  cogsmith job --list
  cogsmith job ids --guild Rustaceans
  cogsmith job leaderboard-export --guild Rustaceans --format csv --timeout 5m > scores.csv";

/// Read once more when the modules have said which jobs there are.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = EXAMPLES,
    override_usage = "cogsmith job [OPTIONS] [NAME] [ARGUMENTS]"
)]
pub(super) struct Arguments {
    /// The job and its arguments; `cogsmith job --help` and `cogsmith job NAME --help` tell more
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "NAME"
    )]
    words: Vec<OsString>,
}

pub(super) async fn job(
    arguments: Arguments,
    mut settings: Settings,
    stop: &Stop,
    modules: Modules,
) -> Result<()> {
    let jobs = modules.jobs()?;
    let matches = command(&jobs).try_get_matches_from(arguments.words);
    if let Ok(matches) = &matches {
        take_settings(matches, &mut settings)?;
    }
    settings.start_log_at("warn");
    for (module, problem) in &jobs.left_out {
        warn!("module {module} is left out with its jobs: {problem}");
    }
    let mut matches = matches?;
    let Some((name, arguments)) = matches.remove_subcommand() else {
        return list(&jobs, matches.get_flag("json"));
    };
    let declared = jobs.declared.into_iter().find(|job| job.name == name);
    let declared = declared.context("a job that is not there is a wrong argument")?;
    run(declared, arguments, settings, stop, modules).await
}

/// What the command line takes, with a subcommand for each job.
fn command(jobs: &Jobs) -> Command {
    let timeout = Arg::new("timeout")
        .long("timeout")
        .value_name("TIME")
        .global(true)
        .help("Give the job up after so long, such as 30s, 5m or 1h, with exit code 5; 0 sets no limit [default: 120s]");
    let list = Arg::new("list")
        .long("list")
        .action(ArgAction::SetTrue)
        .help("List the jobs, each with its module");
    let json = Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .requires("list")
        .help("One JSON array instead of a table");
    let command = Command::new("job")
        .bin_name(format!("{} job", help::program()))
        .no_binary_name(true)
        .about("Do a piece of work once, and exit with a code that tells what came of it")
        .after_help(EXAMPLES)
        .disable_help_subcommand(true)
        .subcommand_value_name("NAME")
        .subcommand_help_heading("Jobs")
        .arg_required_else_help(true)
        .args([timeout, list, json])
        .subcommands(jobs.declared.iter().map(Declared::command));
    help::named(Flags::augment_args(command), &help::program())
}

/// Flags stand before the name of the job, but for `--timeout`.
fn take_settings(matches: &ArgMatches, settings: &mut Settings) -> Result<()> {
    Flags::from_arg_matches(matches)?.give(&mut settings.variables);
    if let Some(timeout) = matches.get_one::<String>("timeout") {
        let (name, place) = ("JOB_TIMEOUT", "--timeout");
        settings.variables.give(name, timeout.clone(), place);
    }
    Ok(())
}

fn list(jobs: &Jobs, is_json: bool) -> Result<()> {
    let out = Out::stdout()?;
    let format = if is_json { Format::Json } else { Format::Table };
    let mut table = Table::new(&out, format, ["job", "module", "about"]);
    for job in &jobs.declared {
        let about = job.command().get_about().map(ToString::to_string);
        table.row([job.name.into(), job.module.into(), about.into()])?;
    }
    table.finish()?;
    Ok(out.finish()?)
}

/// Nothing of the job runs on the thread that this is awaited on, so that a signal and the limit of time are heard
/// whatever the job does.
async fn run(
    declared: Declared,
    arguments: ArgMatches,
    mut settings: Settings,
    stop: &Stop,
    modules: Modules,
) -> Result<()> {
    let limit = Config::read_job_timeout(&settings.variables);
    let limit = settings.problems.keep(limit).flatten();
    let deadline = Deadline::start(limit)?;
    let work = work(declared, arguments, settings, modules);
    let work = AbortOnDropHandle::new(tokio::spawn(work));
    let work = async { work.await.context("the job was dropped")? };
    stop.before(deadline.before(work)).await
}

async fn work(
    declared: Declared,
    arguments: ArgMatches,
    mut settings: Settings,
    modules: Modules,
) -> Result<()> {
    let config = BotConfig::read(&settings.variables, &modules.names());
    let config = settings.problems.keep(config);
    let url = DatabaseUrl::read(&settings.variables);
    let url = settings.problems.keep(url);
    let (Some(config), Some(url), true) = (config, url, settings.problems.is_empty()) else {
        return Err(settings.problems.into());
    };
    let place = Place {
        setting: "DATABASE_URL",
        url,
        migrations: modules.own_migrations(),
    };
    let out = Out::stdout()?;
    Box::pin(app::job::run(declared, &arguments, config, place, out)).await
}
