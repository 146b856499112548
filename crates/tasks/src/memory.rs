//! A store in memory, for tests and for tasks that need not outlive the process.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;

use crate::{
    cursor::Cursor,
    store::{
        Change, Epoch, Opened, Registration, Retention, RunRecord, RunState, Store, StoreError,
        TaskId, TaskRow,
    },
};

/// Keeps everything in memory. Clones share it, so a test can end one engine as a crash would and
/// start another on a clone. Everything is lost with the last clone.
///
/// It takes over at once from whoever had it, unless it was made [`with_lease`](Self::with_lease).
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<Tables>>);

#[derive(Debug, Default)]
struct Tables {
    epoch: i64,
    last_id: i64,
    lease: Option<TimeDelta>,
    holder: Option<Holder>,
    tasks: BTreeMap<TaskId, TaskRow>,
    names: BTreeMap<(String, String), TaskId>,
    runs: BTreeMap<(TaskId, u64), RunRecord>,
}

/// The engine that has opened the store and not closed it.
#[derive(Debug)]
struct Holder {
    owner: String,
    beat_at: DateTime<Utc>,
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

    /// An empty store that belongs to an engine until it closes, or was not heard of for `lease`.
    #[must_use]
    pub fn with_lease(lease: Duration) -> Self {
        let lease = Some(TimeDelta::from_std(lease).unwrap_or(TimeDelta::MAX));
        Self(Arc::new(Mutex::new(Tables {
            lease,
            ..Tables::default()
        })))
    }
}

impl Store for MemoryStore {
    fn open<'a>(
        &'a self,
        owner: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Opened, StoreError>> {
        std::future::ready(self.0.lock().open(owner, now)).boxed()
    }

    fn register<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [Registration],
    ) -> BoxFuture<'a, Result<Vec<TaskRow>, StoreError>> {
        let mut tables = self.0.lock();
        let rows = tables
            .check(epoch)
            .map(|()| tasks.iter().map(|task| tables.register(task)).collect());
        std::future::ready(rows).boxed()
    }

    fn commit<'a>(
        &'a self,
        epoch: Epoch,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        std::future::ready(self.0.lock().commit(epoch, changes)).boxed()
    }

    fn beat(&self, epoch: Epoch, now: DateTime<Utc>) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut tables = self.0.lock();
        let beaten = tables.check(epoch);
        if let (Ok(()), Some(holder)) = (&beaten, &mut tables.holder) {
            holder.beat_at = now;
        }
        std::future::ready(beaten).boxed()
    }

    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut tables = self.0.lock();
        let closed = tables.check(epoch);
        if closed.is_ok() {
            tables.holder = None;
        }
        std::future::ready(closed).boxed()
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

    fn delete<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        let mut tables = self.0.lock();
        let deleted = tables.check(epoch).map(|()| tables.delete(tasks));
        std::future::ready(deleted).boxed()
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

    fn open(&mut self, owner: &str, now: DateTime<Utc>) -> Result<Opened, StoreError> {
        if let (Some(lease), Some(holder)) = (self.lease, &self.holder) {
            let until = holder.beat_at.checked_add_signed(lease);
            if until.is_none_or(|until| now < until) {
                let owner = holder.owner.clone();
                return Err(StoreError::Occupied { owner, until });
            }
        }
        let (owner, beat_at) = (owner.to_owned(), now);
        self.holder = Some(Holder { owner, beat_at });
        self.epoch += 1;
        let epoch = Epoch(self.epoch);
        let abandoned = self.abandon(now);
        Ok(Opened { epoch, abandoned })
    }

    fn abandon(&mut self, now: DateTime<Utc>) -> Vec<RunRecord> {
        for run in self.runs.values_mut() {
            if run.state == RunState::Running {
                run.state = RunState::Abandoned;
                run.finished_at = Some(now);
            }
        }
        let answered = |run: &RunRecord| {
            let task = self.tasks.get(&run.task);
            task.is_none_or(|task| run.number <= task.cursor.answered)
        };
        let abandoned = self.runs.values();
        let abandoned = abandoned.filter(|run| run.state == RunState::Abandoned && !answered(run));
        abandoned.cloned().collect()
    }

    fn register(&mut self, task: &Registration) -> TaskRow {
        let key = (task.name.to_string(), task.scope.to_string());
        if let Some(row) = self.names.get(&key).and_then(|id| self.tasks.get(id)) {
            return row.clone();
        }
        self.last_id += 1;
        let row = TaskRow {
            id: TaskId(self.last_id),
            name: task.name.clone(),
            scope: task.scope.clone(),
            cursor: task.cursor.clone(),
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

    fn delete(&mut self, tasks: &[TaskId]) -> u64 {
        let rows: Vec<_> = tasks
            .iter()
            .filter_map(|task| self.tasks.remove(task))
            .collect();
        for row in &rows {
            self.names
                .remove(&(row.name.to_string(), row.scope.to_string()));
            let runs: Vec<_> = self.runs_of(row.id).map(|run| run.number).collect();
            for number in runs {
                self.runs.remove(&(row.id, number));
            }
        }
        rows.len() as u64
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
