//! What belongs to one test: modules run on its runtime, whichever task calls them.

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id};

/// A value for each runtime.
pub(crate) struct Here<T>(Mutex<Vec<(Id, T)>>);

impl<T: Clone> Here<T> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn add(&self, value: T) {
        self.0.lock().push((Handle::current().id(), value));
    }

    /// The value that was added last.
    pub(crate) fn last(&self) -> Option<T> {
        let here = Handle::current().id();
        let values = self.0.lock();
        let found = values.iter().rfind(|(of, _)| *of == here);
        found.map(|(_, value)| value.clone())
    }

    /// Takes the value that was added last.
    pub(crate) fn take(&self) -> Option<T> {
        let here = Handle::current().id();
        let mut values = self.0.lock();
        let at = values.iter().rposition(|(of, _)| *of == here)?;
        Some(values.remove(at).1)
    }
}
