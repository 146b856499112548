//! What a module says of a job.

use std::panic::{AssertUnwindSafe, catch_unwind};

use clap::{Arg, ArgMatches, Args, Command};
use futures_util::{FutureExt, future::BoxFuture};
use serenity::model::gateway::GatewayIntents;
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;

use super::Job;
use crate::{bus::panic_text, error::Result};

/// Arguments that each job has.
const TAKEN: [&str; 2] = ["help", "timeout"];

type Call = Box<dyn Fn(Job, &ArgMatches) -> Result<BoxFuture<'static, Result<()>>> + Send + Sync>;

/// A job, known without loading its module.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) module: &'static str,
    pub(crate) needs: Needs,
    augment: fn(Command) -> Command,
    call: Call,
}

/// What a job needs beyond REST and reading the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// What the gateway is asked to send.
    pub(crate) gateway: Option<GatewayIntents>,
    /// Whether it writes to the database.
    pub(crate) writes: bool,
}

impl Declared {
    pub(crate) fn new<A, F, R>(module: &'static str, name: &'static str, function: F) -> Self
    where
        A: Args + Send + 'static,
        F: Fn(Job, A) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let call = move |job, matches: &ArgMatches| {
            let arguments = A::from_arg_matches(matches)?;
            Ok(async move { function(job, arguments).await }.boxed())
        };
        Self {
            name,
            module,
            needs: Needs::default(),
            augment: A::augment_args,
            call: Box::new(call),
        }
    }

    /// As the command line knows it: its arguments, and the doc comment of their type as its help.
    pub(crate) fn command(&self) -> Command {
        (self.augment)(Command::new(self.name))
    }

    /// Why it cannot work.
    pub(crate) fn fault(&self) -> Option<String> {
        let name = self.name;
        if !is_kebab_case(name) || name == "help" {
            return Some(format!(
                "the job {name:?}: that is no name, expected words of a-z and 0-9 with a - between, such as members-export"
            ));
        }
        match catch_unwind(AssertUnwindSafe(|| self.taken())) {
            Ok(taken) => Some(format!(
                "the job {name}: every job has an argument --{}",
                taken?
            )),
            // So clap says it, and in debug builds alone.
            Err(panic) => Some(format!("the job {name}: {}", panic_text(&*panic))),
        }
    }

    /// An argument that stands in the way of one that every job has.
    fn taken(&self) -> Option<&'static str> {
        let mut command = self.command();
        let longs = command.get_arguments().filter_map(Arg::get_long);
        let longs: Vec<_> = longs.collect();
        let taken = TAKEN.into_iter().find(|taken| longs.contains(taken));
        command.build();
        taken
    }

    /// Does the work, on a task of its own; dropping the future ends that.
    ///
    /// # Errors
    /// The arguments are none of its own, it failed, or it [panicked](Panicked).
    pub(crate) async fn run(self, job: Job, matches: &ArgMatches) -> Result<()> {
        let work = (self.call)(job, matches)?;
        let work = AbortOnDropHandle::new(tokio::spawn(work));
        work.await
            .unwrap_or_else(|error| Err(Panicked::of(error).into()))
    }
}

/// A job has panicked, with this text.
#[derive(Debug, thiserror::Error)]
#[error("the job panicked: {0}")]
pub(crate) struct Panicked(String);

impl Panicked {
    fn of(error: JoinError) -> Self {
        let text = match error.try_into_panic() {
            Ok(panic) => panic_text(&*panic).to_owned(),
            Err(_) => "its threads have ended".to_owned(),
        };
        Self(text)
    }
}

fn is_kebab_case(name: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut words = name.split('-');
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && words.all(|word| !word.is_empty() && word.chars().all(is_part))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Does nothing.
    #[derive(clap::Args)]
    struct Nothing {
        /// How often
        #[arg(long)]
        times: Option<u8>,
    }

    #[derive(clap::Args)]
    struct Taken {
        #[arg(long)]
        timeout: Option<u8>,
    }

    pub(crate) fn job(name: &'static str) -> Declared {
        Declared::new("idle", name, async |_, nothing: Nothing| {
            let _ = nothing.times;
            Ok(())
        })
    }

    #[test]
    fn what_cannot_work_is_told_by_name() {
        for name in ["members-export", "ids", "a1-2b"] {
            assert_eq!(job(name).fault(), None, "{name}");
        }
        for name in [
            "",
            "Ids",
            "two words",
            "a_b",
            "-a",
            "a-",
            "a--b",
            "1a",
            "help",
        ] {
            let fault = job(name).fault().unwrap_or_default();
            assert!(fault.contains("that is no name"), "{name}: {fault}");
        }
        let taken = Declared::new("idle", "slow", async |_, taken: Taken| {
            let _ = taken.timeout;
            Ok(())
        });
        let expected = "the job slow: every job has an argument --timeout";
        assert_eq!(taken.fault().as_deref(), Some(expected));
    }

    #[test]
    fn the_doc_comment_is_the_help() {
        let help = job("idle").command().render_help().to_string();
        assert!(
            help.contains("Does nothing") && help.contains("How often"),
            "{help}"
        );
    }
}
