//! What a verb begins with: its settings, and all that is wrong with them.

use std::{borrow::Cow, time::Duration};

use crate::{
    bots::Bots,
    config::{BotDatabase, Config, DatabaseUrl, LogFormat, Problems, Variables},
    error::Result,
    store::Db,
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

    /// Where the state of each bot is kept.
    pub(super) fn databases(&mut self, bots: &Bots) -> Vec<BotDatabase> {
        let (databases, problems) = BotDatabase::read_all(&self.variables, &bots.known());
        self.problems.keep(problems.into_result());
        databases
    }

    /// Opens the database that the setting `name` leads to; another process that owns it is waited for, for so
    /// long. One that cannot be opened as it is, is a problem of that setting, for every verb alike.
    ///
    /// # Errors
    /// The database is in use, or a statement failed.
    pub(super) async fn open(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        url: &DatabaseUrl,
        wait: Duration,
    ) -> Result<Option<Db>> {
        match Db::open_within(url, wait).await {
            Ok(db) => Ok(Some(db)),
            Err(error) => {
                self.problems.push(error.into_problem(name)?);
                Ok(None)
            }
        }
    }
}
