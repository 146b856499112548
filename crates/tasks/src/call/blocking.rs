//! Bodies that block their thread: they are called on the threads of the pool.

use std::time::Duration;

use tokio::task::JoinError;

use super::{Call, panicked};
use crate::{clock::Sleep, outcome::Outcome, run::Run, spec::BlockingBody};

impl Call {
    /// Calls a body on a thread of its own, when one is free, and waits for it whatever happens: nobody
    /// can end a thread, so a run that was told to end is live until its body returns.
    pub(super) async fn block(
        &self,
        body: BlockingBody,
        run: Run,
        limit: &mut Option<(Duration, Sleep)>,
    ) -> Outcome {
        let thread = tokio::select! {
            biased;
            halt = self.halted(limit) => return halt.outcome(),
            thread = self.pool.thread() => thread,
        };
        let mut work = thread.run(move || body(run));
        let halt = tokio::select! {
            biased;
            ended = &mut work => return returned(ended),
            halt = self.halted(limit) => halt,
        };
        self.cancel.cancel();
        match work.await {
            Ok(Ok(())) => Outcome::Ok,
            _ => halt.outcome(),
        }
    }
}

fn returned(ended: Result<anyhow::Result<()>, JoinError>) -> Outcome {
    match ended {
        Ok(Ok(())) => Outcome::Ok,
        Ok(Err(error)) => Outcome::Error(error.into()),
        Err(failed) => match failed.try_into_panic() {
            Ok(payload) => panicked(payload),
            Err(_) => Outcome::Cancelled,
        },
    }
}
