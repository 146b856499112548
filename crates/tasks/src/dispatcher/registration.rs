//! Tasks come and go.

use std::collections::{HashMap, HashSet};

use tokio::sync::oneshot;

use super::{Dispatcher, Flow};
use crate::{
    cursor::Cursor,
    engine::Key,
    entry::Entry,
    error::Error,
    mail::{Found, HandleReply},
    plan::Plan,
    scribe::Job,
    spec::TaskSpec,
    store::{StoreError, TaskId},
};

/// Registrations whose row is being looked up.
#[derive(Default)]
pub(super) struct Registering {
    last_ticket: u64,
    waiting: HashMap<u64, (TaskSpec, HandleReply)>,
    keys: HashSet<Key>,
}

impl Dispatcher {
    pub(super) fn register(&mut self, spec: TaskSpec, reply: HandleReply) {
        let key = (spec.name.clone(), spec.scope.clone());
        if let Err(error) = self.admits(&key, &spec) {
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(Err(error));
            return;
        }
        let cursor = Cursor::new(Plan::new(&spec.trigger, &spec), self.core.now());
        let (name, scope) = key.clone();
        self.registering.last_ticket += 1;
        let ticket = self.registering.last_ticket;
        self.registering.keys.insert(key);
        self.registering.waiting.insert(ticket, (spec, reply));
        self.core.errand(Job::Register {
            ticket,
            name,
            scope,
            cursor: Box::new(cursor),
        });
    }

    fn admits(&self, key: &Key, spec: &TaskSpec) -> Result<(), Error> {
        if self.core.closing {
            return Err(Error::ShutDown);
        }
        let is_taken = self.directory.find(key).is_some() || self.registering.keys.contains(key);
        if is_taken {
            let (name, scope) = key.clone();
            return Err(Error::Duplicate { name, scope });
        }
        spec.check()
    }

    pub(super) fn registered(
        &mut self,
        ticket: u64,
        found: Result<Box<Found>, StoreError>,
    ) -> Flow {
        self.core.errand_done();
        let Some((spec, reply)) = self.registering.waiting.remove(&ticket) else {
            return Flow::Continue(());
        };
        let key = (spec.name.clone(), spec.scope.clone());
        self.registering.keys.remove(&key);
        let answer = found.map_err(Error::from).map(|found| {
            let entry = Entry::new(spec, *found, &mut self.core);
            let (id, handle) = (entry.id, entry.handle.clone());
            self.directory.insert(key, handle.clone());
            self.entries.insert(id, Box::new(entry));
            self.with(id, |_, _| {});
            self.publish();
            handle
        });
        let is_fenced = matches!(answer, Err(Error::Fenced));
        // Whoever gave up waiting finds the task by its name.
        let _ = reply.send(answer);
        if is_fenced {
            Flow::Break(Error::Fenced)
        } else {
            Flow::Continue(())
        }
    }

    /// Takes out the task of this name in all its scopes, or all tasks of the module of this name.
    pub(super) fn unregister(&mut self, name: &str, reply: oneshot::Sender<()>) {
        let tasks: Vec<_> = self
            .entries
            .values()
            .filter(|entry| belongs(&entry.spec.name, name))
            .map(|entry| entry.id)
            .collect();
        let gone = tasks.into_iter().map(|task| {
            let (reply, gone) = oneshot::channel();
            self.with(task, |entry, core| entry.leave(reply, core));
            gone
        });
        let gone = futures_util::future::join_all(gone.collect::<Vec<_>>());
        tokio::spawn(async move {
            gone.await;
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(());
        });
    }

    /// A task that was taken out has gone quiet.
    pub(super) fn forget(&mut self, task: TaskId) {
        let Some(mut entry) = self.entries.remove(&task) else {
            return;
        };
        entry.save(&mut self.core);
        self.directory
            .remove(&(entry.spec.name.clone(), entry.spec.scope.clone()));
        entry.say_goodbye();
    }
}

fn belongs(task: &str, name: &str) -> bool {
    task.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
