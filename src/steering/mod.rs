//! What owners can tell the bot's tasks, and what is said of it: the same at Discord and in a shell.
//!
//! A [`Request`] comes from a command or from the admin socket; [`Steering`] finds what its name means, does what
//! is asked, and answers. Who asks is kept with what is changed, and recorded in the [`audit`](crate::audit).

mod answer;
mod errors;
mod medium;
mod order;
mod outcome;
mod purge;
mod record;
mod remove;
mod request;
mod run;
mod shown;
mod steer;
mod target;
mod typed;

use cogsmith_tasks::Engine;

use crate::{
    audit::{Audit, By},
    error::Result,
};

pub use answer::Answer;
pub use medium::Medium;
pub use request::Request;
pub use target::suggested;

use target::Target;

/// The newest runs that are looked at.
const LOOKED_AT: u32 = 100;

/// Steers the tasks of an engine, for somebody.
pub struct Steering<'a> {
    engine: &'a Engine,
    audit: &'a Audit,
    medium: Medium,
    by: By,
    stop_warning: StopWarning<'a>,
}

/// What happens while the task of a name is stopped, if its module says so.
type StopWarning<'a> = Box<dyn Fn(&str) -> Option<&'static str> + Send + Sync + 'a>;

impl<'a> Steering<'a> {
    /// For `by`, who reads the answers in `medium`.
    pub fn new(engine: &'a Engine, audit: &'a Audit, medium: Medium, by: By) -> Self {
        Self {
            engine,
            audit,
            medium,
            by,
            stop_warning: Box::new(|_| None),
        }
    }

    /// Whoever stops a task is told what this says of its name. Default: nothing.
    #[must_use]
    pub fn stop_warning(
        mut self,
        warning: impl Fn(&str) -> Option<&'static str> + Send + Sync + 'a,
    ) -> Self {
        self.stop_warning = Box::new(warning);
        self
    }

    /// Does what is asked. What has been changed is durable when this returns.
    ///
    /// # Errors
    /// A [`UserError`](crate::error::UserError) when no task has the name, or the only one refuses; nothing has
    /// changed then. Anything else when the engine or its database failed.
    pub async fn answer(&self, request: &Request) -> Result<Answer> {
        match request {
            Request::List { name } => self.list(name.as_deref()),
            Request::Show { name } => self.show(name),
            Request::History { name, failures } => self.history(name, *failures).await,
            Request::Errors => self.errors().await,
            Request::Run { name } => self.run(name).await,
            Request::Remove { name, confirm } => self.remove(name, *confirm).await,
            Request::Purge { name, confirm } => {
                self.purge(name.as_deref(), confirm.as_deref()).await
            }
            Request::Steer { name, order } => self.steer(name, order).await,
        }
    }

    fn list(&self, name: Option<&str>) -> Result<Answer> {
        let Some(name) = name else {
            let tasks = self.engine.tasks();
            let answer = Answer::about(&tasks).titled("Tasks");
            return Ok(match tasks.is_empty() {
                true => answer.said("There are no tasks."),
                false => answer.listed(shown::lines(self.medium, &tasks)),
            });
        };
        let Target { label, tasks, .. } = self.find(name)?;
        let lines = tasks.iter().map(|task| shown::line(self.medium, task));
        let title = format!("{label}: {}", tasks.len());
        Ok(Answer::about(&tasks).titled(title).listed(lines.collect()))
    }

    fn show(&self, name: &str) -> Result<Answer> {
        let target = self.find(name)?;
        Ok(self.shown(&target))
    }

    /// How what is meant is now.
    fn shown(&self, target: &Target) -> Answer {
        let answer = Answer::about(&target.tasks);
        match target.alone() {
            Some(task) => answer
                .titled(target::label(task))
                .with_fields(shown::task(
                    self.medium,
                    self.engine.clock().now(),
                    &task.status(),
                ))
                .of_one(task),
            None => answer
                .titled(&*target.label)
                .with_fields(shown::family(
                    self.medium,
                    self.engine.clock().now(),
                    &target.tasks,
                ))
                .footed(format!(
                    "{} lists the members.",
                    self.medium.command("list", &[("name", &target.label)])
                )),
        }
    }

    async fn history(&self, name: &str, failures: bool) -> Result<Answer> {
        let target = self.find(name)?;
        let mut runs = target.only()?.history(LOOKED_AT).await?;
        if failures {
            runs.retain(|run| run.error.is_some());
        }
        let lines = match runs.is_empty() {
            true => vec!["There are none.".to_owned()],
            false => runs
                .iter()
                .map(|run| shown::run(self.medium, run))
                .collect(),
        };
        let title = format!("Runs of {}", target.label);
        Ok(Answer::of_facts(&runs).titled(title).listed(lines))
    }

    fn find(&self, given: &str) -> Result<Target> {
        Target::find(self.engine, given, &self.by.actor.to_string(), self.medium)
    }
}
