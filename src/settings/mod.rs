//! What each guild has set: values of declared keys, validated, durable, and read without waiting.
//!
//! A module declares a [`Setting`] and reads it with [`Settings::get`]; a guild that has set nothing gets the
//! default.
//! Only what was set is stored. Everything stored is in memory as well: one process owns the database.

mod declared;
mod kind;
mod setting;
mod store;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use parking_lot::RwLock;
use serenity::model::id::GuildId;
use tokio::sync::Mutex;
use tracing::warn;

pub use declared::Declared;
pub use kind::Kind;
pub use setting::{Setting, Value};

use crate::{
    audit::{Audit, By},
    error::{Result, UserError},
    store::Db,
};

type Values = BTreeMap<String, String>;

/// The settings of every guild. Cheap to clone.
#[derive(Clone)]
pub struct Settings(Arc<Inner>);

struct Inner {
    db: Db,
    audit: Audit,
    declared: RwLock<Vec<Declared>>,
    values: RwLock<HashMap<GuildId, Values>>,
    /// Held while something is changed, so that memory follows the database in order.
    changing: Mutex<()>,
}

impl Settings {
    /// Reads what is stored; nothing is declared yet.
    ///
    /// # Errors
    /// The database cannot be read.
    pub(crate) async fn open(db: Db, audit: Audit) -> Result<Self> {
        let mut values: HashMap<GuildId, Values> = HashMap::new();
        for (guild, key, value) in store::all(&db).await? {
            values.entry(guild).or_default().insert(key, value);
        }
        Ok(Self(Arc::new(Inner {
            db,
            audit,
            declared: RwLock::default(),
            values: RwLock::new(values),
            changing: Mutex::default(),
        })))
    }

    /// Makes these known, and logs each stored value that they do not accept.
    ///
    /// # Panics
    /// A key is declared twice.
    pub(crate) fn declare(&self, declared: impl IntoIterator<Item = Declared>) {
        let mut known = self.0.declared.write();
        for new in declared {
            let is_new = known.iter().all(|it| it.key() != new.key());
            assert!(is_new, "the setting {:?} is declared twice", new.key());
            known.push(new);
        }
        for (guild, values) in &*self.0.values.read() {
            known.iter().for_each(|it| complain(*guild, it, values));
        }
    }

    /// Every setting of every module that this process has, in the order declared.
    pub fn declared(&self) -> Vec<Declared> {
        self.0.declared.read().clone()
    }

    /// The setting of this key, in whatever case it is written.
    pub fn find(&self, key: &str) -> Option<Declared> {
        let declared = self.0.declared.read();
        let mut declared = declared.iter();
        declared
            .find(|it| it.key().eq_ignore_ascii_case(key))
            .cloned()
    }

    /// What holds in a guild: what was set there, else the default. A stored value that is not accepted any
    /// more, as one of an older version may be, counts as not set.
    pub fn get<T: Value>(&self, guild: GuildId, setting: &Setting<T>) -> T {
        let values = self.0.values.read();
        let stored = values.get(&guild).and_then(|it| it.get(setting.key()));
        let stored = stored.and_then(|text| setting.read(text));
        stored.unwrap_or_else(|| setting.fallback())
    }

    /// The text of what was set in a guild and is accepted; `None` where the default holds.
    pub fn text(&self, guild: GuildId, setting: &Declared) -> Option<String> {
        let values = self.0.values.read();
        let stored = values.get(&guild)?.get(setting.key())?;
        setting.kind().read(stored).ok()
    }

    /// Sets a value for a guild, in the words of whoever sets it; returns the text that is kept. A change is
    /// recorded with it.
    ///
    /// # Errors
    /// A [`UserError`] that names the value and what was expected; else the database refused, and nothing has
    /// changed.
    pub async fn set(
        &self,
        guild: GuildId,
        setting: &Declared,
        given: &str,
        by: &By,
    ) -> Result<String> {
        let value = setting.kind().read(given).map_err(|expected| {
            let key = setting.key();
            UserError::new(format!(
                "`{given}` is no value for `{key}`: I expected {expected}."
            ))
        })?;
        self.change(guild, setting, Some(&value), by).await?;
        Ok(value)
    }

    /// Goes back to the default; tells whether anything else was set. A change is recorded with it.
    ///
    /// # Errors
    /// The database refused, and nothing has changed.
    pub async fn reset(&self, guild: GuildId, setting: &Declared, by: &By) -> Result<bool> {
        self.change(guild, setting, None, by).await
    }

    async fn change(
        &self,
        guild: GuildId,
        setting: &Declared,
        value: Option<&str>,
        by: &By,
    ) -> Result<bool> {
        let _turn = self.0.changing.lock().await;
        let before = self.text(guild, setting);
        let is_change = before.as_deref() != value;
        let mut transaction = self.0.db.begin().await?;
        store::write(&mut transaction, guild, setting.key(), value).await?;
        if is_change {
            let verb = if value.is_some() { "set" } else { "reset" };
            let change = by.did_in(guild, format!("settings {verb}"), setting.key());
            let change = change.from(setting.in_words(before.as_deref()));
            let change = change.to(setting.in_words(value));
            self.0.audit.record_in(&mut transaction, change).await?;
        }
        transaction.commit().await?;
        self.keep(guild, setting.key(), value);
        Ok(is_change)
    }

    fn keep(&self, guild: GuildId, key: &str, value: Option<&str>) {
        let mut values = self.0.values.write();
        let values = values.entry(guild).or_default();
        match value {
            Some(value) => drop(values.insert(key.to_owned(), value.to_owned())),
            None => drop(values.remove(key)),
        }
    }

    /// All that is stored of a guild by key, also of modules that are off or gone.
    pub fn of(&self, guild: GuildId) -> BTreeMap<String, String> {
        let values = self.0.values.read();
        values.get(&guild).cloned().unwrap_or_default()
    }

    /// Forgets all that a guild has set.
    ///
    /// # Errors
    /// The database refused.
    pub async fn forget(&self, guild: GuildId) -> Result<()> {
        let _turn = self.0.changing.lock().await;
        store::forget(&self.0.db, guild).await?;
        self.0.values.write().remove(&guild);
        Ok(())
    }
}

fn complain(guild: GuildId, setting: &Declared, values: &Values) {
    let Some(value) = values.get(setting.key()) else {
        return;
    };
    if let Err(expected) = setting.kind().read(value) {
        warn!(
            guild.id = guild.get(),
            key = setting.key(),
            "a stored value of {} is not accepted, and the default holds: expected {expected}",
            setting.key()
        );
    }
}

#[cfg(test)]
mod tests;
