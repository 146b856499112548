//! What an error hook may decide about the task that failed.

use std::sync::Arc;

use parking_lot::Mutex;

/// What is to become of a task whose run has failed.
///
/// The default has been recorded before the error hook is called, so a hook that hangs or crashes holds
/// up nothing; a decision is a step of its own, recorded when the hook has returned. It is about the
/// life that the run belonged to, and comes to nothing when that is over for another reason, or when a
/// newer run has begun meanwhile. Failures of runs by hand and of hooks cannot be decided about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// As the policies say.
    #[default]
    Default,
    /// Another attempt after the usual pause and never past the next slot, whatever the error is and
    /// however many there were. Revives a task that the failure has ended.
    Retry,
    /// No further attempt: on to the next slot. Revives a task that too many failures have ended, if it
    /// has a next slot.
    Continue,
    /// The task is stopped, as by [`stop`](crate::TaskHandle::stop).
    Stop,
}

/// Where a hook puts its decision; clones are the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict(Arc<Mutex<Decision>>);

impl Verdict {
    pub(crate) fn set(&self, decision: Decision) {
        *self.0.lock() = decision;
    }

    pub(crate) fn get(&self) -> Decision {
        *self.0.lock()
    }
}
