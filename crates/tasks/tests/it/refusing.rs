//! A store that counts what it is asked, and refuses for a while.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use chrono::{DateTime, Utc};
use cogsmith_tasks::{
    Change, Epoch, MemoryStore, Opened, Registration, Retention, RunRecord, Store, StoreError,
    TaskId, TaskRow,
};
use futures_util::future::BoxFuture;

/// A memory store that counts its commits and deletions, and refuses as often as it is told to.
#[derive(Clone, Default)]
pub(crate) struct Counting {
    pub(crate) inner: MemoryStore,
    pub(crate) commits: Arc<AtomicUsize>,
    pub(crate) deletions: Arc<AtomicUsize>,
    pub(crate) refusals: Arc<AtomicUsize>,
    pub(crate) closed_for: Arc<AtomicUsize>,
}

fn take(left: &AtomicUsize) -> Result<(), StoreError> {
    match left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)) {
        Ok(_) => Err(StoreError::Unavailable("database is locked".into())),
        Err(_) => Ok(()),
    }
}

impl Store for Counting {
    fn open<'a>(
        &'a self,
        owner: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, Result<Opened, StoreError>> {
        match take(&self.closed_for) {
            Ok(()) => self.inner.open(owner, now),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    fn register<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [Registration],
    ) -> BoxFuture<'a, Result<Vec<TaskRow>, StoreError>> {
        self.inner.register(epoch, tasks)
    }

    fn commit<'a>(
        &'a self,
        epoch: Epoch,
        changes: &'a [Change],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        if let Err(error) = take(&self.refusals) {
            return Box::pin(async { Err(error) });
        }
        self.commits.fetch_add(1, SeqCst);
        self.inner.commit(epoch, changes)
    }

    fn beat(&self, epoch: Epoch, now: DateTime<Utc>) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.beat(epoch, now)
    }

    fn delete<'a>(
        &'a self,
        epoch: Epoch,
        tasks: &'a [TaskId],
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        self.deletions.fetch_add(1, SeqCst);
        self.inner.delete(epoch, tasks)
    }

    fn close(&self, epoch: Epoch) -> BoxFuture<'_, Result<(), StoreError>> {
        self.inner.close(epoch)
    }

    fn tasks(&self) -> BoxFuture<'_, Result<Vec<TaskRow>, StoreError>> {
        self.inner.tasks()
    }

    fn history(
        &self,
        task: TaskId,
        limit: u32,
    ) -> BoxFuture<'_, Result<Vec<RunRecord>, StoreError>> {
        self.inner.history(task, limit)
    }

    fn prune(&self, epoch: Epoch, retention: Retention) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.inner.prune(epoch, retention)
    }
}
