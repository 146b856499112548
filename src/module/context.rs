//! What a command receives, and how it reaches the host and its module, and answers.

use std::{sync::Arc, time::Duration};

use tokio::time::timeout;
use tracing::warn;

use super::{Module, Registry};
use crate::{
    error::{Error, Result},
    host::Host,
    reply::Reply,
};

/// Discord waits 3 s for the first sign of an answer; two of them are for the way there.
const PROMISE_AFTER: Duration = Duration::from_secs(1);

/// What every command can reach.
pub struct Data {
    /// The host.
    pub host: Host,
    /// The modules, loaded and not.
    pub registry: Arc<Registry>,
}

/// What a command receives first: who used it and where, and how to answer.
pub type Context<'a> = poise::Context<'a, Data, Error>;

/// A command as poise's attribute builds it.
pub type Command = poise::Command<Data, Error>;

/// What a command asks its context for.
pub trait ContextExt: Sized {
    /// The host.
    fn host(&self) -> &Host;

    /// As [`Host::blocking`]: calls `work`, which computes for long or blocks, where it holds up nobody.
    ///
    /// # Errors
    /// As [`Host::blocking`].
    fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<T>> + Send {
        let host = self.host().clone();
        async move { host.blocking(work).await }
    }

    /// The state of the module that the command belongs to.
    ///
    /// # Panics
    /// The module is not loaded; a command asking for the state of its own module is safe, and of another it
    /// asks [`Host::module`].
    fn module<M: Module>(&self) -> Arc<M>;

    /// Answers with a text, an [`Embed`](crate::reply::Embed), or a [`Reply`] of both, within Discord's limits
    /// whatever the texts are.
    ///
    /// # Errors
    /// Discord could not be reached, or the interaction is over.
    fn answer(self, reply: impl Into<Reply> + Send) -> impl Future<Output = Result<()>> + Send;

    /// Awaits `work`, of any length: after a second Discord is promised the answer, which may then take 15
    /// minutes. The answer is ephemeral when the command is.
    fn patiently<T: Send>(
        self,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = T> + Send;
}

impl ContextExt for Context<'_> {
    fn host(&self) -> &Host {
        &self.data().host
    }

    fn module<M: Module>(&self) -> Arc<M> {
        let found = self.host().module::<M>();
        found.unwrap_or_else(|| panic!("module {:?} is not loaded", M::NAME))
    }

    async fn answer(self, reply: impl Into<Reply> + Send) -> Result<()> {
        self.send(reply.into().into()).await?;
        Ok(())
    }

    async fn patiently<T: Send>(self, work: impl Future<Output = T> + Send) -> T {
        let mut work = Box::pin(work);
        if let Ok(done) = timeout(PROMISE_AFTER, &mut work).await {
            return done;
        }
        let promised = if self.command().ephemeral {
            self.defer_ephemeral().await
        } else {
            self.defer().await
        };
        if let Err(error) = promised {
            warn!("an answer could not be promised: {error}");
        }
        work.await
    }
}
