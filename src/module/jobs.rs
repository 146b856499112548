//! What a module says of its jobs, and the jobs of all modules, none of which is loaded for it.

use clap::Args;
use cogsmith_tasks::Gate;
use serenity::model::gateway::GatewayIntents;

use super::{Module, Modules, Setup};
use crate::{
    activity::Watchdog,
    error::Result,
    host::Slots,
    job::{Declared, Job},
};

impl<M: Module> Setup<M> {
    /// Adds a job: work that is done once, by `cogsmith job NAME`. See docs/JOBS.md.
    ///
    /// It is a function without `&self`, as the module is not loaded for it; its arguments derive [`clap::Args`], and
    /// their doc comment is its help. The name is of words with a `-` between; without one, or when another job has it,
    /// the module is not loaded.
    ///
    /// ```
    /// use cogsmith::prelude::*;
    ///
    /// pub struct Census;
    ///
    /// /// Counts the members of a guild
    /// #[derive(clap::Args)]
    /// struct Count {
    ///     /// Its id or name
    ///     #[arg(long)]
    ///     guild: String,
    /// }
    ///
    /// impl Census {
    ///     async fn count(job: Job, arguments: Count) -> Result<()> {
    ///         let guild = job.guild(&arguments.guild).await?;
    ///         let counted = job.http().get_guild_with_counts(guild).await?;
    ///         job.out().line(counted.approximate_member_count.unwrap_or_default())?;
    ///         Ok(())
    ///     }
    /// }
    ///
    /// impl Module for Census {
    ///     const NAME: &'static str = "census";
    ///
    ///     async fn load(_host: Host) -> Result<Self> {
    ///         Ok(Self)
    ///     }
    ///
    ///     fn setup(setup: &mut Setup<Self>) {
    ///         setup.job("members-count", Self::count);
    ///     }
    /// }
    /// ```
    pub fn job<A, F, R>(&mut self, name: &'static str, function: F) -> JobSetup<'_>
    where
        A: Args + Send + 'static,
        F: Fn(Job, A) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        let jobs = &mut self.declared.jobs;
        let at = jobs.len();
        jobs.push(Declared::new(M::NAME, name, function));
        JobSetup(&mut jobs[at])
    }
}

/// A job that was added.
pub struct JobSetup<'s>(&'s mut Declared);

impl JobSetup<'_> {
    /// The job may call [`Job::gateway`], and Discord is asked to send what these intents mean, and guilds.
    pub fn needs_gateway(self, intents: GatewayIntents) -> Self {
        self.0.needs.gateway = Some(intents);
        self
    }

    /// The job writes to the database: it owns it, so that no bot runs on it meanwhile.
    pub fn writes(self) -> Self {
        self.0.needs.writes = true;
        self
    }
}

/// Every job of a program.
pub(crate) struct Jobs {
    pub(crate) declared: Vec<Declared>,
    /// Modules that are left out with their jobs, and why.
    pub(crate) left_out: Vec<(&'static str, String)>,
}

impl Modules {
    /// The jobs of every module, also of those that are switched off or not named by `MODULES`.
    ///
    /// # Errors
    /// There are no threads left.
    pub(crate) fn jobs(&self) -> Result<Jobs> {
        let slots = Slots::new(Watchdog::start()?);
        let connected = Gate::closed("Discord");
        let (mut jobs, mut left_out) = (Vec::new(), Vec::new());
        for (entry, mut declared) in self.clone().declared(&connected, &slots) {
            jobs.append(&mut declared.jobs);
            let problems = declared.problems.into_iter();
            left_out.extend(problems.map(|problem| (entry.name, problem)));
        }
        let declared = jobs;
        Ok(Jobs { declared, left_out })
    }
}
