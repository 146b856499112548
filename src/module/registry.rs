//! The modules that are loaded: their state, and who listens to what.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
    sync::Arc,
};

use anyhow::Context as _;
use cogsmith_tasks::{ErrorChain, TaskSpec};
use futures_util::{FutureExt, future::BoxFuture};
use serenity::model::{event::Event as AnyEvent, gateway::GatewayIntents};
use tokio::time::{Instant, timeout_at};
use tracing::error;

use super::{Command, Modules};
use crate::{
    error::Result,
    events::{LeanMessage, Position},
    host::Host,
    settings::Declared,
};

/// A listener, with its module's name for logs.
pub(crate) struct Listener {
    pub(super) module: &'static str,
    pub(super) kind: &'static str,
    pub(super) intents: GatewayIntents,
    /// Which messages it wants; `None` wants all.
    pub(super) only: Option<Box<Only>>,
    pub(super) call: Box<Call>,
}

pub(super) type Only = dyn Fn(&LeanMessage<'_>) -> bool + Send + Sync;

type Call =
    dyn Fn(&Arc<AnyEvent>, &Position) -> Option<BoxFuture<'static, Result<()>>> + Send + Sync;

/// A fold, with the name its mark is kept under.
pub(crate) struct Fold {
    pub(super) module: &'static str,
    pub(super) call: Box<dyn Fn(&LeanMessage<'_>) + Send + Sync>,
}

/// A module after `load` and `setup`.
pub(crate) struct Loaded {
    pub(super) name: &'static str,
    pub(super) state: Arc<dyn Any + Send + Sync>,
    pub(super) commands: Vec<Command>,
    pub(super) listeners: Vec<Listener>,
    pub(super) folds: Vec<Fold>,
    pub(super) tasks: Vec<TaskSpec>,
    pub(super) settings: Vec<Declared>,
    pub(super) stop_warnings: BTreeMap<String, &'static str>,
    pub(super) unload: Box<dyn Fn() -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

/// Every loaded module.
#[derive(Default)]
pub struct Registry {
    modules: Vec<Loaded>,
}

impl Registry {
    /// Loads the modules in order and registers their tasks, which do not run yet. What is stored of the tasks
    /// of modules that are switched off is kept. After a failure, or when it is dropped on the way, those that
    /// were loaded are here to be unloaded.
    pub(crate) async fn load(&mut self, modules: Modules, host: &Host) -> Result<()> {
        for name in modules.off {
            host.engine().reserve(name);
        }
        for entry in modules.entries {
            let module = (entry.load)(host.clone()).await;
            let module = module.with_context(|| format!("loading module {}", entry.name))?;
            host.settings().declare(module.settings.clone());
            self.modules.push(module);
        }
        let modules = self.modules.iter_mut();
        for spec in modules.flat_map(|module| module.tasks.drain(..)) {
            let registered = host.engine().register(spec).await;
            registered.context("registering a task")?;
        }
        Ok(())
    }

    /// The state of a module, if it is loaded.
    pub fn find<M: Send + Sync + 'static>(&self) -> Option<Arc<M>> {
        self.modules
            .iter()
            .find_map(|module| Arc::clone(&module.state).downcast().ok())
    }

    /// The names of the loaded modules, in loading order.
    pub fn names(&self) -> Vec<&'static str> {
        self.modules.iter().map(|module| module.name).collect()
    }

    /// What happens while the task of this full name is stopped, if its module says so.
    pub fn stop_warning(&self, task: &str) -> Option<&'static str> {
        let mut modules = self.modules.iter();
        modules.find_map(|module| module.stop_warnings.get(task).copied())
    }

    pub(crate) fn take_commands(&mut self) -> Vec<Command> {
        self.modules
            .iter_mut()
            .flat_map(|module| module.commands.drain(..))
            .collect()
    }

    /// What Discord must be asked to send.
    pub(crate) fn intents(&self) -> GatewayIntents {
        let folds = self.folds().map(|_| GatewayIntents::GUILD_MESSAGES);
        let listeners = self.listeners().map(|listener| listener.intents);
        folds
            .chain(listeners)
            .fold(GatewayIntents::GUILDS, GatewayIntents::union)
    }

    /// The event kinds that somebody listens to.
    pub(crate) fn kinds(&self) -> BTreeSet<&'static str> {
        self.listeners().map(|listener| listener.kind).collect()
    }

    /// Whether any module folds messages.
    pub(crate) fn folds_messages(&self) -> bool {
        self.folds().next().is_some()
    }

    /// Offers a message to every fold that has not counted it yet; one that panics stops no other.
    pub(crate) fn fold(&self, message: &LeanMessage<'_>, host: &Host) {
        for fold in self.folds() {
            if host.progress().is_replay(fold.module, message.position) {
                continue;
            }
            host.progress().folded(fold.module, message.position);
            let folded = std::panic::catch_unwind(AssertUnwindSafe(|| (fold.call)(message)));
            if let Err(panic) = folded {
                host.count_failure();
                let text = panic_text(&*panic);
                error!(module.name = fold.module, "a fold panicked: {text}");
            }
        }
    }

    /// The listeners that want this event, by their number among all.
    pub(crate) fn listeners_to(&self, kind: &str, message: Option<&LeanMessage<'_>>) -> Vec<usize> {
        let wants = |listener: &Listener| {
            let only = listener.only.as_ref().zip(message);
            listener.kind == kind && only.is_none_or(|(only, message)| only(message))
        };
        let all = self.listeners().enumerate();
        all.filter_map(|(number, listener)| wants(listener).then_some(number))
            .collect()
    }

    /// The module of a listener.
    pub(crate) fn module_of(&self, listener: usize) -> &'static str {
        let found = self.listeners().nth(listener);
        found.map_or("no module", |listener| listener.module)
    }

    /// Gives an event to one listener; a failure or panic is logged.
    pub(crate) async fn notify(
        &self,
        listener: usize,
        event: &Arc<AnyEvent>,
        position: &Position,
        host: &Host,
    ) {
        let Some(listener) = self.listeners().nth(listener) else {
            return;
        };
        if let Some(future) = (listener.call)(event, position) {
            guarded(listener, future, host).await;
        }
    }

    /// Unloads in reverse order; what has not ended at `end` is dropped.
    pub(crate) async fn unload(&self, end: Instant) {
        for module in self.modules.iter().rev() {
            let problem = match timeout_at(end, (module.unload)()).await {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => ErrorChain(&error).to_string(),
                Err(_) => "it had not ended in time and was cut off".to_owned(),
            };
            let name = module.name;
            error!(module.name = name, "unloading {name}: {problem}");
        }
    }

    fn listeners(&self) -> impl Iterator<Item = &Listener> {
        self.modules.iter().flat_map(|module| &module.listeners)
    }

    fn folds(&self) -> impl Iterator<Item = &Fold> {
        self.modules.iter().flat_map(|module| &module.folds)
    }
}

async fn guarded(listener: &Listener, future: BoxFuture<'static, Result<()>>, host: &Host) {
    let problem = match AssertUnwindSafe(future).catch_unwind().await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => ErrorChain(&error).to_string(),
        Err(panic) => format!("it panicked: {}", panic_text(&*panic)),
    };
    host.count_failure();
    let (module, kind) = (listener.module, listener.kind);
    error!(
        module.name = module,
        event.kind = kind,
        "a listener of {module} failed on {kind}: {problem}"
    );
}

fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
