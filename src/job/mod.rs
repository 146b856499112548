//! One-shot jobs: work that is done once, from the command line, and ends with a code for scripts.
//!
//! A job is a function of a module that is not loaded for it: no task is started and no database is claimed, so that
//! it runs beside the bot. See [`Setup::job`](crate::module::Setup::job) and docs/JOBS.md.
//! Data goes to standard output, everything else to standard error.

mod cell;
mod database;
mod declared;
mod format;
mod names;
mod out;
mod progress;
mod session;
mod table;

use std::sync::Arc;

use serenity::http::Http;
use tokio::sync::{OnceCell, watch};

pub use cell::Cell;
pub(crate) use database::Place;
#[cfg(test)]
pub(crate) use declared::tests::job as declared_for_tests;
pub(crate) use declared::{Declared, Needs, Panicked};
pub use format::Format;
pub use out::Out;
pub use progress::Progress;
pub(crate) use session::Entry;
pub use session::Session;
pub use table::Table;

use crate::{gateway::Gateway, store::Db};

/// What a job has in hand. Clones are of the same job.
#[derive(Clone)]
pub struct Job(Arc<Inner>);

struct Inner {
    parts: Parts,
    db: OnceCell<Db>,
    gateway: watch::Sender<Option<Arc<Gateway>>>,
}

/// What a job is made of.
pub(crate) struct Parts {
    pub(crate) http: Arc<Http>,
    pub(crate) out: Out,
    pub(crate) needs: Needs,
    pub(crate) place: Place,
    pub(crate) entry: Entry,
}

impl Job {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            parts,
            db: OnceCell::new(),
            gateway: watch::Sender::new(None),
        }))
    }

    /// Discord's REST API, for serenity's models and builders. Limits are waited for, and what is safe is tried again,
    /// as for commands.
    #[must_use]
    pub fn http(&self) -> &Arc<Http> {
        &self.0.parts.http
    }

    /// Standard output.
    #[must_use]
    pub fn out(&self) -> Out {
        self.0.parts.out.clone()
    }

    /// Rows of these columns on standard output.
    #[must_use]
    pub fn table<const N: usize>(&self, format: Format, columns: [&'static str; N]) -> Table<N> {
        Table::new(&self.0.parts.out, format, columns)
    }

    /// A line on standard error that shows how many of `total` are done, while that is a terminal.
    #[must_use]
    pub fn progress(&self, what: &'static str, total: impl Into<Option<u64>>) -> Progress {
        Progress::new(what, total.into())
    }

    /// Closes what was opened: the gateway with 1000, and the database.
    pub(crate) async fn close(&self) {
        self.close_gateway().await;
        if let Some(db) = self.0.db.get() {
            db.close().await;
        }
    }
}
