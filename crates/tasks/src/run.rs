//! What user code is told when it is called.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    handle::TaskHandle,
    outcome::{Cause, EndReason},
    payload::Carried,
    store::RunState,
};

/// What a body, and any hook but that for errors, is told.
#[derive(Clone)]
#[non_exhaustive]
pub struct Run {
    /// The task; its commands may be used from here.
    pub task: TaskHandle,
    /// The ideal instant that the run is for; for hooks the moment they are called.
    pub slot: DateTime<Utc>,
    /// Which attempt for the slot, from 1; 0 for hooks.
    pub attempt: u32,
    /// Why the run was made.
    pub cause: Cause,
    /// Slots before this one that were missed and are not made up for.
    pub missed: u64,
    /// Successful runs in this life before this one.
    pub loop_index: u64,
    /// In an `after` hook: why the life ended. `None` elsewhere.
    pub ended: Option<EndReason>,
    /// In an `after_each` hook: how the run went. `None` elsewhere.
    pub result: Option<RunState>,
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    cancelled: CancellationToken,
    is_watched: AtomicBool,
    payload: Option<Arc<str>>,
    checkpoint: Mutex<Option<Arc<str>>>,
}

impl Run {
    /// Waits until the run is told to end: cancelled, too slow, or the engine's drain is over.
    ///
    /// A body that has called this, or [`token`](Self::token), is trusted to end by itself within the
    /// cancel grace; any other is dropped at its current await.
    pub async fn cancelled(&self) {
        self.token().cancelled().await;
    }

    /// The token behind [`cancelled`](Self::cancelled), for code that takes one.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.inner.is_watched.store(true, SeqCst);
        self.inner.cancelled.clone()
    }

    /// Whether the run was told to end. A blocking body asks this from time to time.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancelled.is_cancelled()
    }

    /// What the task carries.
    ///
    /// # Errors
    /// [`Error::BadPayload`] when it is not a `T`. A task that carries nothing carries JSON's `null`,
    /// which is a `()` and an `Option`.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Error> {
        Carried::Payload.read(&self.task.name(), self.inner.payload.as_deref())
    }

    /// What a run of the task put down last with [`save_checkpoint`](Self::save_checkpoint), this one or
    /// an earlier, before a crash too.
    ///
    /// # Errors
    /// [`Error::BadPayload`] when it is not a `T`.
    pub fn checkpoint<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        let text = self.inner.checkpoint.lock().clone();
        Carried::Checkpoint.read(&self.task.name(), text.as_deref())
    }

    /// Puts down how far the work got, as JSON of at most 64 KiB. It is in the store when this returns,
    /// and stays until the next one, over runs, lives and crashes; `()` clears it. A run that was told to
    /// end, also by a shutdown, may still put one down.
    ///
    /// # Errors
    /// [`Error::BadPayload`] for a value that is no JSON or too long; else as for every command, see
    /// [`TaskHandle::start`].
    pub async fn save_checkpoint<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        let text = Carried::Checkpoint.write(&self.task.name(), value)?;
        self.task.save(text.clone()).await?;
        *self.inner.checkpoint.lock() = text;
        Ok(())
    }

    /// Whether the code has asked for its token.
    pub(crate) fn is_watched(&self) -> bool {
        self.inner.is_watched.load(SeqCst)
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("task", &self.task.name())
            .field("slot", &self.slot)
            .field("attempt", &self.attempt)
            .field("cause", &self.cause)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

/// What the dispatcher knows of a call to come.
pub(crate) struct Facts {
    pub(crate) task: TaskHandle,
    pub(crate) slot: DateTime<Utc>,
    pub(crate) attempt: u32,
    pub(crate) cause: Cause,
    pub(crate) missed: u64,
    pub(crate) loop_index: u64,
    pub(crate) ended: Option<EndReason>,
    pub(crate) payload: Option<Arc<str>>,
    pub(crate) checkpoint: Option<Arc<str>>,
}

impl Facts {
    /// The argument of the call, and the token to end it with.
    pub(crate) fn into_run(self) -> (Run, CancellationToken) {
        let inner = Arc::new(Inner {
            payload: self.payload,
            checkpoint: Mutex::new(self.checkpoint),
            ..Inner::default()
        });
        let cancelled = inner.cancelled.clone();
        let run = Run {
            task: self.task,
            slot: self.slot,
            attempt: self.attempt,
            cause: self.cause,
            missed: self.missed,
            loop_index: self.loop_index,
            ended: self.ended,
            result: None,
            inner,
        };
        (run, cancelled)
    }
}
