//! The one who writes: takes the dispatcher's steps in order and puts them into the store.
//!
//! The dispatcher never waits for a database. Steps that arrive while a transaction is under way go
//! together into the next one, so a thousand tasks that are due at once cost a few transactions. A
//! database that is unavailable is tried again, with growing pauses, until it is back; what was to
//! follow the write waits, and tasks without history go on meanwhile.

mod opening;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::{
    clock::Clock,
    directory::Key,
    engine::Options,
    error::Error,
    instant::floor,
    mail::{Mail, Mailbox},
    presence::{Lobby, Presence},
    store::{
        Change, Epoch, Registration, Retention, RunRecord, Store, StoreError, TaskId, TaskRow,
    },
};

/// The most steps in one transaction.
const BATCH: usize = 256;

/// Steps of runs are gathered for so long after the last commit began: thousands of loops cost a few
/// hundred transactions a second, and one that runs now and then is not kept waiting.
const GATHERING: Duration = Duration::from_millis(5);

/// The longest pause between two attempts to reach the database.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How often an engine that stands by asks for the store.
const STAND_BY_PAUSE: Duration = Duration::from_secs(1);

/// Something for the scribe to do.
pub(crate) enum Job {
    Open,
    Register {
        ticket: u64,
        task: Box<Registration>,
    },
    /// Looks for the members of a family, or for every task there is.
    Load {
        ticket: u64,
        family: Option<Arc<str>>,
    },
    Change(Box<Change>),
    /// Deletes a task that was taken out, and tells whoever waits for it.
    Delete {
        task: TaskId,
        gone: Vec<oneshot::Sender<()>>,
    },
    /// Deletes those of these tasks whose code is not known.
    Purge {
        among: HashSet<TaskId>,
        tasks: HashSet<Key>,
        families: HashSet<Arc<str>>,
        reply: oneshot::Sender<Result<u64, Error>>,
    },
    Beat,
    Prune,
    Optimise,
    Close,
}

pub(crate) struct Scribe {
    store: Arc<dyn Store>,
    clock: Clock,
    owner: String,
    stands_by: bool,
    /// Whether the engine ends, which makes standing by pointless.
    closing: CancellationToken,
    mailbox: Mailbox,
    presence: Arc<Presence>,
    epoch: Option<Epoch>,
    last_commit: Option<Instant>,
    abandoned: HashMap<TaskId, Vec<RunRecord>>,
}

/// A task that is to be deleted, and those who wait for that.
type Deletion = (TaskId, Vec<oneshot::Sender<()>>);

/// Why the scribe stops.
struct Lost(StoreError);

impl Scribe {
    pub(crate) fn new(
        clock: Clock,
        options: &Options,
        mailbox: Mailbox,
        lobby: &Arc<Lobby>,
    ) -> Self {
        Self {
            store: mailbox.store().clone(),
            clock,
            owner: options.owner.clone(),
            stands_by: options.stands_by,
            closing: CancellationToken::new(),
            mailbox,
            presence: Presence::new(lobby),
            epoch: None,
            last_commit: None,
            abandoned: HashMap::new(),
        }
    }

    /// Whether the scribe waits for the clock rather than for the database.
    pub(crate) fn presence(&self) -> Arc<Presence> {
        self.presence.clone()
    }

    /// Makes it stand by no longer.
    pub(crate) fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Works until the dispatcher is gone or the store is lost.
    pub(crate) async fn work(mut self, jobs: mpsc::UnboundedReceiver<Job>) {
        let presence = self.presence.clone();
        let mailbox = self.mailbox.clone();
        if let Err(Lost(why)) = presence.hold(self.serve(jobs)).await {
            mailbox.post(Mail::Lost(why));
        }
    }

    async fn serve(&mut self, mut jobs: mpsc::UnboundedReceiver<Job>) -> Result<(), Lost> {
        let mut batch = Vec::with_capacity(BATCH);
        while jobs.recv_many(&mut batch, BATCH).await > 0 {
            self.gather(&mut batch, &mut jobs).await;
            let mut changes = Vec::with_capacity(batch.len());
            let (mut deletions, mut newcomers) = (Vec::new(), Vec::new());
            for job in batch.drain(..) {
                match job {
                    Job::Change(change) => changes.push(*change),
                    Job::Delete { task, gone } => deletions.push((task, gone)),
                    Job::Register { ticket, task } => newcomers.push((ticket, *task)),
                    job => {
                        self.write(&mut changes, &mut deletions).await?;
                        self.register(std::mem::take(&mut newcomers)).await;
                        self.serve_one(job).await?;
                    }
                }
            }
            self.write(&mut changes, &mut deletions).await?;
            self.register(newcomers).await;
        }
        Ok(())
    }

    /// Waits a little for more, when the last commit was only just and nobody but runs would wait.
    async fn gather(&self, batch: &mut Vec<Job>, jobs: &mut mpsc::UnboundedReceiver<Job>) {
        let last = self.last_commit.filter(|_| !self.clock.is_manual());
        let Some(until) = last.map(|began| began + GATHERING) else {
            return;
        };
        let mut seen = 0;
        while batch.len() < BATCH && batch[seen..].iter().all(Job::is_of_a_run) {
            seen = batch.len();
            let more = jobs.recv_many(batch, BATCH - seen);
            if !matches!(timeout_at(until, more).await, Ok(1..)) {
                break;
            }
        }
    }

    /// A task changes no more once it is deleted, so the changes go first; and its name is then free.
    async fn write(
        &mut self,
        changes: &mut Vec<Change>,
        deletions: &mut Vec<Deletion>,
    ) -> Result<(), Lost> {
        self.commit(changes).await?;
        self.delete(deletions).await
    }

    async fn serve_one(&mut self, job: Job) -> Result<(), Lost> {
        match job {
            Job::Open => {
                let result = self.open().await.map(drop);
                self.mailbox.post(Mail::Opened { result });
            }
            Job::Load { ticket, family } => {
                let found = self.load(family.as_deref()).await;
                self.mailbox.post(Mail::Enrolled { ticket, found });
            }
            Job::Purge {
                among,
                tasks,
                families,
                reply,
            } => {
                let is_orphan = |row: &TaskRow| {
                    let key = (row.name.clone(), row.scope.clone());
                    among.contains(&row.id)
                        && !tasks.contains(&key)
                        && !families.contains(&row.name)
                };
                // Whoever gave up waiting needs no answer.
                let _ = reply.send(self.purge(is_orphan).await.map_err(Error::from));
                self.mailbox.post(Mail::Done);
            }
            Job::Beat => self.beat().await?,
            Job::Prune => self.prune().await,
            Job::Optimise => self.optimise().await,
            Job::Close => self.close().await,
            Job::Change(_) | Job::Delete { .. } | Job::Register { .. } => {}
        }
        Ok(())
    }

    async fn delete(&mut self, deletions: &mut Vec<Deletion>) -> Result<(), Lost> {
        let tasks: Vec<_> = deletions.iter().map(|(task, _)| *task).collect();
        if let (Some(epoch), false) = (self.epoch, tasks.is_empty()) {
            self.insist(|| self.store.delete(epoch, &tasks)).await?;
        }
        for (_, gone) in deletions.drain(..) {
            for reply in gone {
                // Whoever gave up waiting needs no answer.
                let _ = reply.send(());
            }
            self.mailbox.post(Mail::Done);
        }
        Ok(())
    }

    async fn purge(&mut self, is_orphan: impl Fn(&TaskRow) -> bool) -> Result<u64, StoreError> {
        let epoch = self.open().await?;
        let mut rows = self.store.tasks().await?;
        rows.retain(is_orphan);
        let orphans: Vec<_> = rows.iter().map(|row| row.id).collect();
        self.store.delete(epoch, &orphans).await
    }

    /// Writes until the database is there to take it.
    async fn insist<'a, T>(
        &self,
        write: impl Fn() -> BoxFuture<'a, Result<T, StoreError>>,
    ) -> Result<T, Lost> {
        let mut pause = Duration::from_millis(50);
        loop {
            match write().await {
                Ok(done) => return Ok(done),
                Err(StoreError::Unavailable(cause)) => {
                    error!(error = %cause, "task store unavailable, trying again");
                    self.clock.sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(fatal) => return Err(Lost(fatal)),
            }
        }
    }

    async fn commit(&mut self, changes: &mut Vec<Change>) -> Result<(), Lost> {
        let (Some(epoch), false) = (self.epoch, changes.is_empty()) else {
            return Ok(());
        };
        self.last_commit = Some(Instant::now());
        self.insist(|| self.store.commit(epoch, changes)).await?;
        self.mailbox.post(Mail::Committed(changes.len()));
        changes.clear();
        Ok(())
    }

    /// Tells the store that this engine is alive, and learns whether it still has the store.
    async fn beat(&self) -> Result<(), Lost> {
        let Some(epoch) = self.epoch else {
            self.mailbox.post(Mail::Beaten);
            return Ok(());
        };
        match self.store.beat(epoch, floor(self.clock.now())).await {
            Ok(()) => {}
            Err(fenced @ StoreError::Fenced) => return Err(Lost(fenced)),
            Err(cause) => warn!(error = %cause, "the task store did not take a sign of life"),
        }
        self.mailbox.post(Mail::Beaten);
        Ok(())
    }

    async fn prune(&self) {
        let Some(epoch) = self.epoch else { return };
        let retention = Retention::standard(self.clock.now());
        match self.store.prune(epoch, retention).await {
            Ok(runs) => info!(runs, "pruned the history of tasks"),
            Err(cause) => warn!(error = %cause, "pruning the history of tasks failed"),
        }
        self.mailbox.post(Mail::Done);
    }

    async fn optimise(&self) {
        if let Err(cause) = self.store.optimise().await {
            warn!(error = %cause, "tidying up the task store failed");
        }
        self.mailbox.post(Mail::Done);
    }

    async fn close(&self) {
        if let Some(epoch) = self.epoch
            && let Err(cause) = self.store.close(epoch).await
        {
            warn!(error = %cause, "closing the task store failed");
        }
        self.mailbox.post(Mail::Done);
    }
}

impl Job {
    fn is_of_a_run(&self) -> bool {
        matches!(self, Self::Change(change) if change.run.is_some())
    }
}
