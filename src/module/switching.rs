//! Modules are switched on and off, everywhere or in a guild; no restart.

use std::time::Duration;

use serenity::model::id::GuildId;
use tokio::time::timeout;
use tracing::{info, warn};

use super::{Registry, Standing, registry::Managed};
use crate::{
    audit::By,
    error::{Result, UserError},
    switches::Availability,
};

/// How long a switch waits, in real time as the person does, for what was counted to be written: that takes 0.1 s
/// while all is well.
const WRITING: Duration = Duration::from_millis(500);

/// What came of switching a module.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Switched {
    /// The module's name.
    pub module: &'static str,
    /// Whether the switch stood the other way before.
    pub is_change: bool,
    /// How the module stands now.
    pub standing: Standing,
    /// Whether Discord has taken the change of a guild's command list; `None` where there is none to change.
    pub listed: Option<bool>,
}

impl Registry {
    /// Switches a module on for all, and loads it, or tries again to; its tasks go on where they were. A guild
    /// that has switched it off stays without it. When this returns all of it is done and durable, with who did it.
    ///
    /// # Errors
    /// A [`UserError`] when there is no such module; the database refused, and nothing has changed.
    pub async fn enable(&self, name: &str, by: &By) -> Result<Switched> {
        let module = self.named(name)?;
        let _turn = self.switching.lock().await;
        let switches = self.host.switches();
        let is_change = switches.set_everywhere(module.name(), true, by).await?;
        if module.standing() != Standing::Loaded {
            if !module.declared.folds.is_empty() {
                self.host.pass_over(module.name()).await?;
            }
            self.bring_up(module).await;
        }
        Ok(told(module, is_change))
    }

    /// Switches a module off for all: its listeners and folds end, its tasks end with their `after` hooks and
    /// stay stored, then it is unloaded. To be called from another module's command or task: one of its own
    /// would wait for itself.
    ///
    /// # Errors
    /// A [`UserError`] when there is no such module or it is always on; the database refused, and nothing has
    /// changed.
    pub async fn disable(&self, name: &str, by: &By) -> Result<Switched> {
        let module = self.switchable(name)?;
        let _turn = self.switching.lock().await;
        let name = module.name();
        let switches = self.host.switches();
        let is_change = switches.set_everywhere(name, false, by).await?;
        if module.standing() == Standing::Loaded {
            self.take_down(module).await;
            info!(module.name = name, "module {name} was unloaded");
        }
        *module.standing.write() = Standing::Off;
        Ok(told(module, is_change))
    }

    /// Switches a module on or off in one guild.
    ///
    /// # Errors
    /// As [`Registry::disable`].
    pub async fn switch_in(
        &self,
        name: &str,
        guild: GuildId,
        is_on: bool,
        by: &By,
    ) -> Result<Switched> {
        let module = self.named(name)?;
        let is_fixed = module.declared.availability == Availability::AlwaysOn;
        if is_on && is_fixed {
            return Ok(told(module, false));
        }
        let module = self.switchable(name)?;
        let name = module.name();
        // A switch remembers from which event it holds, and not what it was before: after a crash, what was said
        // before it and is not written yet would come again and meet the new state.
        let written = self.host.progress().until_committed(name);
        if timeout(WRITING, written).await.is_err() {
            warn!(
                module.name = name,
                "{name} is switched before all that it has counted is written"
            );
        }
        let newest = || self.host.progress().newest_of(guild);
        let switches = self.host.switches();
        let is_change = switches.set_in(name, guild, is_on, newest, by).await?;
        let mut told = told(module, is_change);
        if module.declared.availability == Availability::OffByDefault {
            told.listed = Some(self.lists.sync(guild).await);
        }
        Ok(told)
    }

    /// Notes a switch while the bot rests, in one guild or everywhere: the next start heeds it.
    ///
    /// # Errors
    /// As [`Registry::enable`] and [`Registry::disable`].
    pub(crate) async fn note_switch(
        &self,
        name: &str,
        guild: Option<GuildId>,
        is_on: bool,
        by: &By,
    ) -> Result<Switched> {
        let module = match is_on {
            true => self.named(name)?,
            false => self.switchable(name)?,
        };
        let (name, switches) = (module.name(), self.host.switches());
        let is_fixed = module.declared.availability == Availability::AlwaysOn;
        let is_change = match guild {
            _ if is_fixed => false,
            Some(guild) => switches.set_in(name, guild, is_on, || None, by).await?,
            None => switches.set_everywhere(name, is_on, by).await?,
        };
        Ok(told(module, is_change))
    }

    fn named(&self, name: &str) -> Result<&Managed> {
        self.find(name).ok_or_else(|| {
            UserError::new(format!(
                "There is no module `{name}`. `/module list` shows them all."
            ))
            .into()
        })
    }

    fn switchable(&self, name: &str) -> Result<&Managed> {
        let module = self.named(name)?;
        if module.declared.availability == Availability::AlwaysOn {
            return Err(UserError::new(format!("`{name}` cannot be switched off.")).into());
        }
        Ok(module)
    }
}

fn told(module: &Managed, is_change: bool) -> Switched {
    Switched {
        module: module.name(),
        is_change,
        standing: module.standing(),
        listed: None,
    }
}
