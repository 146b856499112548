//! What a module is: commands, listeners and tasks around one piece of state.
//!
//! A module is loaded once, says in [`Module::setup`] what it brings, and is unloaded at shutdown.
//! Handlers are methods that take `&self`; the host calls them with one shared instance.

mod context;
mod event;
mod method;
mod passing;
mod registry;
mod setup;

use std::{any::Any, collections::BTreeSet, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

pub use context::{Command, Context, ContextExt, Data};
pub use event::{Event, Listen};
pub use method::Method;
pub(crate) use passing::{passes, status};
pub use registry::Registry;
pub(crate) use registry::{Fold, Listener, Loaded};
pub use setup::{ListenerSetup, Setup, TaskSetup};

use crate::{error::Result, host::Host, store::Migrations};

/// A piece of the bot: what `modules/` is made of.
///
/// ```
/// use cogsmith::prelude::*;
///
/// pub struct Greeter;
///
/// impl Module for Greeter {
///     const NAME: &'static str = "greeter";
///
///     async fn load(_host: Host) -> Result<Self> {
///         Ok(Self)
///     }
///
///     fn setup(setup: &mut Setup<Self>) {
///         setup.task("breathe", every(secs(60)), Self::breathe);
///     }
/// }
///
/// impl Greeter {
///     async fn breathe(&self, _run: Run) -> Result<()> {
///         Ok(())
///     }
/// }
/// ```
pub trait Module: Send + Sync + Sized + 'static {
    /// Lower case, unique, and never changed: it prefixes the durable names of tasks and tables.
    const NAME: &'static str;

    /// Builds the state. The database is migrated; tasks exist but do not run; Discord is not connected.
    ///
    /// # Errors
    /// Any error ends the start of the process, named after the module.
    fn load(host: Host) -> impl Future<Output = Result<Self>> + Send;

    /// Says what the module brings: the table of contents of its file.
    fn setup(setup: &mut Setup<Self>);

    /// Runs at shutdown, after the tasks have ended and their `after` hooks ran. Not run after a crash.
    ///
    /// # Errors
    /// Logged; the shutdown goes on.
    fn unload(&self) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// The modules that a binary is built with.
#[derive(Clone, Default)]
pub struct Modules {
    entries: Vec<Entry>,
    /// The names of those that are switched off: what is stored of their tasks stays.
    off: Vec<&'static str>,
    migrations: Migrations,
}

#[derive(Clone, Copy)]
struct Entry {
    name: &'static str,
    load: fn(Host) -> BoxFuture<'static, Result<Loaded>>,
}

impl Modules {
    /// Adds one.
    ///
    /// # Panics
    /// Another module has the same name: durable task names would clash.
    #[must_use]
    pub fn with<M: Module>(mut self) -> Self {
        assert!(
            !self.names().contains(&M::NAME),
            "two modules are named {:?}",
            M::NAME
        );
        self.entries.push(Entry {
            name: M::NAME,
            load: |host| load::<M>(host).boxed(),
        });
        self
    }

    /// Brings the tables of the project, applied before the modules are loaded; those of modules that are
    /// switched off too.
    #[must_use]
    pub fn migrations(mut self, migrations: Migrations) -> Self {
        self.migrations = migrations;
        self
    }

    pub(crate) fn own_migrations(&self) -> Migrations {
        self.migrations
    }

    /// Their names, in the order added.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries.iter().map(|entry| entry.name).collect()
    }

    /// Keeps those named, and switches the others off; `None` keeps all.
    #[must_use]
    pub fn only(mut self, names: Option<&BTreeSet<String>>) -> Self {
        let is_on = |entry: &Entry| names.is_none_or(|names| names.contains(entry.name));
        let off = self.entries.extract_if(.., |entry| !is_on(entry));
        self.off.extend(off.map(|entry| entry.name));
        self
    }
}

async fn load<M: Module>(host: Host) -> Result<Loaded> {
    let connected = host.connected().clone();
    let module = Arc::new(M::load(host).await?);
    let mut setup = Setup::new(Arc::clone(&module), connected);
    M::setup(&mut setup);
    let unloading = Arc::clone(&module);
    Ok(Loaded {
        name: M::NAME,
        state: module as Arc<dyn Any + Send + Sync>,
        commands: setup.commands,
        listeners: setup.listeners,
        folds: setup.folds,
        tasks: setup.tasks,
        settings: setup.settings,
        stop_warnings: setup.stop_warnings,
        unload: Box::new(move || {
            let module = Arc::clone(&unloading);
            async move { module.unload().await }.boxed()
        }),
    })
}
