//! What a command receives, and how it reaches the host and its module.

use std::sync::Arc;

use super::{Module, Registry};
use crate::{error::Error, host::Host};

/// What every command can reach.
pub struct Data {
    /// The host.
    pub host: Host,
    /// The loaded modules.
    pub registry: Arc<Registry>,
}

/// What a command receives first: who used it and where, and how to answer.
pub type Context<'a> = poise::Context<'a, Data, Error>;

/// A command as poise's attribute builds it.
pub type Command = poise::Command<Data, Error>;

/// The two things a command asks its context for.
pub trait ContextExt {
    /// The host.
    fn host(&self) -> &Host;

    /// The state of the module that the command belongs to.
    ///
    /// # Panics
    /// The module is not loaded; a command of a loaded module asking for its own state is safe.
    fn module<M: Module>(&self) -> Arc<M>;
}

impl ContextExt for Context<'_> {
    fn host(&self) -> &Host {
        &self.data().host
    }

    fn module<M: Module>(&self) -> Arc<M> {
        let found = self.data().registry.find::<M>();
        found.unwrap_or_else(|| panic!("module {:?} is not loaded", M::NAME))
    }
}
