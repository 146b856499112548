//! The bots that a program is built with.

use crate::{
    config::{BotName, Known},
    module::Modules,
};

/// The bots that a program is built with: those that it names, each with modules of its own, or any that `BOTS`
/// names, all with the same modules, of which `ALPHA_MODULES` chooses.
///
/// ```no_run
/// use cogsmith::{bots::Bots, modules::{Help, Leaderboard, Welcome}, prelude::*};
///
/// fn main() -> std::process::ExitCode {
///     let greeter = Modules::default().with::<Welcome>();
///     let counter = Modules::default().with::<Leaderboard>().with::<Help>();
///     cogsmith::cli::run(Bots::new().with("greeter", greeter).with("counter", counter))
/// }
/// ```
#[derive(Clone, Default)]
pub struct Bots {
    modules: Modules,
    named: Vec<(BotName, Modules)>,
}

impl Bots {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one. Unless `BOTS` names fewer, every bot that was added runs.
    ///
    /// # Panics
    /// The name is none ([`BotName::new`] says why), or another bot has it.
    #[must_use]
    pub fn with(mut self, name: &str, modules: Modules) -> Self {
        let name = BotName::new(name).unwrap_or_else(|expected| {
            panic!("{name:?} names no bot: expected {expected}");
        });
        let is_taken = self.named.iter().any(|(taken, _)| *taken == name);
        assert!(!is_taken, "two bots are named {:?}", name.as_str());
        self.named.push((name, modules));
        self
    }

    /// What settings may name.
    pub(crate) fn known(&self) -> Known {
        let bots = self.named.iter();
        Known {
            modules: self.modules.names(),
            bots: bots
                .map(|(name, modules)| (name.clone(), modules.names()))
                .collect(),
        }
    }

    /// The modules of a bot; those of the first one where only one can be had.
    pub(crate) fn modules(&self, name: Option<&BotName>) -> &Modules {
        let mut named = self.named.iter();
        let own = named.find(|(own, _)| name.is_none_or(|name| own == name));
        own.map_or(&self.modules, |(_, modules)| modules)
    }
}

impl From<Modules> for Bots {
    fn from(modules: Modules) -> Self {
        Self {
            modules,
            named: Vec::new(),
        }
    }
}
