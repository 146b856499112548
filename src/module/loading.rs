//! Modules are loaded and unloaded, at any time; one that fails stops no other.

use std::time::Duration;

use anyhow::Context as _;
use cogsmith_tasks::ErrorChain;
use tokio::{
    task::JoinError,
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::{error, info};

use super::{Live, Registry, Standing, registry::Managed};
use crate::{
    bus::panic_text,
    error::{Error, Result},
};

/// How long a module may take to be loaded, and to be unloaded while the bot goes on, by the clock.
const PATIENCE: Duration = Duration::from_secs(30);

impl Registry {
    /// Loads every module that is on, in order, each with its tasks, which do not run before the engine is
    /// started. One that fails is told in the log and left out. What is stored of the tasks of modules that are
    /// not loaded is kept. When this is dropped on the way, those that were loaded are here to be unloaded.
    pub(crate) async fn load(&self) {
        for module in &self.modules {
            let is_on = self.host.switches().is_on_everywhere(module.name());
            if module.entry.is_allowed && is_on {
                self.bring_up(module).await;
            } else {
                self.host.engine().reserve(module.name());
            }
        }
        let loaded = self
            .allowed()
            .filter(|it| it.standing() == Standing::Loaded);
        let names: Vec<_> = loaded.map(Managed::name).collect();
        info!(modules = names.join(","), "loaded {} modules", names.len());
    }

    /// Loads one; a failure is told in the log, once, and is its standing.
    pub(super) async fn bring_up(&self, module: &Managed) {
        *module.standing.write() = Standing::Changing;
        let name = module.name();
        self.host.engine().release(name);
        let standing = match self.try_bring_up(module).await {
            Ok(()) => Standing::Loaded,
            Err(error) => {
                let reason = ErrorChain(&error).to_string();
                self.clear_away(module).await;
                self.host.count_failure();
                let hope = match module.declared.problems.is_empty() {
                    true => "; /module enable tries again",
                    false => "",
                };
                error!(
                    module.name = name,
                    "module {name} could not be loaded, and the bot goes on without it{hope}: {reason}"
                );
                Standing::Failed(reason.into())
            }
        };
        *module.standing.write() = standing;
    }

    async fn try_bring_up(&self, module: &Managed) -> Result<()> {
        let problems = &module.declared.problems;
        anyhow::ensure!(problems.is_empty(), "{}", problems.join("; "));
        let loading = (module.entry.load)(self.host.clone(), self.slots.clone());
        // On the threads of modules, which it may hold: a start can be stopped all the same.
        let loading = AbortOnDropHandle::new(self.threads.spawn(loading));
        let loaded = tokio::select! {
            loaded = loading => loaded,
            () = self.host.clock().sleep(PATIENCE) => {
                anyhow::bail!("it was not loaded after {} s", PATIENCE.as_secs())
            }
        };
        let Live {
            tasks,
            families,
            listeners,
            unload,
        } = match loaded {
            Ok(loaded) => loaded?,
            Err(error) => return Err(panicked(error)),
        };
        *module.live.lock() = Some(Live {
            tasks: Vec::new(),
            families: Vec::new(),
            listeners: Vec::new(),
            unload,
        });
        for task in tasks {
            let registered = self.host.engine().register(task).await;
            registered.context("registering a task")?;
        }
        for family in families {
            let added = self.host.add_family(family).await;
            added.context("registering a family")?;
        }
        for listener in listeners {
            self.host.events().add(listener);
        }
        Ok(())
    }

    /// What a load has left that did not succeed: listeners, tasks, and perhaps the module itself.
    async fn clear_away(&self, module: &Managed) {
        self.host.events().remove_module(module.name());
        self.host.engine().reserve(module.name());
        self.host.engine().unregister(module.name()).await;
        self.host.remove_families(module.name());
        let patience = self.host.clock().sleep(PATIENCE);
        self.unload_before(module, patience).await;
        (module.entry.clear)(&self.slots);
    }

    /// Unloads one while the bot goes on: its tasks end with their `after` hooks and stay stored, then `unload`.
    pub(super) async fn take_down(&self, module: &Managed) {
        *module.standing.write() = Standing::Changing;
        self.clear_away(module).await;
        self.host.progress().forget(module.name());
        *module.standing.write() = Standing::Off;
    }

    /// Unloads on the threads of modules, which it may hold. Cut off when `end` comes first.
    async fn unload_before(&self, module: &Managed, end: impl Future<Output = ()>) {
        let Some(Live { unload, .. }) = module.live.lock().take() else {
            return;
        };
        let unloading = AbortOnDropHandle::new(self.threads.spawn(unload()));
        let ended = tokio::select! {
            biased;
            unloaded = unloading => unloaded.unwrap_or_else(|error| Err(panicked(error))),
            () = end => Err(Error::msg("it had not ended in time and was cut off")),
        };
        if let Err(error) = ended {
            let (name, problem) = (module.name(), ErrorChain(&error));
            error!(module.name = name, "unloading {name}: {problem}");
        }
    }

    /// Unloads all in reverse order; what has not ended at `end` is dropped.
    pub(crate) async fn unload(&self, end: Instant) {
        for module in self.modules.iter().rev() {
            self.unload_before(module, sleep_until(end)).await;
            self.host.events().remove_module(module.name());
            (module.entry.clear)(&self.slots);
        }
    }
}

fn panicked(error: JoinError) -> Error {
    match error.try_into_panic() {
        Ok(panic) => Error::msg(format!("it panicked: {}", panic_text(&*panic))),
        Err(_) => Error::msg("its threads have ended"),
    }
}
