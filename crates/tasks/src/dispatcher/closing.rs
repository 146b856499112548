//! The end of an engine: in good order, or as a crash would end it.

use std::time::Duration;

use tokio::sync::oneshot;

use super::{Dispatcher, Flow};
use crate::{clock::Sleep, core::Core, error::Error, outcome::Stage, scribe::Job};

/// How long user code that was aborted, and the last writes, may still take.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// A shutdown in progress.
pub(super) struct Closing {
    step: Step,
    deadline: Duration,
    replies: Vec<oneshot::Sender<()>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Runs in progress may end by themselves.
    Draining,
    /// They were told to end.
    Cancelling,
    /// They were aborted.
    Aborting,
    /// Everything is written; the store is being closed.
    Leaving,
}

impl Closing {
    pub(super) fn sleep(&self, core: &Core) -> Sleep {
        core.timeline.clock().sleep_until_monotonic(self.deadline)
    }
}

impl Dispatcher {
    pub(super) fn close(&mut self, drain: Duration, reply: oneshot::Sender<()>) {
        if let Some(closing) = &mut self.closing {
            closing.replies.push(reply);
            return;
        }
        self.core.closing = true;
        self.scribe_closing.cancel();
        let deadline = self.core.timeline.clock().monotonic().saturating_add(drain);
        self.closing = Some(Closing {
            step: Step::Draining,
            deadline,
            replies: vec![reply],
        });
        self.tend_all();
    }

    /// Takes the next step of a shutdown when its time has come.
    pub(super) fn proceed_closing(&mut self) -> Flow {
        let Some(closing) = &self.closing else {
            return Flow::Continue(());
        };
        let step = closing.step;
        let is_late = self.core.timeline.clock().monotonic() >= closing.deadline;
        let is_quiet =
            self.entries.values().all(|entry| entry.is_quiet()) && !self.core.is_writing();
        match step {
            Step::Leaving if is_quiet || is_late => return self.end_closing(),
            Step::Leaving => {}
            _ if is_quiet => self.leave(),
            Step::Draining if is_late => self.cancel_all(),
            Step::Cancelling if is_late => self.abort_all(),
            Step::Aborting if is_late => {
                tracing::error!("tasks did not end in time and are left behind");
                return self.end_closing();
            }
            Step::Draining | Step::Cancelling | Step::Aborting => {}
        }
        Flow::Continue(())
    }

    /// As a crash: user code is aborted, nothing is finished, nothing is written.
    pub(super) fn kill(&mut self, reply: oneshot::Sender<()>) -> Flow {
        self.scribe.abort();
        self.entries.clear();
        // Whoever gave up waiting needs no answer.
        let _ = reply.send(());
        Flow::Break(Error::ShutDown)
    }

    fn cancel_all(&mut self) {
        let grace = self
            .entries
            .values()
            .map(|entry| entry.spec.policy.cancel_grace)
            .max();
        self.next_step(Step::Cancelling, grace.unwrap_or_default());
        for entry in self.entries.values_mut() {
            entry.attempt(&mut self.core, |entry, core| {
                entry.cancel_runs(core);
                entry.cancel_hooks(Stage::Before);
            });
        }
        self.tend_all();
    }

    fn abort_all(&mut self) {
        self.next_step(Step::Aborting, LAST_WAIT);
        for entry in self.entries.values_mut() {
            entry.abort();
        }
    }

    /// Everybody is quiet: writes what was left unwritten, and closes the store.
    fn leave(&mut self) {
        self.next_step(Step::Leaving, LAST_WAIT);
        for entry in self.entries.values_mut() {
            entry.save(&mut self.core);
        }
        self.core.errand(Job::Close);
    }

    fn next_step(&mut self, step: Step, wait: Duration) {
        if let Some(closing) = &mut self.closing {
            closing.step = step;
            closing.deadline = self.core.timeline.clock().monotonic().saturating_add(wait);
        }
    }

    fn end_closing(&mut self) -> Flow {
        self.entries.clear();
        self.core.mailbox.seal(Error::ShutDown);
        for reply in self
            .closing
            .take()
            .into_iter()
            .flat_map(|closing| closing.replies)
        {
            // Whoever gave up waiting needs no answer.
            let _ = reply.send(());
        }
        Flow::Break(Error::ShutDown)
    }

    fn tend_all(&mut self) {
        let tasks: Vec<_> = self.entries.keys().copied().collect();
        for task in tasks {
            self.with(task, |_, _| {});
        }
    }
}
