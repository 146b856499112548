//! What the modules of a bot bring, known with no database, no gateway and no module loaded.

use std::io;

use cogsmith_tasks::Gate;

use super::{Modules, Need};
use crate::{activity::Watchdog, host::Slots};

/// What each module brings that the settings leave in, in order.
pub(crate) struct Manifest(Vec<Brought>);

/// What one module brings.
pub(crate) struct Brought {
    pub(crate) name: &'static str,
    pub(crate) needs: Vec<Need>,
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
            needs: declared.needs,
        });
        Ok(Self(brought.collect()))
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &Brought> {
        self.0.iter()
    }
}
