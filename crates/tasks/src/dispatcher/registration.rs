//! Tasks come.

use std::{
    collections::{HashMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use tokio::sync::oneshot;

use super::{Dispatcher, Flow, unless_fenced};
use crate::{
    cursor::Cursor,
    directory::Key,
    entry::Entry,
    error::Error,
    handle::TaskHandle,
    mail::{Found, HandleReply, Mail},
    scribe::Job,
    spec::TaskSpec,
    store::{Registration, RunRecord, StoreError, TaskId},
};

/// Registrations whose rows are being looked up.
#[derive(Default)]
pub(super) struct Registering {
    last_ticket: u64,
    tasks: HashMap<u64, (TaskSpec, Vec<HandleReply>)>,
    keys: HashMap<Key, u64>,
    pub(super) families: HashMap<u64, (TaskSpec, oneshot::Sender<Result<(), Error>>)>,
    pub(super) adopting: HashMap<u64, oneshot::Sender<Result<(), Error>>>,
    /// The names of all families.
    pub(super) names: HashSet<Arc<str>>,
    /// Runs that a crash cut off, of tasks that were taken out before they were accounted for.
    pub(super) cut_off: HashMap<TaskId, Vec<RunRecord>>,
}

impl Registering {
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.keys.keys().cloned()
    }

    pub(super) fn ticket(&mut self) -> u64 {
        self.last_ticket += 1;
        self.last_ticket
    }
}

impl Dispatcher {
    /// Registers a task; `joins` tells whether one that is there already is as good.
    pub(super) fn register(&mut self, spec: TaskSpec, joins: bool, reply: HandleReply) {
        let key = (spec.name.clone(), spec.scope.clone());
        let known = self.directory.find(&key);
        let is_leaving = |task: &TaskId| self.entries.get(task).is_some_and(|it| it.is_leaving());
        if let Some(task) = known.as_ref().map(TaskHandle::id).filter(is_leaving) {
            let spec = Box::new(spec);
            return self.post_when_gone(vec![task], Mail::Register { spec, joins, reply });
        }
        let answer = match (self.admits(&spec), known) {
            (Err(error), _) => Err(error),
            (Ok(()), Some(task)) if joins => Ok(task),
            (Ok(()), Some(_)) => Err(duplicate(key)),
            (Ok(()), None) => return self.look_up(key, spec, joins, reply),
        };
        // Whoever gave up waiting needs no answer.
        let _ = reply.send(answer);
    }

    pub(super) fn admits(&self, spec: &TaskSpec) -> Result<(), Error> {
        if self.core.closing {
            return Err(Error::ShutDown);
        }
        spec.check()
    }

    fn look_up(&mut self, key: Key, spec: TaskSpec, joins: bool, reply: HandleReply) {
        let registering = &mut self.registering;
        let pending = registering.keys.get(&key);
        if let Some((_, replies)) = pending.and_then(|ticket| registering.tasks.get_mut(ticket)) {
            if joins {
                replies.push(reply);
            } else {
                // Whoever gave up waiting needs no answer.
                let _ = reply.send(Err(duplicate(key)));
            }
            return;
        }
        let ticket = registering.ticket();
        let task = Box::new(Registration {
            name: spec.name.clone(),
            scope: spec.scope.clone(),
            cursor: Cursor::new(&spec, self.core.now()),
        });
        registering.keys.insert(key, ticket);
        registering.tasks.insert(ticket, (spec, vec![reply]));
        self.core.errand(Job::Register { ticket, task });
    }

    pub(super) fn registered(
        &mut self,
        ticket: u64,
        found: Result<Box<Found>, StoreError>,
    ) -> Flow {
        self.core.errand_done();
        let Some((spec, replies)) = self.registering.tasks.remove(&ticket) else {
            return Flow::Continue(());
        };
        let key = (spec.name.clone(), spec.scope.clone());
        self.registering.keys.remove(&key);
        let answer = found.map_err(Error::from);
        let answer = answer.and_then(|found| self.enter_new(key, spec, *found));
        for reply in replies {
            // Whoever gave up waiting finds the task by its name.
            let _ = reply.send(answer.clone());
        }
        unless_fenced(&answer)
    }

    /// As [`enter`](Self::enter), unless its family has come meanwhile and brought the task along.
    fn enter_new(&mut self, key: Key, spec: TaskSpec, found: Found) -> Result<TaskHandle, Error> {
        match self.directory.find(&key) {
            None => self.enter(key, spec, found),
            Some(task) if spec.is_member => Ok(task),
            Some(_) => Err(duplicate(key)),
        }
    }

    /// The row of the task is known: from now on it lives here.
    pub(super) fn enter(
        &mut self,
        key: Key,
        spec: TaskSpec,
        mut found: Found,
    ) -> Result<TaskHandle, Error> {
        let left = self.registering.cut_off.remove(&found.row.id);
        found.abandoned.extend(left.into_iter().flatten());
        let made = AssertUnwindSafe(|| Entry::new(spec, found, &mut self.core));
        let entry = catch_unwind(made).map_err(|_| Error::Panicked {
            task: key.0.clone(),
        })?;
        let (id, handle) = (entry.id, entry.handle.clone());
        self.directory.insert(key, handle.clone());
        self.entries.insert(id, Box::new(entry));
        self.with(id, |_, _| {});
        self.publish();
        Ok(handle)
    }
}

pub(super) fn duplicate((name, scope): Key) -> Error {
    Error::Duplicate { name, scope }
}
