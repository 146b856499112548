//! `cogsmith task`: sees and steers the tasks of the bot, while it runs and while it rests.

use clap::{Args, Subcommand};

use super::{asking::tell, flags::Flags, settings::Settings};
use crate::{
    admin::{What, Wish},
    error::Result,
    module::Modules,
    steering::Request,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  cogsmith task list\n  cogsmith task stop leaderboard.update --reason maintenance"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    /// Answer with JSON, for machines
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List every task with its state; families in a line each, or the members of one
    #[command(after_help = "Example:\n  cogsmith task list --json")]
    List {
        /// The family whose members are listed
        name: Option<String>,
    },
    /// Show everything about one task, or a family in numbers
    #[command(after_help = "Example:\n  cogsmith task show leaderboard.update")]
    Show(Name),
    /// Show the newest 100 runs of a task
    #[command(after_help = "Example:\n  cogsmith task history leaderboard.update --failures")]
    History {
        #[command(flatten)]
        name: Name,
        /// Only runs that failed
        #[arg(long)]
        failures: bool,
    },
    /// Show the last failures over all tasks
    #[command(after_help = "Example:\n  cogsmith task errors")]
    Errors,
    /// Start a task that is stopped, or all members of a family
    #[command(after_help = "Example:\n  cogsmith task start leaderboard.update")]
    Start(Change),
    /// Stop a task, or all members of a family; it stays stopped after a restart of the bot
    #[command(
        after_help = "Example:\n  cogsmith task stop leaderboard.update --reason maintenance"
    )]
    Stop(Change),
    /// Stop a task, or all members of a family, and end the run that is in progress
    #[command(after_help = "Example:\n  cogsmith task cancel leaderboard.update")]
    Cancel(Change),
    /// Restart a task, or all members of a family, from whatever state it is in
    #[command(after_help = "Example:\n  cogsmith task restart leaderboard.update")]
    Restart(Change),
    /// Change when a task, or each member of a family, is due; it stays so after a restart of the bot
    #[command(
        after_help = "Examples:\n  cogsmith task interval leaderboard.update 30m\n  cogsmith task interval leaderboard.update 'at 09:00 in Europe/Berlin'\n  cogsmith task interval leaderboard.update"
    )]
    Interval {
        #[command(flatten)]
        change: Change,
        /// Such as 90s, 1h30m, or 'at 09:00 in Europe/Berlin'; the code's own when left out
        time: Option<String>,
    },
    /// Let a task, or each member of a family, be due as the code says
    #[command(after_help = "Example:\n  cogsmith task reset leaderboard.update")]
    Reset(Change),
    /// Run a task, or each member of a family, once, now; its schedule stays
    #[command(after_help = "Example:\n  cogsmith task run leaderboard.update")]
    Run(Change),
    /// Run past slots of a task, or of each member of a family, oldest first; its schedule stays
    #[command(after_help = "Example:\n  cogsmith task backfill leaderboard.update --since 2h")]
    Backfill {
        #[command(flatten)]
        change: Change,
        /// From how long ago, such as 2h or 3d
        #[arg(long)]
        since: String,
        /// So many slots at most
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        most: u32,
    },
    /// Delete a member of a family with its history, or all members
    #[command(after_help = "Example:\n  cogsmith task remove 'challenges.close_week (guild:123)'")]
    Remove {
        #[command(flatten)]
        change: Change,
        /// For a whole family: how many members it has
        #[arg(long, value_name = "MEMBERS")]
        confirm: Option<usize>,
    },
    /// List what is stored of tasks that no module has any more, and delete it on confirmation
    #[command(
        after_help = "Examples:\n  cogsmith task purge\n  cogsmith task purge --confirm 2-0f3a9c"
    )]
    Purge {
        /// Only tasks of this name
        name: Option<String>,
        /// Delete what was listed: the code that the list ends with
        #[arg(long, value_name = "CODE")]
        confirm: Option<String>,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(Debug, Args)]
struct Name {
    /// Such as leaderboard.update, 'reminders.due (user:7)', or the name of a family
    name: String,
}

#[derive(Debug, Args)]
struct Change {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    why: Why,
}

/// Why something is changed.
#[derive(Debug, Args)]
pub(super) struct Why {
    /// Why, which is kept with the change
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    pub(super) reason: Option<String>,
}

/// The most characters of a reason.
const LONGEST_REASON: usize = 200;

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match text.chars().count() {
        1..=LONGEST_REASON => Ok(text.to_owned()),
        found => Err(format!(
            "{found} characters, expected 1 to {LONGEST_REASON}"
        )),
    }
}

pub(super) async fn task(arguments: Arguments, settings: Settings, modules: Modules) -> Result<()> {
    let (request, reason) = arguments.verb.request();
    let wish = Wish {
        what: What::Task(request),
        reason,
    };
    tell(settings, modules, &wish, arguments.json).await
}

impl Verb {
    fn request(self) -> (Request, Option<String>) {
        let changed = |change: Change, request: fn(String) -> Request| {
            (request(change.name.name), change.why.reason)
        };
        match self {
            Self::List { name } => (Request::List { name }, None),
            Self::Show(Name { name }) => (Request::Show { name }, None),
            Self::History { name, failures } => {
                let name = name.name;
                (Request::History { name, failures }, None)
            }
            Self::Errors => (Request::Errors, None),
            Self::Start(change) => changed(change, Request::start),
            Self::Reset(change) => changed(change, Request::reset),
            Self::Stop(change) => changed(change, Request::stop),
            Self::Cancel(change) => changed(change, Request::cancel),
            Self::Restart(change) => changed(change, Request::restart),
            Self::Run(change) => changed(change, |name| Request::Run { name }),
            Self::Interval { change, time } => {
                let request = Request::interval(change.name.name, time);
                (request, change.why.reason)
            }
            Self::Backfill {
                change,
                since,
                most,
            } => {
                let request = Request::backfill(change.name.name, since, most);
                (request, change.why.reason)
            }
            Self::Remove { change, confirm } => {
                let name = change.name.name;
                (Request::Remove { name, confirm }, change.why.reason)
            }
            Self::Purge { name, confirm, why } => (Request::Purge { name, confirm }, why.reason),
        }
    }
}
