//! Listeners that come and go at run time.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Event, Events, Listener, ListenerId, WaitError};
use crate::{activity::Activity, error::Result};

/// A listener that was added at run time: dropping it ends it. What it has in hand ends first.
#[must_use = "dropping a subscription ends it"]
pub struct Subscription {
    events: Events,
    id: ListenerId,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.events.remove(self.id);
    }
}

impl Events {
    /// Listens to a type from now on, until what is returned is dropped or [unsubscribed](Self::unsubscribe).
    /// `module` and `name` tell in log lines whose it is; it ends when that module is unloaded.
    ///
    /// As a listener of `setup.on`: one event of a guild after the other, failures logged, panics isolated.
    ///
    /// # Errors
    /// [`WaitError::NotDeclared`] for an event that Discord does not send to this bot,
    /// [`WaitError::NotAnEvent`] for a type that none ever has.
    pub fn subscribe<E, F>(
        &self,
        module: &'static str,
        name: impl Into<String>,
        listener: impl Fn(Event<E>) -> F + Send + Sync + 'static,
    ) -> Result<Subscription, WaitError>
    where
        E: Send + Sync + 'static,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.declared::<E>()?;
        let (name, listener) = (name.into(), Arc::new(listener));
        let (called, watchdog) = (name.clone(), self.0.watchdog.clone());
        let call = move |source: &super::Source| {
            let (event, listener) = (Event::<E>::of(source)?, Arc::clone(&listener));
            let activity = Activity::new(module, called.clone());
            let called = async move { listener(event).await };
            Some(watchdog.clone().hold(activity, called).boxed())
        };
        let listener = Listener::new::<E>(module, name, Box::new(call))?;
        Ok(Subscription {
            events: self.clone(),
            id: self.add(listener),
        })
    }

    /// Ends a subscription, as dropping it does.
    pub fn unsubscribe(&self, subscription: Subscription) {
        drop(subscription);
    }
}
