//! What a command receives, and how it reaches the host and its module, and answers.

use std::{
    panic::resume_unwind,
    sync::{Arc, atomic::Ordering},
};

use anyhow::bail;
use poise::Modal;

use super::{Cooldowns, Module, Registry};
use crate::{
    audit::By,
    error::{Error, Result},
    host::Host,
    reply::Reply,
};

/// What every command can reach.
pub struct Data {
    /// The host.
    pub host: Host,
    /// The modules, loaded and not.
    pub registry: Arc<Registry>,
    pub(crate) cooldowns: Cooldowns,
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

    /// The state of the module that the command belongs to; of another one it asks [`Host::module`].
    ///
    /// When the module was switched off while the command waited, the command ends here, and its user is told so.
    ///
    /// # Panics
    /// The module is not loaded.
    fn module<M: Module>(&self) -> Arc<M>;

    /// Whoever uses the command, with the reason that they give: what [`Host::audit`] records a change with.
    fn by(&self, reason: Option<String>) -> By;

    /// Answers with a text, an [`Embed`](crate::reply::Embed), or a [`Reply`] of both, within Discord's limits
    /// whatever the texts are.
    ///
    /// # Errors
    /// Discord could not be reached, or the interaction is over.
    fn answer(self, reply: impl Into<Reply> + Send) -> impl Future<Output = Result<()>> + Send;

    /// Shows a form, whose handler is the one for `id`: see [`Setup::form`](super::Setup::form).
    ///
    /// # Errors
    /// Discord could not be reached, or something was answered or promised before: a form is the first answer.
    fn form<T: Modal>(self, id: String) -> impl Future<Output = Result<()>> + Send;
}

/// What a command that asks for a module which is not loaded panics with.
pub(crate) fn gone(module: &str) -> String {
    format!("module {module:?} is not loaded")
}

impl ContextExt for Context<'_> {
    fn host(&self) -> &Host {
        &self.data().host
    }

    fn module<M: Module>(&self) -> Arc<M> {
        let found = self.host().module::<M>();
        // No bug to be told by the panic hook: it may have been switched off while the command waited.
        found.unwrap_or_else(|| resume_unwind(Box::new(gone(M::NAME))))
    }

    fn by(&self, reason: Option<String>) -> By {
        By::user(self.author().id).because(reason)
    }

    async fn answer(self, reply: impl Into<Reply> + Send) -> Result<()> {
        self.send(reply.into().into()).await?;
        Ok(())
    }

    async fn form<T: Modal>(self, id: String) -> Result<()> {
        let Context::Application(ctx) = self else {
            bail!("a form answers a slash command or one of a menu");
        };
        let form = T::create(None, id);
        ctx.interaction.create_response(ctx, form).await?;
        ctx.has_sent_initial_response.store(true, Ordering::SeqCst);
        Ok(())
    }
}
