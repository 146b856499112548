//! Where the loaded modules are, for their handlers and for each other.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use parking_lot::RwLock;

/// One module's state, while it is loaded. Clones are the same slot.
pub(crate) struct Slot<M>(Arc<RwLock<Option<Arc<M>>>>);

impl<M> Clone for Slot<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<M> Default for Slot<M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<M> Slot<M> {
    pub(crate) fn get(&self) -> Option<Arc<M>> {
        self.0.read().clone()
    }

    pub(crate) fn fill(&self, module: Arc<M>) {
        *self.0.write() = Some(module);
    }

    pub(crate) fn clear(&self) {
        // Dropped when the lock is free: a module's own drop may look for others.
        let module = self.0.write().take();
        drop(module);
    }
}

/// The slot of each module. The host only borrows them: a module keeps its host, and must not keep itself.
#[derive(Default)]
pub(crate) struct Slots(RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

impl Slots {
    /// The slot of this type, made when there is none.
    pub(crate) fn of<M: Send + Sync + 'static>(&self) -> Slot<M> {
        let mut slots = self.0.write();
        let slot = slots
            .entry(TypeId::of::<M>())
            .or_insert_with(|| Box::new(Slot::<M>::default()));
        slot.downcast_ref::<Slot<M>>().cloned().unwrap_or_default()
    }

    pub(crate) fn find<M: Send + Sync + 'static>(&self) -> Option<Arc<M>> {
        let slots = self.0.read();
        let slot = slots.get(&TypeId::of::<M>())?;
        slot.downcast_ref::<Slot<M>>()?.get()
    }
}
