//! Tasks that come and go while the engine runs: reminders, one task for each guild, one for each row.

use std::sync::Arc;

use serde::Serialize;

use crate::{
    engine::Engine, error::Error, handle::TaskHandle, payload::Carried, spec::TaskSpec,
    trigger::Trigger,
};

/// Tasks of one name: one code, and for each scope a task with a payload of its own.
///
/// Made by [`Engine::family`], which brings back every member that the store knows, so that a reminder
/// outlives the process that was asked for it. The scope is the key of a member, as `guild:123` or
/// `user:7:1042`: adding it a second time changes nothing and gives the first. Members are tasks like
/// any other. Those that have finished, and those with a single slot that have failed, are kept with
/// their runs for 30 days, and until then their keys are taken.
#[derive(Clone, Debug)]
pub struct Family {
    engine: Engine,
    spec: TaskSpec,
}

impl Family {
    pub(crate) fn new(engine: Engine, spec: TaskSpec) -> Self {
        Self { engine, spec }
    }

    /// Adds a member with the trigger of the family, which follows new defaults in the code. Returns
    /// when it is in the store. A member of this scope that is there already stays as it is.
    ///
    /// # Errors
    /// [`Error::BadName`] for an empty scope or one that no key can be; [`Error::BadPayload`] for a
    /// payload that is no JSON or longer than 64 KiB; else as [`Engine::register`]. Nothing is added.
    pub async fn add<T: Serialize + ?Sized>(
        &self,
        scope: impl Into<Arc<str>>,
        payload: &T,
    ) -> Result<TaskHandle, Error> {
        self.join(scope.into(), None, payload).await
    }

    /// Adds a member with a trigger of its own, such as [`once`](crate::once) for a reminder; it shows
    /// as overridden. Returns when it is in the store. A member of this scope that is there already
    /// stays as it is.
    ///
    /// # Errors
    /// As [`add`](Self::add); and for a trigger that cannot be used, what [`Trigger::check`] says.
    pub async fn schedule<T: Serialize + ?Sized>(
        &self,
        scope: impl Into<Arc<str>>,
        trigger: Trigger,
        payload: &T,
    ) -> Result<TaskHandle, Error> {
        self.join(scope.into(), Some(trigger), payload).await
    }

    /// Takes a member out and deletes its row and its runs. A run in progress is cancelled first, and
    /// `after` told [`Unloaded`](crate::EndReason::Unloaded). Tells whether there was one.
    ///
    /// # Errors
    /// As [`Engine::remove`].
    pub async fn remove(&self, scope: &str) -> Result<bool, Error> {
        self.engine.remove(&self.spec.name, scope).await
    }

    /// The member of this scope.
    #[must_use]
    pub fn get(&self, scope: &str) -> Option<TaskHandle> {
        self.engine.task_in(&self.spec.name, scope)
    }

    /// Every member, by scope; also those that have finished.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskHandle> {
        self.engine.tasks_named(&self.spec.name)
    }

    async fn join<T: Serialize + ?Sized>(
        &self,
        scope: Arc<str>,
        chosen: Option<Trigger>,
        payload: &T,
    ) -> Result<TaskHandle, Error> {
        let payload = Carried::Payload.write(&self.spec.name, payload)?;
        self.engine
            .join(self.spec.member(scope, chosen, payload))
            .await
    }
}
