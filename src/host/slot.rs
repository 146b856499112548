//! Where the loaded modules are, for their handlers and for each other.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use parking_lot::RwLock;

use crate::activity::Watchdog;

/// One module's state, while it is loaded, and who watches its code. Clones are the same slot.
pub(crate) struct Slot<M> {
    state: Arc<RwLock<Option<Arc<M>>>>,
    watchdog: Watchdog,
}

impl<M> Clone for Slot<M> {
    fn clone(&self) -> Self {
        Self {
            state: Arc::clone(&self.state),
            watchdog: self.watchdog.clone(),
        }
    }
}

impl<M> Slot<M> {
    fn new(watchdog: Watchdog) -> Self {
        let state = Arc::default();
        Self { state, watchdog }
    }

    pub(crate) fn get(&self) -> Option<Arc<M>> {
        self.state.read().clone()
    }

    pub(crate) fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    pub(crate) fn fill(&self, module: Arc<M>) {
        *self.state.write() = Some(module);
    }

    pub(crate) fn clear(&self) {
        // Dropped when the lock is free: a module's own drop may look for others.
        let module = self.state.write().take();
        drop(module);
    }
}

/// The slot of each module. The host only borrows them: a module keeps its host, and must not keep itself.
pub(crate) struct Slots {
    slots: RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    watchdog: Watchdog,
}

impl Slots {
    pub(crate) fn new(watchdog: Watchdog) -> Self {
        let slots = RwLock::default();
        Self { slots, watchdog }
    }

    /// The slot of this type, made when there is none.
    pub(crate) fn of<M: Send + Sync + 'static>(&self) -> Slot<M> {
        let new = || Slot::<M>::new(self.watchdog.clone());
        let mut slots = self.slots.write();
        let slot = slots
            .entry(TypeId::of::<M>())
            .or_insert_with(|| Box::new(new()));
        let slot = slot.downcast_ref::<Slot<M>>();
        slot.cloned().unwrap_or_else(new)
    }

    pub(crate) fn find<M: Send + Sync + 'static>(&self) -> Option<Arc<M>> {
        let slots = self.slots.read();
        let slot = slots.get(&TypeId::of::<M>())?;
        slot.downcast_ref::<Slot<M>>()?.get()
    }
}
