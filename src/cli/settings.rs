//! What a verb begins with: its settings, and all that is wrong with them.

use std::time::Duration;

use cogsmith_tasks::ErrorChain;

use crate::{
    config::{Config, DatabaseUrl, LogFormat, Problem, Problems, Variables},
    error::Result,
    store::{self, Db},
    telemetry,
};

/// The variables given, and the problems found so far.
pub(super) struct Settings {
    pub(super) variables: Variables,
    pub(super) problems: Problems,
}

impl Settings {
    pub(super) fn from_environment() -> Self {
        let (variables, problems) = Variables::from_environment();
        Self {
            variables,
            problems,
        }
    }

    /// How log lines look, and so the last one; `pretty` when that is among the problems.
    pub(super) fn log_format(&self) -> LogFormat {
        LogFormat::read(&self.variables).unwrap_or(LogFormat::Pretty)
    }

    /// Whether a signal that ended the bot in order is told by the exit code; no, when that is among the problems.
    pub(super) fn propagates_interrupts(&self) -> bool {
        Config::read_propagates_interrupts(&self.variables).unwrap_or_default()
    }

    pub(super) fn start_log(&mut self) {
        self.problems.keep(telemetry::start(&self.variables));
    }

    /// Logs no more than `filter` unless `RUST_LOG` says otherwise.
    pub(super) fn start_log_at(&mut self, filter: &str) {
        self.variables.log_by_default(filter);
        self.start_log();
    }

    /// Opens the database that the setting `name` leads to; another process that owns it is waited for, for so long. One that cannot be opened as it is, is a
    /// problem of that setting, for every verb alike.
    ///
    /// # Errors
    /// The database is in use, or a statement failed.
    pub(super) async fn open(
        &mut self,
        name: &'static str,
        url: &DatabaseUrl,
        wait: Duration,
    ) -> Result<Option<Db>> {
        use store::Error::{InUse, Migrate, Open, Query};
        let found = match Db::open_within(url, wait).await {
            Ok(db) => return Ok(Some(db)),
            Err(error @ (InUse { .. } | Migrate { .. } | Query(_))) => return Err(error.into()),
            Err(Open { place, reason }) => format!("{place} ({reason})"),
            Err(error) => ErrorChain(&error.into()).to_string(),
        };
        let expected = "a database that can be opened";
        self.problems.push(Problem::new(name, found, expected));
        Ok(None)
    }
}
