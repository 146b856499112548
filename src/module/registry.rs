//! Every module of this bot: what it declares, whether it is loaded, and who listens to what.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use parking_lot::{Mutex, RwLock};
use serenity::model::{gateway::GatewayIntents, id::GuildId};
use tokio::{runtime::Handle, sync::mpsc};
use tracing::{error, info};

use super::{
    Command, Entry, Live, Modules, Need, Standing, Wish,
    declaration::Declaration,
    handler::{Handler, Used},
    lists::Lists,
};
use crate::{
    activity::Activity,
    bus::panic_text,
    error::{Result, UserError},
    events::LeanMessage,
    host::{Host, Slots},
    switches::Availability,
};

/// A fold, with the name its mark is kept under.
pub(crate) struct Fold {
    pub(super) module: &'static str,
    pub(super) activity: Activity,
    pub(super) call: Box<dyn Fn(&LeanMessage<'_>) + Send + Sync>,
}

/// One module, loaded or not.
pub(super) struct Managed {
    pub(super) entry: Entry,
    pub(super) declared: Declaration,
    pub(super) standing: RwLock<Standing>,
    pub(super) live: Mutex<Option<Live>>,
}

impl Managed {
    pub(super) fn name(&self) -> &'static str {
        self.entry.name
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing.read().clone()
    }

    fn is_loaded(&self) -> bool {
        *self.standing.read() == Standing::Loaded
    }
}

/// Every module that this bot is built with, in order.
pub struct Registry {
    pub(super) host: Host,
    /// Owned here, so that the modules end with the registry.
    pub(super) slots: Arc<Slots>,
    pub(super) modules: Vec<Managed>,
    /// By the names of its commands, the module's place in the list.
    by_command: BTreeMap<String, usize>,
    pub(super) lists: Lists,
    /// Where modules' code runs.
    pub(super) threads: Handle,
    /// Held while a module is switched.
    pub(super) switching: tokio::sync::Mutex<()>,
}

impl Registry {
    /// Takes down what each module declares, and makes it known to settings and switches; none is loaded yet.
    pub(crate) fn new(modules: Modules, host: Host, slots: Arc<Slots>) -> Self {
        let declared = modules.declared(host.connected(), &slots).into_iter();
        let managed = declared.map(|(entry, declared)| Managed {
            entry,
            declared,
            standing: RwLock::default(),
            live: Mutex::default(),
        });
        let modules: Vec<_> = managed.collect();
        for module in modules.iter().filter(|module| module.entry.is_allowed) {
            let declared = &module.declared;
            host.settings().declare(declared.settings.clone());
            host.events().declare(declared.intents);
            for cached in &declared.cached {
                host.cache().keep(*cached);
            }
            if let Some(reason) = declared.chunks_members {
                let name = module.name();
                info!(
                    module.name = name,
                    "{name} asks for every member of large servers: {reason}"
                );
            }
            if let Some(reason) = declared.reads_content {
                let name = module.name();
                info!(
                    module.name = name,
                    "{name} reads the text of messages: {reason}"
                );
            }
            host.switches()
                .declare(module.name(), declared.availability);
        }
        let names = modules.iter().enumerate().flat_map(|(place, module)| {
            let commands = module.declared.commands.iter();
            commands.map(move |command| (command.name.to_string(), place))
        });
        Self {
            by_command: names.collect(),
            host,
            slots,
            modules,
            lists: Lists::default(),
            threads: Handle::current(),
            switching: tokio::sync::Mutex::default(),
        }
    }

    pub(super) fn allowed(&self) -> impl DoubleEndedIterator<Item = &Managed> {
        self.modules.iter().filter(|module| module.entry.is_allowed)
    }

    /// The names of the modules that may be switched on and off, in loading order: all but those that the
    /// setting `MODULES` leaves out.
    pub fn names(&self) -> Vec<&'static str> {
        self.allowed().map(Managed::name).collect()
    }

    /// How a module stands; `None` for one that is not among [`Registry::names`].
    pub fn standing(&self, name: &str) -> Option<Standing> {
        self.find(name).map(Managed::standing)
    }

    /// Whether a module is on where nobody has switched it; `None` for one that is not there.
    pub fn availability(&self, name: &str) -> Option<Availability> {
        self.find(name).map(|module| module.declared.availability)
    }

    /// Whether the command of this name, or whose group has this name, can do anything in a guild, or in direct
    /// messages: its module is loaded and on there.
    pub fn is_usable(&self, command: &str, guild: Option<GuildId>) -> bool {
        self.admit(command, guild).is_ok()
    }

    /// The names of those that could not be loaded.
    pub fn failed(&self) -> Vec<&'static str> {
        let failed = self
            .allowed()
            .filter(|module| matches!(module.standing(), Standing::Failed(_)));
        failed.map(Managed::name).collect()
    }

    /// The wishes that Discord's copy of the commands be looked at, from now on.
    pub(crate) fn wishes(&self) -> mpsc::UnboundedReceiver<Wish> {
        self.lists.listen()
    }

    pub(crate) fn wish(&self, wish: Wish) {
        self.lists.leave(wish);
    }

    pub(super) fn find(&self, name: &str) -> Option<&Managed> {
        self.allowed()
            .find(|module| module.name().eq_ignore_ascii_case(name))
    }

    /// What happens while the task of this full name is stopped, if its module says so.
    pub fn stop_warning(&self, task: &str) -> Option<&'static str> {
        let mut modules = self.allowed();
        modules.find_map(|module| module.declared.stop_warnings.get(task).copied())
    }

    /// The commands of every module, loaded or not: Discord has them all the same.
    pub(crate) fn take_commands(&mut self) -> Vec<Command> {
        let modules = self.modules.iter_mut();
        let allowed = modules.filter(|module| module.entry.is_allowed);
        allowed
            .flat_map(|module| module.declared.commands.drain(..))
            .collect()
    }

    /// The module that a command of this name belongs to, and whether it is global.
    pub(crate) fn owner_of(&self, command: &str) -> Option<(&'static str, Availability)> {
        let module = &self.modules[*self.by_command.get(command)?];
        Some((module.name(), module.declared.availability))
    }

    /// Whether the command of this name may be used in a guild, or in direct messages.
    ///
    /// # Errors
    /// A sentence for whoever used it, when its module is off there or could not be loaded.
    pub(crate) fn admit(&self, command: &str, guild: Option<GuildId>) -> Result<(), UserError> {
        let module = self.by_command.get(command);
        module.map_or(Ok(()), |module| self.admits(&self.modules[*module], guild))
    }

    fn admits(&self, module: &Managed, guild: Option<GuildId>) -> Result<(), UserError> {
        let name = module.name();
        let sentence = match module.standing() {
            Standing::Loaded if self.host.switches().is_on(name, guild) => return Ok(()),
            Standing::Loaded if guild.is_some() => format!(
                "`{name}` is switched off in this server. Whoever manages the server can switch it on: \
                 `/module enable`."
            ),
            Standing::Loaded => format!("`{name}` works in servers only, where it is switched on."),
            Standing::Off => format!("`{name}` is switched off at the moment."),
            Standing::Changing => {
                format!("`{name}` is being switched on or off. Please try again in a moment.")
            }
            Standing::Failed(_) => format!(
                "`{name}` could not be loaded, so this does not work at the moment. The bot's owner knows why."
            ),
        };
        Err(UserError::new(sentence))
    }

    /// What Discord must be asked to send: for every module, so that one may be loaded at any time.
    pub(crate) fn intents(&self) -> GatewayIntents {
        let wanted = self.wanted_intents().map(|(_, intents)| intents);
        wanted.fold(self.host.events().intents(), GatewayIntents::union)
    }

    /// What each module wants Discord to send.
    pub(crate) fn wanted_intents(&self) -> impl Iterator<Item = (&'static str, GatewayIntents)> {
        self.allowed()
            .map(|module| (module.name(), module.declared.wanted_intents()))
    }

    /// What each module needs the bot to be allowed to do, those that are off included: `cogsmith invite` asks
    /// for all of it.
    pub fn needs(&self) -> impl Iterator<Item = (&'static str, &Need)> {
        self.allowed().flat_map(|module| {
            let needs = module.declared.needs.iter();
            needs.map(|need| (module.name(), need))
        })
    }

    /// Whether any module wants every member of large guilds.
    pub(crate) fn chunks_members(&self) -> bool {
        let mut modules = self.allowed();
        modules.any(|module| module.declared.chunks_members.is_some())
    }

    /// Whether any module folds messages.
    pub(crate) fn folds_messages(&self) -> bool {
        self.folds().next().is_some()
    }

    /// Offers a message to every fold that has not counted it yet; one that panics stops no other.
    ///
    /// One of a guild in which the module was off when it came is passed over: it is in no state that waits to be
    /// written, and the switch remembers for which messages that was so.
    pub(crate) fn fold(&self, message: &LeanMessage<'_>) {
        let (host, position) = (&self.host, message.position);
        for (module, fold) in self.folds() {
            let switches = host.switches();
            let is_to_be_folded = module.is_loaded()
                && switches.was_on(fold.module, message.guild_id, position)
                && !host.progress().is_replay(fold.module, position);
            if !is_to_be_folded {
                continue;
            }
            host.progress().folded(fold.module, position);
            let _polling = host.watchdog().polling(&fold.activity);
            let folded = std::panic::catch_unwind(AssertUnwindSafe(|| (fold.call)(message)));
            if let Err(panic) = folded {
                host.count_failure();
                let text = panic_text(&*panic);
                error!(module.name = fold.module, "a fold panicked: {text}");
            }
        }
    }

    /// Who handles this component or form, and what stands for the arguments in its id.
    pub(crate) fn handler(&self, used: &Used) -> Option<(&Handler, Vec<String>)> {
        self.handlers()
            .find_map(|(_, handler)| Some((handler, handler.arguments(used)?)))
    }

    /// Whether a module's handlers may be used in a guild, or in direct messages.
    ///
    /// # Errors
    /// As [`Registry::admit`].
    pub(crate) fn admit_handler(
        &self,
        handler: &Handler,
        guild: Option<GuildId>,
    ) -> Result<(), UserError> {
        let module = self.find(handler.handled.module);
        module.map_or(Ok(()), |module| self.admits(module, guild))
    }

    fn handlers(&self) -> impl Iterator<Item = (&Managed, &Handler)> {
        self.allowed().flat_map(|module| {
            let handlers = module.declared.handlers.iter();
            handlers.map(move |handler| (module, handler))
        })
    }

    fn folds(&self) -> impl Iterator<Item = (&Managed, &Fold)> {
        self.allowed().flat_map(|module| {
            let folds = module.declared.folds.iter();
            folds.map(move |fold| (module, fold))
        })
    }
}
