//! Values that bots of one process share.

use std::{
    any::{Any, TypeId},
    collections::BTreeMap,
    ops::Deref,
    sync::Arc,
};

/// A value that several bots of a process have together. Clones are the same one.
///
/// It lives in memory, as long as the process: a bot that is started again after a crash finds it as it left it, and
/// the next process does not.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use cogsmith::{bots::Bots, host::Shared, prelude::*};
///
/// #[derive(Default)]
/// struct Visitors(AtomicU64);
///
/// struct Door {
///     visitors: Shared<Visitors>,
/// }
///
/// impl Module for Door {
///     const NAME: &'static str = "door";
///
///     async fn load(host: Host) -> Result<Self> {
///         let visitors = host.shared()?;
///         Ok(Self { visitors })
///     }
///
///     fn setup(setup: &mut Setup<Self>) {
///         setup.task("count", every(mins(1)), Self::count);
///     }
/// }
///
/// impl Door {
///     async fn count(&self, _run: Run) -> Result<()> {
///         self.visitors.0.fetch_add(1, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// let visitors = Shared::new(Visitors::default());
/// let door = || Modules::default().with::<Door>().share(&visitors);
/// let bots = Bots::new().with("alpha", door()).with("beta", door());
/// ```
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Makes a value that can be shared.
    pub fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// One value of each type.
#[derive(Clone, Default)]
pub(crate) struct SharedValues(BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl SharedValues {
    /// Whether there was none of this type yet.
    pub(crate) fn insert<T: Send + Sync + 'static>(&mut self, shared: &Shared<T>) -> bool {
        let value = Arc::clone(&shared.0);
        self.0.insert(TypeId::of::<T>(), value).is_none()
    }

    pub(super) fn get<T: Send + Sync + 'static>(&self) -> Option<Shared<T>> {
        let value = Arc::clone(self.0.get(&TypeId::of::<T>())?);
        value.downcast().ok().map(Shared)
    }
}
