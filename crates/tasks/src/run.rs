//! One call of user code: the body of a run, or a hook.
//!
//! Whatever the code does, exactly one letter about it reaches the dispatcher: it may return, fail,
//! panic before or inside its future, panic in a destructor, hang until its time is over, or ignore
//! that it was cancelled.

use std::{
    any::Any,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    handle::TaskHandle,
    mail::{Mail, Mailbox},
    outcome::{Cause, EndReason, Outcome},
    presence::Presence,
};

/// What a body, a `before` or an `after` hook is told.
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
    token: Arc<Token>,
}

#[derive(Debug, Default)]
struct Token {
    cancelled: CancellationToken,
    is_watched: AtomicBool,
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
        self.token.is_watched.store(true, SeqCst);
        self.token.cancelled.clone()
    }

    /// Whether the run was told to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.token.cancelled.is_cancelled()
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
}

impl Facts {
    /// The argument of the call, and the token to end it with.
    pub(crate) fn into_run(self) -> (Run, CancellationToken) {
        let token = Arc::new(Token::default());
        let cancelled = token.cancelled.clone();
        let run = Run {
            task: self.task,
            slot: self.slot,
            attempt: self.attempt,
            cause: self.cause,
            missed: self.missed,
            loop_index: self.loop_index,
            ended: self.ended,
            token,
        };
        (run, cancelled)
    }
}

/// User code that is about to be called.
pub(crate) struct Call {
    pub(crate) clock: Clock,
    pub(crate) presence: Arc<Presence>,
    pub(crate) cancel: CancellationToken,
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Duration,
}

/// Why a call is ended from outside.
enum Halt {
    Cancelled,
    Timeout(Duration),
}

impl Call {
    /// Calls a body with `run`.
    pub(crate) async fn body(
        self,
        body: impl FnOnce(Run) -> BoxFuture<'static, anyhow::Result<()>>,
        run: Run,
    ) -> Outcome {
        let token = run.token.clone();
        self.guard(move || body(run), &token.is_watched).await
    }

    /// Calls a hook, which is not told when it is cancelled.
    pub(crate) async fn hook(
        self,
        hook: impl FnOnce() -> BoxFuture<'static, anyhow::Result<()>>,
    ) -> Outcome {
        self.guard(hook, &AtomicBool::new(false)).await
    }

    async fn guard(
        self,
        call: impl FnOnce() -> BoxFuture<'static, anyhow::Result<()>>,
        is_watched: &AtomicBool,
    ) -> Outcome {
        let limit = self
            .timeout
            .map(|timeout| (timeout, self.clock.sleep(timeout)));
        let mut future = match catch_unwind(AssertUnwindSafe(call)) {
            Ok(future) => future,
            Err(payload) => return panicked(payload),
        };
        let outcome = self.drive(&mut future, limit, is_watched).await;
        match catch_unwind(AssertUnwindSafe(|| drop(future))) {
            Ok(()) => outcome,
            Err(payload) => panicked(payload),
        }
    }

    async fn drive(
        &self,
        future: &mut BoxFuture<'static, anyhow::Result<()>>,
        limit: Option<(Duration, crate::clock::Sleep)>,
        is_watched: &AtomicBool,
    ) -> Outcome {
        let body = AssertUnwindSafe(self.presence.clone().hold(future)).catch_unwind();
        tokio::pin!(body);
        let halt = tokio::select! {
            biased;
            ended = &mut body => return outcome(ended),
            halt = self.halted(limit) => halt,
        };
        self.cancel.cancel();
        if is_watched.load(SeqCst) {
            tokio::select! {
                biased;
                ended = &mut body => if let Ok(Ok(())) = ended { return Outcome::Ok },
                () = self.clock.sleep(self.grace) => {}
            }
        }
        match halt {
            Halt::Cancelled => Outcome::Cancelled,
            Halt::Timeout(limit) => Outcome::timeout(limit),
        }
    }

    async fn halted(&self, limit: Option<(Duration, crate::clock::Sleep)>) -> Halt {
        let Some((limit, sleep)) = limit else {
            self.cancel.cancelled().await;
            return Halt::Cancelled;
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Halt::Cancelled,
            () = sleep => Halt::Timeout(limit),
        }
    }
}

/// Posts one letter about a call, even if the task that makes the call panics or is aborted.
pub(crate) struct Report<F: FnOnce(Outcome) -> Mail> {
    mailbox: Mailbox,
    letter: Option<F>,
}

impl<F: FnOnce(Outcome) -> Mail> Report<F> {
    pub(crate) fn new(mailbox: Mailbox, letter: F) -> Self {
        let letter = Some(letter);
        Self { mailbox, letter }
    }

    pub(crate) fn send(mut self, outcome: Outcome) {
        self.post(outcome);
    }

    fn post(&mut self, outcome: Outcome) {
        if let Some(letter) = self.letter.take() {
            self.mailbox.post(letter(outcome));
        }
    }
}

impl<F: FnOnce(Outcome) -> Mail> Drop for Report<F> {
    fn drop(&mut self) {
        self.post(Outcome::Cancelled);
    }
}

fn outcome(ended: Result<anyhow::Result<()>, Box<dyn Any + Send>>) -> Outcome {
    match ended {
        Ok(Ok(())) => Outcome::Ok,
        Ok(Err(error)) => Outcome::Error(Arc::new(error)),
        Err(payload) => panicked(payload),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the payload is of no use to the caller"
)]
fn panicked(payload: Box<dyn Any + Send>) -> Outcome {
    Outcome::panic(&*payload)
}
