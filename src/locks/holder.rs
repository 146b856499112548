//! Who holds a lock or waits for one.

use std::{fmt, panic::Location, thread::ThreadId};

use crate::activity::Activity;

/// A call of a module's code, or else a task or thread of its own, and the line that asks.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    who: Who,
    place: &'static Location<'static>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Who {
    Activity(Activity),
    Task(tokio::task::Id),
    Thread(ThreadId),
}

impl Holder {
    /// Whoever calls this, at `place`.
    pub(super) fn current(place: &'static Location<'static>) -> Self {
        let activity = Activity::current().map(Who::Activity);
        let who = activity
            .or_else(|| tokio::task::try_id().map(Who::Task))
            .unwrap_or_else(|| Who::Thread(std::thread::current().id()));
        Self { who, place }
    }

    pub(super) fn is(&self, other: &Self) -> bool {
        self.who == other.who
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.who {
            Who::Activity(activity) => write!(f, "{activity}")?,
            Who::Task(id) => write!(f, "task {id}")?,
            Who::Thread(id) => write!(f, "{id:?}")?,
        }
        write!(f, " ({}:{})", self.place.file(), self.place.line())
    }
}
