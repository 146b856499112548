//! What the modules of a bot bring, known with no database, no gateway and no module loaded.

use std::io;

use cogsmith_tasks::Gate;
use serenity::model::gateway::GatewayIntents;

use super::{Command, Modules, Need};
use crate::{activity::Watchdog, host::Slots, switches::Availability};

/// What each module brings that the settings leave in, in order.
pub(crate) struct Manifest(Vec<Brought>);

/// What one module brings.
pub(crate) struct Brought {
    pub(crate) name: &'static str,
    pub(crate) availability: Availability,
    /// What it wants Discord to send.
    pub(crate) intents: GatewayIntents,
    pub(crate) needs: Vec<Need>,
    pub(crate) commands: Vec<Command>,
    /// Why it can never be loaded; it brings nothing else then.
    pub(crate) problems: Vec<String>,
}

impl Manifest {
    /// Asks each module what it brings.
    ///
    /// # Errors
    /// The system gives no thread to watch their code.
    pub(crate) fn of(modules: Modules) -> io::Result<Self> {
        let slots = Slots::new(Watchdog::start()?);
        let declared = modules.declared(&Gate::closed("Discord"), &slots);
        let allowed = declared.into_iter().filter(|(entry, _)| entry.is_allowed);
        let brought = allowed.map(|(entry, declared)| Brought {
            name: entry.name,
            availability: declared.availability,
            intents: declared.wanted_intents(),
            needs: declared.needs,
            commands: declared.commands,
            problems: declared.problems,
        });
        Ok(Self(brought.collect()))
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &Brought> {
        self.0.iter()
    }
}
