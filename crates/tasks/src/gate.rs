//! A condition outside of the engine that tasks wait for, such as a connection.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
};

use parking_lot::Mutex;

use crate::mail::{FaintMailbox, Mail, Mailbox};

/// Holds the tasks that [`need`](crate::TaskSpec::needs) it for as long as it is closed.
///
/// A life begins, `before` hook included, when all gates of the task are open. When one closes later, a
/// run in progress is left alone, and slots and retries wait for the gate: a slot that has waited longer
/// than the grace is a missed one, and [`Misfire`](crate::Misfire) decides. Clones are the same gate. It
/// is not durable: a new process begins with what it knows.
#[derive(Clone)]
pub struct Gate(Arc<Shared>);

struct Shared {
    name: Arc<str>,
    is_open: AtomicBool,
    watchers: Mutex<Vec<FaintMailbox>>,
}

impl Gate {
    /// A gate that is closed. The name is told where a task is held.
    #[must_use]
    pub fn closed(name: impl Into<Arc<str>>) -> Self {
        Self(Arc::new(Shared {
            name: name.into(),
            is_open: AtomicBool::new(false),
            watchers: Mutex::default(),
        }))
    }

    /// Lets tasks run.
    pub fn open(&self) {
        self.set(true);
    }

    /// Holds tasks from now on.
    pub fn close(&self) {
        self.set(false);
    }

    /// Whether tasks may run.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.is_open.load(SeqCst)
    }

    /// The name that was given.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.0.name
    }

    /// Tells this engine of each change from now on.
    pub(crate) fn watch(&self, mailbox: &Mailbox) {
        let mut watchers = self.0.watchers.lock();
        watchers.retain(FaintMailbox::is_alive);
        if !watchers.iter().any(|watcher| watcher.is(mailbox)) {
            watchers.push(mailbox.faint());
        }
    }

    fn set(&self, open: bool) {
        if self.0.is_open.swap(open, SeqCst) != open {
            for watcher in self.0.watchers.lock().iter() {
                watcher.post(Mail::Gate);
            }
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("name", &self.0.name)
            .field("is_open", &self.is_open())
            .finish_non_exhaustive()
    }
}
