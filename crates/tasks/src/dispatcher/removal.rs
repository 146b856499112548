//! Tasks go.

use std::collections::HashSet;

use futures_util::future::join_all;
use tokio::sync::oneshot;

use super::Dispatcher;
use crate::{
    directory::belongs,
    entry::Entry,
    error::Error,
    handle::TaskHandle,
    mail::{Mail, Which},
    scribe::Job,
    store::TaskId,
};

impl Dispatcher {
    /// Takes out the task of this name in all its scopes, or all tasks of the module of this name.
    pub(super) fn unregister(&mut self, name: &str, reply: oneshot::Sender<()>) {
        self.registering
            .names
            .retain(|family| !belongs(family, name));
        let gone = self.ids(|entry| belongs(&entry.spec.name, name));
        let gone = gone.into_iter().map(|task| {
            let (reply, gone) = oneshot::channel();
            self.with(task, |entry, core| entry.leave(reply, core));
            gone
        });
        let gone = join_all(gone.collect::<Vec<_>>());
        tokio::spawn(async move {
            gone.await;
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(());
        });
    }

    /// Takes tasks out and deletes their rows.
    pub(super) fn remove(&mut self, which: &Which, reply: oneshot::Sender<Result<u64, Error>>) {
        let gone = match which {
            Which::Task(key) => self
                .directory
                .find(key)
                .iter()
                .map(TaskHandle::id)
                .collect(),
            Which::Scope(scope) => self.ids(|entry| entry.spec.scope == *scope),
        };
        let gone = gone.into_iter().map(|task| {
            let (reply, gone) = oneshot::channel();
            self.with(task, |entry, core| entry.delete(Some(reply), core));
            gone
        });
        let gone = join_all(gone.collect::<Vec<_>>());
        let mailbox = self.core.mailbox.clone();
        tokio::spawn(async move {
            let gone = gone.await;
            let is_cut_short = gone.iter().any(Result::is_err);
            let answer = if is_cut_short {
                Err(mailbox.ended().await)
            } else {
                Ok(gone.len() as u64)
            };
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(answer);
        });
    }

    /// Deletes those of these rows whose code is not registered.
    pub(super) fn purge(
        &mut self,
        among: HashSet<TaskId>,
        reply: oneshot::Sender<Result<u64, Error>>,
    ) {
        let mut tasks = self.directory.keys();
        tasks.extend(self.registering.keys());
        self.core.errand(Job::Purge {
            among,
            tasks,
            families: self.registering.names.clone(),
            reply,
        });
    }

    /// A task that was taken out has gone quiet.
    pub(super) fn forget(&mut self, task: TaskId) {
        let Some(mut entry) = self.entries.remove(&task) else {
            return;
        };
        let key = (entry.spec.name.clone(), entry.spec.scope.clone());
        self.directory.remove(&key);
        entry.publish();
        if entry.is_deleted() {
            let gone = entry.take_leavers();
            self.core.errand(Job::Delete { task, gone });
        } else {
            let cut_off = entry.take_cut_off();
            if !cut_off.is_empty() {
                self.registering.cut_off.insert(task, cut_off);
            }
            entry.save(&mut self.core);
            entry.say_goodbye();
        }
    }

    /// Posts a letter that is about tasks which are being taken out, once they are gone.
    pub(super) fn post_when_gone(&mut self, tasks: Vec<TaskId>, letter: Mail) {
        let gone = tasks.into_iter().filter_map(|task| {
            let (reply, gone) = oneshot::channel();
            self.entries.get_mut(&task)?.tell_when_gone(reply);
            Some(gone)
        });
        let gone = join_all(gone.collect::<Vec<_>>());
        let mailbox = self.core.mailbox.clone();
        tokio::spawn(async move {
            gone.await;
            mailbox.post(letter);
        });
    }

    pub(super) fn ids(&self, which: impl Fn(&Entry) -> bool) -> Vec<TaskId> {
        let entries = self.entries.values().filter(|entry| which(entry));
        entries.map(|entry| entry.id).collect()
    }
}
