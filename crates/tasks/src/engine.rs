//! The façade: register tasks, start, find handles, shut down.

mod builder;

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::sync::{broadcast, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    directory::Directory,
    error::Error,
    event::{Event, Events},
    family::Family,
    handle::TaskHandle,
    mail::{Mail, Mailbox, Which},
    pool::Pool,
    pulse::Beat,
    spec::TaskSpec,
    store::{RunRecord, TaskId, TaskRow},
};
pub use builder::EngineBuilder;
pub(crate) use builder::Options;

/// Runs tasks. Clones are cheap and mean the same engine.
///
/// An engine begins as soon as it is made, so that tasks can be registered and steered; they run from
/// [`start`](Self::start) on. It ends with [`shut_down`](Self::shut_down): dropping every clone stops
/// nothing.
#[derive(Clone)]
pub struct Engine {
    mailbox: Mailbox,
    clock: Clock,
    events: Events,
    directory: Arc<Directory>,
    pool: Pool,
}

impl Engine {
    /// Adds a task, before or after the start. When the store knows its name and scope, it goes on
    /// from there: state, changed interval, counters and position are those of the last process. While a
    /// task of this name and scope is being taken out, this waits until it is gone: a hook of that task
    /// would wait for itself.
    ///
    /// # Errors
    /// [`Error::BadName`], [`Error::BadInterval`], [`Error::BadPolicy`], [`Error::Duplicate`];
    /// [`Error::Store`] when the store cannot be opened or read.
    pub async fn register(&self, spec: TaskSpec) -> Result<TaskHandle, Error> {
        self.ask(|reply| Mail::Register {
            spec: Box::new(spec),
            joins: false,
            reply,
        })
        .await
    }

    /// Registers the member of a family, or finds it.
    pub(crate) async fn join(&self, spec: TaskSpec) -> Result<TaskHandle, Error> {
        self.ask(|reply| Mail::Register {
            spec: Box::new(spec),
            joins: true,
            reply,
        })
        .await
    }

    /// Adds a family: tasks of the name, code and policies of `spec`, one for each scope, that come and
    /// go while the engine runs. Every member that the store knows goes on from where it was.
    ///
    /// # Errors
    /// As [`register`](Self::register). A member that the store knows and cannot be read is left out,
    /// and told in the log.
    pub async fn family(&self, spec: TaskSpec) -> Result<Family, Error> {
        let family = Box::new(spec.clone());
        self.ask(|reply| Mail::Enroll { family, reply }).await?;
        Ok(Family::new(self.clone(), spec))
    }

    /// Takes over every task that the store knows and that is not registered, without its code: to look at tasks and to
    /// steer them while no engine runs them. What is changed is durable, and the next engine that has the code heeds
    /// it; where a slot depends on the policies, which only the code knows, that engine works it out. Nothing runs:
    /// such a task begins no life, and what needs its code is refused.
    ///
    /// # Errors
    /// [`Error::Occupied`] when another engine has the store, [`Error::Store`] when it cannot be opened or read.
    pub async fn adopt(&self) -> Result<(), Error> {
        self.ask(|reply| Mail::Adopt { reply }).await
    }

    /// Takes a task out and deletes its row and its runs: a run in progress is cancelled, `after` hooks
    /// run; returns when that is done. Tells whether there was one.
    ///
    /// # Errors
    /// [`Error::Fenced`], [`Error::Store`], [`Error::ShutDown`].
    pub async fn remove(&self, name: &str, scope: &str) -> Result<bool, Error> {
        let which = Which::Task((name.into(), scope.into()));
        let removed = self.ask(|reply| Mail::Remove { which, reply }).await?;
        Ok(removed > 0)
    }

    /// As [`remove`](Self::remove), for all tasks of this scope, as when a guild is gone for good. Tells
    /// how many there were.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub async fn remove_scope(&self, scope: &str) -> Result<u64, Error> {
        let which = Which::Scope(scope.into());
        self.ask(|reply| Mail::Remove { which, reply }).await
    }

    /// Deletes those of `tasks` that are [`orphans`](Self::orphans), with their runs, and tells how many
    /// there were. To be called when everything is registered.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub async fn purge_orphans(&self, tasks: &[TaskId]) -> Result<u64, Error> {
        let tasks: HashSet<_> = tasks.iter().copied().collect();
        let orphans = self.orphans().await?.into_iter().map(|row| row.id);
        let among = orphans.filter(|task| tasks.contains(task)).collect();
        self.ask(|reply| Mail::Purge { among, reply }).await
    }

    /// Says that the task `name`, or every task whose name begins with `name` and a dot, has code that is
    /// not registered in this process, as of a module that is switched off: no row of it is an orphan.
    /// Until it is [released](Self::release).
    pub fn reserve(&self, name: impl Into<Arc<str>>) {
        self.directory.reserve(name.into());
    }

    /// Takes back what [`reserve`](Self::reserve) said of this name, as of a module that is switched on again.
    pub fn release(&self, name: &str) {
        self.directory.release(name);
    }

    /// Posts a letter and waits for its answer.
    async fn ask<T>(
        &self,
        letter: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Mail,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.mailbox.post(letter(reply));
        answer.await.unwrap_or_else(|_| Err(self.mailbox.fate()))
    }

    /// Takes out the task of this name in all its scopes, or all tasks whose names begin with `name`
    /// and a dot. Runs in progress are cancelled, `after` hooks run; returns when that is done. Rows
    /// stay, and so does the state: registered again, an active task goes on.
    pub async fn unregister(&self, name: &str) {
        let (reply, gone) = oneshot::channel();
        self.mailbox.post(Mail::Unregister {
            name: name.to_owned(),
            reply,
        });
        // An error means that the engine has ended, and every task with it.
        let _ = gone.await;
    }

    /// Begins a life for every active task. The second time it does nothing.
    ///
    /// # Errors
    /// [`Error::Occupied`] when another engine has the store, [`Error::Store`] when it cannot be
    /// opened; it may then be called again.
    pub async fn start(&self) -> Result<(), Error> {
        self.ask(|reply| Mail::Start { reply }).await
    }

    /// The task of this name without a scope.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<TaskHandle> {
        self.task_in(name, "")
    }

    /// The task of this name and scope.
    #[must_use]
    pub fn task_in(&self, name: &str, scope: &str) -> Option<TaskHandle> {
        self.directory.find(&(name.into(), scope.into()))
    }

    /// Every registered task, by name and scope.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskHandle> {
        self.directory.all()
    }

    /// Every registered task of this name, by scope.
    #[must_use]
    pub fn tasks_named(&self, name: &str) -> Vec<TaskHandle> {
        self.directory.named(name)
    }

    /// Rows whose code is neither registered nor [reserved](Self::reserve): they never run.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be read.
    pub async fn orphans(&self) -> Result<Vec<TaskRow>, Error> {
        let mut rows = self.mailbox.store().tasks().await?;
        rows.retain(|row| {
            let is_registered = self.task_in(&row.name, &row.scope).is_some();
            !is_registered && !self.directory.is_reserved(&row.name)
        });
        Ok(rows)
    }

    /// The newest `limit` runs of the task of this name without a scope, newest first.
    ///
    /// # Errors
    /// [`Error::UnknownTask`]; [`Error::Store`] when the store cannot be read.
    pub async fn history(&self, name: &str, limit: u32) -> Result<Vec<RunRecord>, Error> {
        let unknown = || Error::UnknownTask {
            name: name.to_owned(),
        };
        self.task(name).ok_or_else(unknown)?.history(limit).await
    }

    /// Everything that happens from now on. A listener that falls 1,024 events behind loses the
    /// oldest and is told how many.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.listen()
    }

    /// Calls `work`, which blocks, on one of the [threads](EngineBuilder::blocking_threads) for that, behind
    /// whatever has asked for one before. Dropped before it has begun, it never begins; a thread that runs
    /// nobody can end, see [`blocking_with_token`](Self::blocking_with_token).
    ///
    /// # Errors
    /// [`Error::BlockingPanicked`], [`Error::BlockingCancelled`].
    pub async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.pool.call(|_| work()).await
    }

    /// As [`blocking`](Self::blocking), for work that looks from time to time whether it is still wanted: its
    /// token is cancelled when this future is dropped, and by [`cancel_blocking`](Self::cancel_blocking).
    ///
    /// # Errors
    /// As [`blocking`](Self::blocking).
    pub async fn blocking_with_token<T: Send + 'static>(
        &self,
        work: impl FnOnce(CancellationToken) -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.pool.call(work).await
    }

    /// Tells every call of [`blocking`](Self::blocking) that is there to end: those that wait for a thread fail
    /// with [`Error::BlockingCancelled`], those that run are waited for. Bodies of tasks are not among them.
    pub fn cancel_blocking(&self) {
        self.pool.cancel();
    }

    /// The clock that the engine reads.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Waits until nothing more can happen at the clock's present: nothing is due, every write is in
    /// the store, and all bodies and hooks have ended or sleep on the clock.
    ///
    /// A body counts as asleep while it awaits a sleep of the engine's [`Clock`], also inside a
    /// `select!` or `timeout`. One that waits for anything else (a channel, a lock that a sleeping
    /// body holds, a task it has spawned) is waited for. Returns at once when the engine has ended.
    pub async fn settle(&self) {
        let (reply, settled) = oneshot::channel();
        self.mailbox.post(Mail::Settle { reply });
        // An error means that the engine has ended, so nothing more can happen.
        let _ = settled.await;
    }

    /// Moves a manual clock, timer by timer, and settles after each: what would have happened on the
    /// way happens on time.
    ///
    /// # Panics
    /// On a system clock, which nobody can move.
    pub async fn advance(&self, duration: Duration) {
        self.settle().await;
        let mut left = duration;
        while !left.is_zero() {
            let step = self.clock.next_wake().map_or(left, |wake| wake.min(left));
            self.clock.advance(step);
            left -= step;
            self.settle().await;
        }
    }

    /// Does the housekeeping of a day at once: prunes the history of runs, deletes members of families
    /// that ended more than 30 days ago, lets the store tidy itself up. The
    /// [pulse](EngineBuilder::pulse) asks for it at night. Returns when the engine has
    /// [settled](Self::settle), which a body that waits for the outside world holds up.
    pub async fn housekeep(&self) {
        for beat in [Beat::Prune, Beat::Optimise] {
            self.mailbox.post(Mail::Beat(beat));
        }
        self.settle().await;
    }

    /// Ends the engine in good order: nothing new is claimed; runs in progress may take `drain` (25 s
    /// is a good value) to end, are then cancelled, and after their grace aborted; `after` hooks run
    /// and are told [`EndReason::Shutdown`](crate::EndReason::Shutdown). Active tasks stay active and
    /// go on at the next start. Returns when everything is written. On a manual clock somebody must
    /// move it meanwhile ([`advance`](Self::advance)), or a body that sleeps on it is waited for.
    pub async fn shut_down(&self, drain: Duration) {
        let (reply, done) = oneshot::channel();
        self.mailbox.post(Mail::ShutDown { drain, reply });
        // An error means that the engine has ended already.
        let _ = done.await;
    }

    /// Waits until the engine has ended, and tells why: [`Error::ShutDown`] after
    /// [`shut_down`](Self::shut_down), [`Error::Fenced`] when another engine has taken over the store,
    /// [`Error::Store`] when the store refused a write that must not be refused.
    pub async fn ended(&self) -> Error {
        self.mailbox.ended().await
    }

    /// Ends the engine as a crash would: bodies end at their current await, no hook runs, nothing
    /// is written. For tests of what comes after.
    pub async fn kill(&self) {
        let (reply, done) = oneshot::channel();
        self.mailbox.post(Mail::Kill { reply });
        // An error means that the engine has ended already.
        let _ = done.await;
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("tasks", &self.tasks())
            .finish_non_exhaustive()
    }
}
