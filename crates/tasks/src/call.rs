//! One call of user code: the body of a run with what belongs to it, or a hook.
//!
//! Whatever the code does, exactly one letter about it reaches the dispatcher: it may return, fail,
//! panic before or inside its future, panic in a destructor, hang until its time is over, or ignore
//! that it was cancelled.

mod blocking;
mod report;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::{Clock, Sleep},
    outcome::Outcome,
    pool::Pool,
    presence::Presence,
    run::Run,
    spec::{Body, Code, Work},
};
pub(crate) use report::Report;

/// User code that is about to be called.
pub(crate) struct Call {
    pub(crate) clock: Clock,
    pub(crate) presence: Arc<Presence>,
    pub(crate) cancel: CancellationToken,
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Duration,
    /// The threads for bodies that block.
    pub(crate) pool: Pool,
}

/// How a run ended, and how the `after_each` hook did.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) run: Outcome,
    pub(crate) after: Outcome,
}

/// Why a call is ended from outside.
enum Halt {
    Cancelled,
    Timeout(Duration),
}

type Future = BoxFuture<'static, anyhow::Result<()>>;

impl Call {
    /// Makes a run: `before_each`, the body, `after_each`.
    pub(crate) async fn run(self, code: Code, run: Run) -> Ended {
        let mut limit = self.limit();
        if let Some(hook) = code.before_each.clone() {
            let prepare = prepare(hook, run.clone());
            let prepared = self.guard(prepare, &mut limit, || run.is_watched()).await;
            if !matches!(prepared, Outcome::Ok) {
                return Ended::early(prepared);
            }
            if let Some(halt) = self.was_halted(&mut limit) {
                return Ended::early(halt.outcome());
            }
        }
        let outcome = match code.work {
            Work::Async(body) => {
                let argument = run.clone();
                self.guard(move || body(argument), &mut limit, || run.is_watched())
                    .await
            }
            Work::Blocking(body) => self.block(body, run.clone(), &mut limit).await,
        };
        let after = match code.after_each {
            Some(hook) => self.follow_up(hook, run, &outcome).await,
            None => Outcome::Ok,
        };
        Ended {
            run: outcome,
            after,
        }
    }

    /// Calls a hook, which is not told when it is cancelled.
    pub(crate) async fn hook(self, hook: impl FnOnce() -> Future) -> Outcome {
        self.guard(hook, &mut self.limit(), || false).await
    }

    /// Calls `after_each`, also when the run was told to end; it may take the grace.
    async fn follow_up(&self, hook: Body, mut run: Run, outcome: &Outcome) -> Outcome {
        run.result = Some(outcome.run_state());
        let call = Self {
            clock: self.clock.clone(),
            presence: self.presence.clone(),
            cancel: CancellationToken::new(),
            timeout: Some(self.grace),
            grace: Duration::ZERO,
            pool: self.pool.clone(),
        };
        call.hook(move || hook(run)).await
    }

    fn limit(&self) -> Option<(Duration, Sleep)> {
        let timeout = self.timeout?;
        Some((timeout, self.clock.sleep(timeout)))
    }

    async fn guard(
        &self,
        call: impl FnOnce() -> Future,
        limit: &mut Option<(Duration, Sleep)>,
        is_watched: impl Fn() -> bool,
    ) -> Outcome {
        let made = {
            let _at_work = self.presence.at_work();
            catch_unwind(AssertUnwindSafe(call))
        };
        let mut future = match made {
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
        future: &mut Future,
        limit: &mut Option<(Duration, Sleep)>,
        is_watched: impl Fn() -> bool,
    ) -> Outcome {
        let body = AssertUnwindSafe(self.presence.clone().hold(future)).catch_unwind();
        tokio::pin!(body);
        let halt = tokio::select! {
            biased;
            ended = &mut body => return outcome(ended),
            halt = self.halted(limit) => halt,
        };
        self.cancel.cancel();
        if is_watched() {
            tokio::select! {
                biased;
                ended = &mut body => if let Ok(Ok(())) = ended { return Outcome::Ok },
                () = self.clock.sleep(self.grace) => {}
            }
        }
        halt.outcome()
    }

    /// Why the call was ended from outside, if it was.
    fn was_halted(&self, limit: &mut Option<(Duration, Sleep)>) -> Option<Halt> {
        let timeout = limit.as_mut().and_then(|(limit, sleep)| {
            let is_over = sleep.now_or_never().is_some();
            is_over.then_some(Halt::Timeout(*limit))
        });
        timeout.or_else(|| self.cancel.is_cancelled().then_some(Halt::Cancelled))
    }

    async fn halted(&self, limit: &mut Option<(Duration, Sleep)>) -> Halt {
        let Some((limit, sleep)) = limit else {
            self.cancel.cancelled().await;
            return Halt::Cancelled;
        };
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Halt::Cancelled,
            () = sleep => Halt::Timeout(*limit),
        }
    }
}

impl Halt {
    fn outcome(self) -> Outcome {
        match self {
            Self::Cancelled => Outcome::Cancelled,
            Self::Timeout(limit) => Outcome::timeout(limit),
        }
    }
}

impl Ended {
    /// A run whose body was not called.
    pub(crate) fn early(run: Outcome) -> Self {
        let after = Outcome::Ok;
        Self { run, after }
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

fn prepare(hook: Body, run: Run) -> impl FnOnce() -> Future {
    move || {
        let hook = hook(run);
        async move { hook.await.context("preparing the run") }.boxed()
    }
}
