//! Which modules are switched on, everywhere and in each guild: durable, and asked without waiting.
//!
//! A switch of a guild remembers up to which event of the guild's session the state before it held, so that
//! messages which Discord sends again after a crash are folded, or passed over, as they were the first time.

mod availability;
mod module;
mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use cogsmith_tasks::{Clock, Gate};
use parking_lot::RwLock;
use serenity::model::id::GuildId;
use tokio::sync::Mutex;

pub use availability::Availability;

use module::Module;
use store::Row;

use crate::{
    audit::{Audit, By},
    events::Position,
    store::{Db, Result},
};

/// The switches of every module. Cheap to clone.
#[derive(Clone)]
pub struct Switches(Arc<Inner>);

struct Inner {
    db: Db,
    audit: Audit,
    /// By name; also modules that this process does not have.
    modules: RwLock<BTreeMap<String, Module>>,
    /// Guilds whose own command list at Discord may have commands.
    listed: RwLock<BTreeSet<GuildId>>,
    /// Held while something is changed, so that memory follows the database in order.
    changing: Mutex<()>,
}

impl Switches {
    /// Reads what is stored.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn open(db: Db, audit: Audit) -> Result<Self> {
        let mut modules: BTreeMap<String, Module> = BTreeMap::new();
        for (name, guild, row) in store::all(&db).await? {
            modules.entry(name).or_default().set(guild, row);
        }
        let listed = store::listed(&db).await?;
        Ok(Self(Arc::new(Inner {
            db,
            audit,
            modules: RwLock::new(modules),
            listed: RwLock::new(listed),
            changing: Mutex::default(),
        })))
    }

    /// Reads what is stored in a database that is only read: whatever is to be switched fails.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn open_to_read(db: Db) -> Result<Self> {
        let audit = Audit::open(db.clone(), Clock::system(), Duration::ZERO).await?;
        Self::open(db, audit).await
    }

    /// Says how a module stands where nobody has switched it.
    pub fn declare(&self, module: &str, availability: Availability) {
        let mut modules = self.0.modules.write();
        let module = modules.entry(module.to_owned()).or_default();
        module.availability = availability;
    }

    /// Whether a module is to be loaded.
    pub fn is_on_everywhere(&self, module: &str) -> bool {
        let modules = self.0.modules.read();
        modules.get(module).is_none_or(Module::is_on_everywhere)
    }

    /// Whether a module does its work in a guild, or with `None` in direct messages, while it is loaded.
    pub fn is_on(&self, module: &str, guild: Option<GuildId>) -> bool {
        let modules = self.0.modules.read();
        modules.get(module).is_none_or(|module| module.is_on(guild))
    }

    /// As [`Switches::is_on`], as it was when this event came.
    pub fn was_on(&self, module: &str, guild: Option<GuildId>, event: &Position) -> bool {
        let modules = self.0.modules.read();
        let module = modules.get(module);
        module.is_none_or(|module| module.was_on(guild, event))
    }

    /// Open while a module is on in a guild.
    pub fn gate(&self, module: &str, guild: GuildId) -> Gate {
        let mut modules = self.0.modules.write();
        modules.entry(module.to_owned()).or_default().gate(guild)
    }

    /// Switches a module everywhere; tells whether that is a change, which is recorded with it.
    ///
    /// # Errors
    /// The database refused, and nothing has changed.
    pub async fn set_everywhere(&self, module: &str, is_on: bool, by: &By) -> Result<bool> {
        let _turn = self.0.changing.lock().await;
        let was_on = self.is_on_everywhere(module);
        let row = Row { is_on, since: None };
        self.write(module, None, &row, was_on, by).await?;
        let mut modules = self.0.modules.write();
        modules.entry(module.to_owned()).or_default().set(None, row);
        Ok(was_on != is_on)
    }

    /// Switches a module in a guild, for the events after the one that `newest` tells; tells whether that is a
    /// change, which is recorded with it. `newest` is asked while no event is being folded.
    ///
    /// # Errors
    /// The database refused, and nothing has changed.
    pub async fn set_in(
        &self,
        module: &str,
        guild: GuildId,
        is_on: bool,
        newest: impl FnOnce() -> Option<Position>,
        by: &By,
    ) -> Result<bool> {
        let _turn = self.0.changing.lock().await;
        if self.is_on(module, Some(guild)) == is_on {
            return Ok(false);
        }
        let (row, before) = {
            let mut modules = self.0.modules.write();
            let row = Row {
                is_on,
                since: newest(),
            };
            let module = modules.entry(module.to_owned()).or_default();
            (row.clone(), module.set(Some(guild), row))
        };
        let written = self.write(module, Some(guild), &row, !is_on, by).await;
        if let Err(error) = written {
            let mut modules = self.0.modules.write();
            let module = modules.entry(module.to_owned()).or_default();
            module.restore(guild, before);
            return Err(error);
        }
        Ok(true)
    }

    async fn write(
        &self,
        module: &str,
        guild: Option<GuildId>,
        row: &Row,
        was_on: bool,
        by: &By,
    ) -> Result<()> {
        let mut transaction = self.0.db.begin().await?;
        store::set(&mut transaction, module, guild, row).await?;
        if was_on != row.is_on {
            let [word, was] = [row.is_on, was_on].map(|is_on| if is_on { "on" } else { "off" });
            let verb = if row.is_on { "enable" } else { "disable" };
            let change = by.did(format!("module {verb}"), module);
            let change = change.of_guild(guild).from(was).to(word);
            self.0.audit.record_in(&mut transaction, change).await?;
        }
        transaction.commit().await
    }

    /// What is stored of a guild: its switches by module.
    pub fn of(&self, guild: GuildId) -> BTreeMap<String, bool> {
        let modules = self.0.modules.read();
        let set = modules
            .iter()
            .filter_map(|(name, module)| Some((name.clone(), module.of(guild)?)));
        set.collect()
    }

    /// Forgets what a guild has switched.
    ///
    /// # Errors
    /// The database refused.
    pub async fn forget(&self, guild: GuildId) -> Result<()> {
        let _turn = self.0.changing.lock().await;
        store::forget(&self.0.db, guild).await?;
        let mut modules = self.0.modules.write();
        modules
            .values_mut()
            .for_each(|module| module.restore(guild, None));
        Ok(())
    }

    /// Guilds that have switched something, or whose own command list may have commands.
    pub fn guilds(&self) -> BTreeSet<GuildId> {
        let modules = self.0.modules.read();
        let switched = modules.values().flat_map(Module::guilds);
        let listed = self.0.listed.read().clone();
        switched.chain(listed).collect()
    }

    /// Whether a guild's own command list may have commands.
    pub fn is_listed(&self, guild: GuildId) -> bool {
        self.0.listed.read().contains(&guild)
    }

    /// Notes, before and after it changes, whether a guild's own command list has commands.
    ///
    /// # Errors
    /// The database refused.
    pub async fn note_list(&self, guild: GuildId, has_commands: bool) -> Result<()> {
        let _turn = self.0.changing.lock().await;
        if self.0.listed.read().contains(&guild) == has_commands {
            return Ok(());
        }
        store::note_list(&self.0.db, guild, has_commands).await?;
        let mut listed = self.0.listed.write();
        if has_commands {
            listed.insert(guild);
        } else {
            listed.remove(&guild);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
