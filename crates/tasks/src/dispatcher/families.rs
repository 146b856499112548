//! Families come, with all the members that the store knows.

use chrono::TimeDelta;
use tokio::sync::oneshot;

use super::{Dispatcher, Flow, registration::duplicate, unless_fenced};
use crate::{
    error::Error,
    instant::plus,
    mail::{Found, Mail},
    scribe::Job,
    spec::TaskSpec,
    store::StoreError,
};

/// How long members that have finished are kept.
const KEPT: TimeDelta = TimeDelta::days(30);

impl Dispatcher {
    pub(super) fn enroll(&mut self, family: TaskSpec, reply: oneshot::Sender<Result<(), Error>>) {
        let name = family.name.clone();
        let leaving = self.ids(|entry| entry.is_leaving() && entry.spec.name == name);
        if !leaving.is_empty() {
            let family = Box::new(family);
            return self.post_when_gone(leaving, Mail::Enroll { family, reply });
        }
        let admitted = self.admits(&family).and_then(|()| {
            let is_new = self.registering.names.insert(name.clone());
            is_new
                .then_some(())
                .ok_or_else(|| duplicate((name.clone(), "".into())))
        });
        if let Err(error) = admitted {
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(Err(error));
            return;
        }
        let ticket = self.registering.ticket();
        self.registering.families.insert(ticket, (family, reply));
        self.core.errand(Job::Load {
            ticket,
            family: Some(name),
        });
    }

    pub(super) fn enrolled(&mut self, ticket: u64, found: Result<Vec<Found>, StoreError>) -> Flow {
        self.core.errand_done();
        let Some((family, reply)) = self.registering.families.remove(&ticket) else {
            return Flow::Continue(());
        };
        let answer = found.map_err(Error::from);
        let answer = answer.map(|found| self.enter_members(&family, found));
        if answer.is_err() {
            self.registering.names.remove(&family.name);
        }
        let flow = unless_fenced(&answer);
        // Whoever gave up waiting finds the members by their name.
        let _ = reply.send(answer);
        flow
    }

    fn enter_members(&mut self, family: &TaskSpec, found: Vec<Found>) {
        for found in found {
            let key = (family.name.clone(), found.row.scope.clone());
            if self.directory.find(&key).is_none() {
                let member = family.known_member(found.row.scope.clone());
                if let Err(error) = self.enter(key, member, found) {
                    tracing::error!(%error, "left out a member of {}", family.name);
                }
            }
        }
    }

    /// Members that have finished long ago go.
    pub(super) fn retire_members(&mut self) {
        let since = plus(self.core.now(), -KEPT);
        let old = self
            .entries
            .values()
            .filter(|entry| entry.is_retired(since));
        let old: Vec<_> = old.map(|entry| entry.id).collect();
        for task in old {
            self.with(task, |entry, core| entry.delete(None, core));
        }
    }
}
