//! Every registered task, by name and scope.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use parking_lot::RwLock;

use crate::handle::TaskHandle;

/// Name and scope.
pub(crate) type Key = (Arc<str>, Arc<str>);

#[derive(Default)]
pub(crate) struct Directory(RwLock<BTreeMap<Key, TaskHandle>>);

impl Directory {
    pub(crate) fn all(&self) -> Vec<TaskHandle> {
        self.0.read().values().cloned().collect()
    }

    pub(crate) fn find(&self, key: &Key) -> Option<TaskHandle> {
        self.0.read().get(key).cloned()
    }

    pub(crate) fn named(&self, name: &str) -> Vec<TaskHandle> {
        let first: Key = (name.into(), "".into());
        let tasks = self.0.read();
        let tasks = tasks.range(first..).take_while(|(key, _)| *key.0 == *name);
        tasks.map(|(_, task)| task.clone()).collect()
    }

    pub(crate) fn keys(&self) -> HashSet<Key> {
        self.0.read().keys().cloned().collect()
    }

    pub(crate) fn insert(&self, key: Key, handle: TaskHandle) {
        self.0.write().insert(key, handle);
    }

    pub(crate) fn remove(&self, key: &Key) {
        self.0.write().remove(key);
    }
}
