//! Steers one task and tells how it is.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use tokio::sync::{oneshot, watch};

use crate::{
    cursor::State,
    error::Error,
    error_text::bounded,
    mail::{Command, Mail, Mailbox, Span},
    payload::Carried,
    status::{Phase, Status},
    store::{RunRecord, TaskId},
    trigger::Trigger,
};

/// A task of an engine. Clones are cheap and mean the same task.
///
/// Two kinds of method: *commands* are async because they are durable (one transaction each, which is
/// written when they return) and answer with the status that results; *getters* read the last
/// snapshot and never wait. Commands may be given from inside a body or a hook of the same task: they
/// never wait for it. Given before the engine starts they are durable all the same.
#[derive(Clone)]
pub struct TaskHandle {
    shared: Arc<Shared>,
    by: Option<Arc<str>>,
}

struct Shared {
    id: TaskId,
    mailbox: Mailbox,
    status: watch::Receiver<Status>,
}

impl TaskHandle {
    pub(crate) fn new(id: TaskId, mailbox: Mailbox, status: watch::Receiver<Status>) -> Self {
        let shared = Arc::new(Shared {
            id,
            mailbox,
            status,
        });
        Self { shared, by: None }
    }

    /// The same task, whose commands are noted as given by `who`, of which 1,000 characters are kept.
    #[must_use]
    pub fn by(&self, who: impl AsRef<str>) -> Self {
        Self {
            shared: self.shared.clone(),
            by: Some(bounded(who.as_ref())),
        }
    }

    /// Begins a new life of a task that is stopped, failed or finished.
    ///
    /// # Errors
    /// [`Error::AlreadyRunning`] when it is active; else as for every command: [`Error::Unregistered`],
    /// [`Error::Fenced`], [`Error::Store`], [`Error::ShutDown`].
    pub async fn start(&self) -> Result<Status, Error> {
        self.command(Command::Start).await
    }

    /// Begins a new life unless the task is active already.
    ///
    /// # Errors
    /// As for every command, see [`start`](Self::start).
    pub async fn ensure_started(&self) -> Result<Status, Error> {
        self.command(Command::EnsureStarted).await
    }

    /// Ends the life: at once when it waits, else when the run in progress has ended; then `after`.
    /// The task stays stopped, also after a restart of the process, until it is started. Does nothing
    /// to a task that is not active.
    ///
    /// # Errors
    /// As for every command, see [`start`](Self::start).
    pub async fn stop(&self) -> Result<Status, Error> {
        self.command(Command::Stop).await
    }

    /// As [`stop`](Self::stop), and the run in progress ends at its current await. A body that asked
    /// for its token may take the cancel grace (5 s) to end by itself.
    ///
    /// # Errors
    /// As for every command, see [`start`](Self::start).
    pub async fn cancel(&self) -> Result<Status, Error> {
        self.command(Command::Cancel).await
    }

    /// Begins a new life from any state. A life in progress ends first, as by [`stop`](Self::stop);
    /// one transaction, so that no crash leaves the task stopped half-way.
    ///
    /// # Errors
    /// As for every command, see [`start`](Self::start).
    pub async fn restart(&self) -> Result<Status, Error> {
        self.command(Command::Restart).await
    }

    /// One extra run from any state; the schedule stays. It is not retried and counts neither for
    /// `count` nor for `max_fails`. Returns when the run is recorded, before it has ended. While `before`
    /// is running the body waits for it; of a task that is not active only the body is called. While a run
    /// is live, [`Overlap`](crate::Overlap) decides: one that waits for its turn is not recorded yet when
    /// this returns, and is forgotten in a crash.
    ///
    /// # Errors
    /// [`Error::Overlapped`] when a live run leaves no place for it, [`Error::NotStarted`] before the engine starts,
    /// [`Error::Held`] while a gate of the task is closed; else
    /// as for every command, see [`start`](Self::start).
    pub async fn trigger_now(&self) -> Result<Status, Error> {
        self.command(Command::TriggerNow).await
    }

    /// Replaces the trigger, in any state, until [`reset_interval`](Self::reset_interval). A sleeping
    /// loop is re-aimed at once: the next slot is the last one plus the new interval, or now when that
    /// is past. A run in progress is left alone. Survives restarts and new defaults in the code.
    ///
    /// # Errors
    /// [`Error::BadInterval`], and then nothing is changed; else as for every command, see
    /// [`start`](Self::start).
    pub async fn change_interval(&self, trigger: Trigger) -> Result<Status, Error> {
        trigger.check()?;
        self.command(Command::Change(trigger)).await
    }

    /// Goes back to the trigger that the code asks for.
    ///
    /// # Errors
    /// As for every command, see [`start`](Self::start).
    pub async fn reset_interval(&self) -> Result<Status, Error> {
        self.command(Command::Reset).await
    }

    /// Runs past slots of the present trigger, from `from` to `to` inclusive and at most `max` (1 to
    /// 10,000) of them: oldest first, one after the other, while nothing else of the task is live. The
    /// schedule goes first and stays as it is. The runs are not retried and count neither for `count`
    /// nor for `max_fails`. Replaces a backfill in progress; a stop, cancel or restart ends it. Goes on
    /// after a crash, when the task keeps a history of all runs.
    ///
    /// # Errors
    /// [`Error::BadInstant`] for an instant outside of the years 0 to 9999; [`Error::BadBackfill`] when
    /// `to` is not past or before `from`, when `max` is out of bounds, and when the span has no slot; else as for every command, see [`start`](Self::start).
    pub async fn backfill(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        max: u32,
    ) -> Result<Status, Error> {
        let span = Span { from, to };
        self.command(Command::Backfill { span, max }).await
    }

    /// Waits until the task is not running and its `after` hook is done, or the engine has ended.
    /// Waiting for its own task, a body or hook would wait for itself.
    pub async fn stopped(&self) {
        let mut status = self.shared.status.clone();
        // An error means that the engine has ended, and the life with it.
        let _ = status.wait_for(|status| !status.is_running()).await;
    }

    /// The newest `limit` runs, newest first.
    ///
    /// # Errors
    /// [`Error::Store`] when the store cannot be read.
    pub async fn history(&self, limit: u32) -> Result<Vec<RunRecord>, Error> {
        Ok(self
            .shared
            .mailbox
            .store()
            .history(self.shared.id, limit)
            .await?)
    }

    /// Everything about the task in one consistent snapshot.
    #[must_use]
    pub fn status(&self) -> Status {
        self.shared.status.borrow().clone()
    }

    /// What the task carries.
    ///
    /// # Errors
    /// [`Error::BadPayload`] when it is not a `T`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let (name, text) = {
            let status = self.shared.status.borrow();
            (status.name.clone(), status.payload.clone())
        };
        Carried::Payload.read(&name, text.as_deref())
    }

    /// Follows the status from now on.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.shared.status.clone()
    }

    /// The number that the store gave the task.
    #[must_use]
    pub fn id(&self) -> TaskId {
        self.shared.id
    }

    /// The name, by custom `module.task`.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        self.shared.status.borrow().name.clone()
    }

    /// The scope; empty for a task that exists once.
    #[must_use]
    pub fn scope(&self) -> Arc<str> {
        self.shared.status.borrow().scope.clone()
    }

    /// Whether the task is active, or is still ending its last run.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.shared.status.borrow().is_running()
    }

    /// Whether the task gave up, until the next start.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.shared.status.borrow().state == State::Failed
    }

    /// Whether the run or life in progress was told to end at once; true until `after` is done.
    #[must_use]
    pub fn is_being_cancelled(&self) -> bool {
        self.shared.status.borrow().is_being_cancelled
    }

    /// Successful runs in this life, manual ones aside.
    #[must_use]
    pub fn current_loop(&self) -> u64 {
        self.shared.status.borrow().loop_index
    }

    /// When the next run is due; `None` unless active.
    #[must_use]
    pub fn next_iteration(&self) -> Option<DateTime<Utc>> {
        self.shared.status.borrow().next_run_at
    }

    /// The trigger in force.
    #[must_use]
    pub fn trigger(&self) -> Trigger {
        self.shared.status.borrow().trigger.clone()
    }

    /// What the task is doing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.shared.status.borrow().phase
    }

    /// Puts down a checkpoint.
    pub(crate) async fn save(&self, checkpoint: Option<Arc<str>>) -> Result<Status, Error> {
        self.command(Command::Save(checkpoint)).await
    }

    async fn command(&self, command: Command) -> Result<Status, Error> {
        let (reply, answer) = oneshot::channel();
        self.shared.mailbox.post(Mail::Command {
            task: self.shared.id,
            command,
            by: self.by.clone(),
            reply,
        });
        answer.await.unwrap_or_else(|_| Err(self.why_unanswered()))
    }

    /// The engine has ended, or the task is not there any more, or its step went wrong.
    fn why_unanswered(&self) -> Error {
        let mailbox = &self.shared.mailbox;
        let is_there = self.shared.status.has_changed().is_ok();
        let task = self.name();
        match is_there {
            _ if mailbox.has_ended() => mailbox.fate(),
            true => Error::Panicked { task },
            false => Error::Unregistered { task },
        }
    }
}

impl fmt::Debug for TaskHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.shared.status.borrow();
        f.debug_struct("TaskHandle")
            .field("name", &status.name)
            .field("scope", &status.scope)
            .field("state", &status.state)
            .field("phase", &status.phase)
            .finish_non_exhaustive()
    }
}
