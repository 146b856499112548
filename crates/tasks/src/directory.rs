//! Every registered task, by name and scope, and the names whose code is there but not registered.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use parking_lot::RwLock;

use crate::handle::TaskHandle;

/// Name and scope.
pub(crate) type Key = (Arc<str>, Arc<str>);

#[derive(Default)]
pub(crate) struct Directory {
    tasks: RwLock<BTreeMap<Key, TaskHandle>>,
    reserved: RwLock<BTreeSet<Arc<str>>>,
}

impl Directory {
    pub(crate) fn all(&self) -> Vec<TaskHandle> {
        self.tasks.read().values().cloned().collect()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<TaskHandle> {
        self.tasks.read().get(key).cloned()
    }

    pub(crate) fn named(&self, name: &str) -> Vec<TaskHandle> {
        let first: Key = (name.into(), "".into());
        let tasks = self.tasks.read();
        let tasks = tasks.range(first..).take_while(|(key, _)| *key.0 == *name);
        tasks.map(|(_, task)| task.clone()).collect()
    }

    pub(crate) fn keys(&self) -> HashSet<Key> {
        self.tasks.read().keys().cloned().collect()
    }

    pub(crate) fn insert(&self, key: Key, handle: TaskHandle) {
        self.tasks.write().insert(key, handle);
    }

    pub(crate) fn remove(&self, key: &Key) {
        self.tasks.write().remove(key);
    }

    /// Keeps what the store has of the task of this name, or of the module of this name, from being orphans.
    pub(crate) fn reserve(&self, name: Arc<str>) {
        self.reserved.write().insert(name);
    }

    pub(crate) fn release(&self, name: &str) {
        self.reserved.write().remove(name);
    }

    pub(crate) fn is_reserved(&self, task: &str) -> bool {
        self.reserved.read().iter().any(|name| belongs(task, name))
    }
}

/// Whether the task is the one of this name, or of the module of this name.
pub(crate) fn belongs(task: &str, name: &str) -> bool {
    task.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
