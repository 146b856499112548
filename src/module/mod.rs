//! What a module is: commands, listeners and tasks around one piece of state.
//!
//! A module says in [`Module::setup`] what it brings; it is loaded while it is switched on, and unloaded when it is
//! switched off and at shutdown.
//! Handlers are methods that take `&self`; the host calls them with one shared instance, while there is one.

mod answering;
mod claims;
mod context;
mod cooldown;
mod custom_id;
mod data;
mod declaration;
mod form;
mod handler;
mod invite;
mod jobs;
mod lists;
mod loading;
mod manifest;
mod method;
mod needs;
mod passing;
mod press;
mod registry;
mod setup;
mod standing;
mod stored;
mod switching;
mod telling;
mod validity;
mod waits;

use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use cogsmith_tasks::{Gate, TaskSpec};
use futures_util::{FutureExt, future::BoxFuture};

pub(crate) use answering::Answering;
pub(crate) use context::gone;
pub use context::{Command, Context, ContextExt, Data};
pub(crate) use cooldown::{Cooldowns, install as install_cooldowns};
pub use custom_id::{CustomId, IdArguments, IdPart};
pub use form::Form;
pub(crate) use handler::{Handler, Used};
pub use invite::invite;
pub(crate) use invite::permissions;
pub use jobs::JobSetup;
pub(crate) use jobs::Jobs;
pub(crate) use lists::Wish;
pub(crate) use manifest::{Brought, Manifest};
pub use method::Method;
pub use needs::Need;
pub(crate) use passing::{passes, status};
pub use press::Press;
pub(crate) use registry::Fold;
pub use registry::Registry;
pub use setup::{ListenerSetup, Setup, TaskSetup};
pub use standing::Standing;
pub use stored::{Json, Stores};
pub use switching::Switched;
pub use waits::Waits;

use claims::Claims;
use declaration::Declaration;

use crate::{
    activity::Activity,
    bus::{Listener, panic_text},
    error::Result,
    host::{Host, Shared, SharedValues, Slots},
    store::Migrations,
};

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

    /// Builds the state: at the start, and each time the module is switched on. The database is migrated. At the
    /// start tasks of earlier modules exist but do not run, and Discord is not connected.
    ///
    /// # Errors
    /// The module is left out, as when it panics or takes more than 30 s; the log names it, and `/module enable`
    /// tries again. The bot and every other module go on.
    fn load(host: Host) -> impl Future<Output = Result<Self>> + Send;

    /// Says what the module brings: the table of contents of its file. Called once before anything is loaded, and
    /// again with each load, so it does nothing else.
    fn setup(setup: &mut Setup<Self>);

    /// Runs at shutdown and when the module is switched off, after the tasks have ended and their `after` hooks ran.
    /// Not run after a crash.
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
    migrations: Migrations,
    shared: SharedValues,
}

#[derive(Clone, Copy)]
struct Entry {
    name: &'static str,
    /// Whether the settings leave it in.
    is_allowed: bool,
    declare: fn(&Gate, &Slots) -> Declaration,
    load: fn(Host, Arc<Slots>) -> BoxFuture<'static, Result<Live>>,
    clear: fn(&Slots),
}

/// What only a module that is loaded has.
struct Live {
    tasks: Vec<TaskSpec>,
    families: Vec<TaskSpec>,
    listeners: Vec<Listener>,
    unload: Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
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
            is_allowed: true,
            declare: declare::<M>,
            load: |host, slots| load::<M>(host, slots).boxed(),
            clear: |slots| slots.of::<M>().clear(),
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

    /// Gives the modules a value that other bots of the process may have too: [`Host::shared`] finds it by its type.
    ///
    /// # Panics
    /// They have another value of this type.
    #[must_use]
    pub fn share<T: Send + Sync + 'static>(mut self, value: &Shared<T>) -> Self {
        let name = std::any::type_name::<T>();
        assert!(self.shared.insert(value), "two values of {name} are shared");
        self
    }

    pub(crate) fn shared(&self) -> &SharedValues {
        &self.shared
    }

    pub(crate) fn own_migrations(&self) -> Migrations {
        self.migrations
    }

    /// Their names, in the order added.
    pub fn names(&self) -> Vec<&'static str> {
        self.entries.iter().map(|entry| entry.name).collect()
    }

    /// Keeps those named, and leaves the others out; `None` keeps all. What is stored of those stays.
    #[must_use]
    pub fn only(mut self, names: Option<&BTreeSet<String>>) -> Self {
        for entry in &mut self.entries {
            entry.is_allowed &= names.is_none_or(|names| names.contains(entry.name));
        }
        self
    }

    /// What each declares. A name belongs to the first that claims it; those that are left out claim none.
    fn declared(self, connected: &Gate, slots: &Slots) -> Vec<(Entry, Declaration)> {
        let mut claims = Claims::default();
        let declared = self.entries.into_iter().map(|entry| {
            let mut declared = (entry.declare)(connected, slots);
            if entry.is_allowed {
                claims.take(&mut declared);
            }
            (entry, declared)
        });
        declared.collect()
    }
}

fn declare<M: Module>(connected: &Gate, slots: &Slots) -> Declaration {
    let mut setup = Setup::new(slots.of::<M>(), connected);
    let declared = AssertUnwindSafe(|| M::setup(&mut setup));
    if let Err(panic) = catch_unwind(declared) {
        let text = panic_text(&*panic);
        setup
            .declared
            .problems
            .push(format!("its setup panicked: {text}"));
    }
    setup.declared
}

async fn load<M: Module>(host: Host, slots: Arc<Slots>) -> Result<Live> {
    let watchdog = host.watchdog().clone();
    let loading = Activity::new(M::NAME, "load");
    let loading = watchdog.clone().hold(loading, M::load(host.clone()));
    let module = Arc::new(Box::pin(loading).await?);
    let slot = slots.of::<M>();
    slot.fill(Arc::clone(&module));
    let mut setup = Setup::new(slot, host.connected());
    M::setup(&mut setup);
    Ok(Live {
        tasks: setup.tasks,
        families: setup.families,
        listeners: setup.listeners,
        unload: Box::new(move || {
            let module = Arc::clone(&module);
            let unloading = Activity::new(M::NAME, "unload");
            let unloaded = async move { module.unload().await };
            watchdog.clone().hold(unloading, unloaded).boxed()
        }),
    })
}
