//! A store in memory, for tests and for tasks that need not outlive the process.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;

use crate::{
    cursor::Cursor,
    store::{
        Change, Epoch, Opened, Retention, RunRecord, RunState, Store, StoreError, TaskId, TaskRow,
    },
};

/// Keeps everything in memory. Clones share it, so a test can end one engine as a crash would and
/// start another on a clone. Everything is lost with the last clone.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    epoch: i64,
    tasks: BTreeMap<TaskId, TaskRow>,
    names: BTreeMap<(String, String), TaskId>,
    runs: BTreeMap<(TaskId, u64), RunRecord>,
}

/// What a change replaced, so that it can be taken back.
struct Undo {
    task: TaskId,
    cursor: Cursor,
    run: Option<((TaskId, u64), Option<RunRecord>)>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn open<'a>(
        &'a self,
        _: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Opened, StoreError>> {
        let mut tables = self.0.lock();
        tables.epoch += 1;
        let abandoned = tables.abandon(now);
        let epoch = Epoch(tables.epoch);
        std::future::ready(Ok(Opened { epoch, abandoned })).boxed()
    }

    fn register<'a>(
        &'a self,
        epoch: Epoch,
        name: &'a str,
        scope: &'a str,
        cursor: &'a Cursor,
    ) -> BoxFuture<'a, Result<TaskRow, StoreError>> {
        let mut tables = self.0.lock();
        let row = tables
            .check(epoch)
            .map(|()| tables.register(name, scope, cursor));
        std::future::ready(row).boxed()
    }

    fn commit<'a>(
        &'a self,
        epoch: Epoch,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        std::future::ready(self.0.lock().commit(epoch, changes)).boxed()
    }

    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Result<(), StoreError>> {
        std::future::ready(self.0.lock().check(epoch)).boxed()
    }

    fn tasks(&self) -> BoxFuture<'_, Result<Vec<TaskRow>, StoreError>> {
        let mut rows: Vec<_> = self.0.lock().tasks.values().cloned().collect();
        rows.sort_by(|a, b| (&a.name, &a.scope).cmp(&(&b.name, &b.scope)));
        std::future::ready(Ok(rows)).boxed()
    }

    fn history(
        &self,
        task: TaskId,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<RunRecord>, StoreError>> {
        let tables = self.0.lock();
        let newest_first = tables.runs_of(task).rev().cloned();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        std::future::ready(Ok(newest_first.take(limit).collect())).boxed()
    }

    fn prune(&self, epoch: Epoch, retention: Retention) -> BoxFuture<'_, Result<u64, StoreError>> {
        let mut tables = self.0.lock();
        let pruned = tables.check(epoch).map(|()| tables.prune(retention));
        std::future::ready(pruned).boxed()
    }
}

impl Tables {
    fn check(&self, epoch: Epoch) -> Result<(), StoreError> {
        (self.epoch == epoch.0)
            .then_some(())
            .ok_or(StoreError::Fenced)
    }

    fn abandon(&mut self, now: DateTime<Utc>) -> Vec<RunRecord> {
        let running = self
            .runs
            .values_mut()
            .filter(|run| run.state == RunState::Running);
        running
            .map(|run| {
                run.state = RunState::Abandoned;
                run.finished_at = Some(now);
                run.clone()
            })
            .collect()
    }

    fn register(&mut self, name: &str, scope: &str, cursor: &Cursor) -> TaskRow {
        let key = (name.to_owned(), scope.to_owned());
        if let Some(row) = self.names.get(&key).and_then(|id| self.tasks.get(id)) {
            return row.clone();
        }
        let last = self.tasks.keys().next_back().map_or(0, |id| id.0);
        let row = TaskRow {
            id: TaskId(last + 1),
            name: name.into(),
            scope: scope.into(),
            cursor: cursor.clone(),
        };
        self.tasks.insert(row.id, row.clone());
        self.names.insert(key, row.id);
        row
    }

    fn commit(&mut self, epoch: Epoch, changes: &[Change]) -> Result<(), StoreError> {
        self.check(epoch)?;
        let mut done = Vec::with_capacity(changes.len());
        for change in changes {
            match self.apply(change) {
                Ok(undo) => done.push(undo),
                Err(error) => {
                    done.into_iter().rev().for_each(|undo| self.take_back(undo));
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Checks first, then writes: a change that is refused leaves no trace.
    fn apply(&mut self, change: &Change) -> Result<Undo, StoreError> {
        let stored = self.tasks.get_mut(&change.task);
        let stored = stored.filter(|row| row.cursor.version + 1 == change.cursor.version);
        let Some(row) = stored else {
            return Err(StoreError::Conflict(format!(
                "version {} of task {}",
                change.cursor.version, change.task.0,
            )));
        };
        let cursor = std::mem::replace(&mut row.cursor, change.cursor.clone());
        let run = change.run.as_ref().map(|run| {
            let key = (run.task, run.number);
            (key, self.runs.insert(key, run.clone()))
        });
        let task = change.task;
        Ok(Undo { task, cursor, run })
    }

    fn take_back(&mut self, undo: Undo) {
        if let Some(row) = self.tasks.get_mut(&undo.task) {
            row.cursor = undo.cursor;
        }
        match undo.run {
            Some((key, Some(before))) => drop(self.runs.insert(key, before)),
            Some((key, None)) => drop(self.runs.remove(&key)),
            None => {}
        }
    }

    fn runs_of(&self, task: TaskId) -> impl DoubleEndedIterator<Item = &RunRecord> {
        self.runs
            .range((task, 0)..=(task, u64::MAX))
            .map(|(_, run)| run)
    }

    fn prune(&mut self, retention: Retention) -> u64 {
        let keep = usize::try_from(retention.per_task).unwrap_or(usize::MAX);
        let tasks: Vec<_> = self.tasks.keys().copied().collect();
        let old = tasks.into_iter().flat_map(|task| {
            let beyond = self.runs_of(task).rev().skip(keep);
            beyond
                .filter(|run| retention.drops(run))
                .map(|run| (run.task, run.number))
                .collect::<Vec<_>>()
        });
        let old: Vec<_> = old.collect();
        for key in &old {
            self.runs.remove(key);
        }
        old.len() as u64
    }
}
