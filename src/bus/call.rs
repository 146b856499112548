//! A listener is called with its event; what goes wrong is told and stops no other.

use std::{panic::AssertUnwindSafe, sync::atomic::Ordering::Relaxed};

use cogsmith_tasks::ErrorChain;
use futures_util::FutureExt;
use tracing::error;

use super::{Events, For, Listener, ListenerId, Source, panic_text, work};

impl Events {
    /// Gives one of Discord's events to one listener.
    pub(crate) async fn deliver(&self, listener: ListenerId, kind: &str, source: Source) {
        if let Some(listener) = self.find(listener) {
            self.call(&listener, &source, kind).await;
        }
    }

    /// Calls a listener; a failure or panic is logged.
    pub(super) async fn call(&self, listener: &Listener, source: &Source, kind: &str) {
        let guild = source.guild;
        if guild.is_some() && !self.0.switches.is_on(listener.module, guild) {
            return;
        }
        let of = match source.position {
            Some(_) => For::Delivery,
            None => For::Own,
        };
        let called = AssertUnwindSafe(work::run(&self.0.parked, of, async {
            match (listener.call)(source) {
                Some(future) => future.await,
                None => Ok(()),
            }
        }));
        let problem = match called.catch_unwind().await {
            Ok(Ok(())) => return listener.ended(false),
            Ok(Err(error)) => ErrorChain(&error).to_string(),
            Err(panic) => format!("it panicked: {}", panic_text(&*panic)),
        };
        listener.ended(true);
        self.0.failures.fetch_add(1, Relaxed);
        let (module, name) = (listener.module, &listener.name);
        error!(
            module.name = module,
            listener = %name,
            event.kind = kind,
            "a listener of {module} failed on {kind}: {problem}"
        );
    }
}
