//! Rows are taken over without their code, while nothing runs.

use tokio::sync::oneshot;

use super::{Dispatcher, Flow, unless_fenced};
use crate::{error::Error, mail::Found, scribe::Job, spec::TaskSpec, store::StoreError};

impl Dispatcher {
    pub(super) fn adopt(&mut self, reply: oneshot::Sender<Result<(), Error>>) {
        if self.core.closing {
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(Err(Error::ShutDown));
            return;
        }
        let ticket = self.registering.ticket();
        self.registering.adopting.insert(ticket, reply);
        self.core.errand(Job::Load {
            ticket,
            family: None,
        });
    }

    pub(super) fn is_adopting(&self, ticket: u64) -> bool {
        self.registering.adopting.contains_key(&ticket)
    }

    pub(super) fn adopted(&mut self, ticket: u64, found: Result<Vec<Found>, StoreError>) -> Flow {
        self.core.errand_done();
        let answer = found.map_err(Error::from);
        let answer = answer.map(|found| found.into_iter().for_each(|found| self.adopt_row(found)));
        let flow = unless_fenced(&answer);
        if let Some(reply) = self.registering.adopting.remove(&ticket) {
            // Whoever gave up waiting finds the tasks by their names.
            let _ = reply.send(answer);
        }
        flow
    }

    fn adopt_row(&mut self, found: Found) {
        let key = (found.row.name.clone(), found.row.scope.clone());
        if self.directory.find(&key).is_some() {
            return;
        }
        let spec = TaskSpec::adopted(&found.row);
        if let Err(error) = self.enter(key, spec, found) {
            tracing::error!(%error, "left out a task that was to be adopted");
        }
    }
}
