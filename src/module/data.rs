//! All that is kept about one person, or one guild, over every module and the host itself.

use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use serenity::model::id::{GuildId, UserId};

use super::{Registry, registry::Managed, stored::Stored};
use crate::{
    audit::{Filter, Recorded},
    error::Result,
};

/// The tables of the library itself.
const TABLES: [&str; 11] = [
    "audit_entry",
    "gateway_identify",
    "gateway_mark",
    "gateway_session",
    "settings_value",
    "switches_list",
    "switches_module",
    "task",
    "task_cursor",
    "task_engine",
    "task_run",
];

impl Registry {
    /// Every table that the library or a module has declared.
    pub fn tables(&self) -> Vec<&'static str> {
        let modules = self.stored().flat_map(|(_, stored)| stored.tables);
        TABLES.iter().chain(modules).copied().collect()
    }

    /// All that is kept about a person, by module; empty for nothing. Modules that are off are asked as well.
    ///
    /// # Errors
    /// A module could not read its part.
    pub async fn export_user(&self, user: UserId) -> Result<Map<String, Value>> {
        let scope = format!("user:{user}");
        let mut parts = self
            .parts(|stored| (stored.export_user)(self.host.clone(), user))
            .await?;
        add_changes(&mut parts, &self.host.audit().of_user(user).await?);
        self.with_tasks(parts, &scope).await
    }

    /// Deletes all that is kept about a person. What is deleted stays so when a later part fails. Of what they have
    /// changed it stays recorded that it was changed, and not by whom.
    ///
    /// # Errors
    /// A module could not delete its part; the others have deleted theirs.
    pub async fn delete_user(&self, user: UserId) -> Result<()> {
        let deleted = self
            .delete(&format!("user:{user}"), |stored| {
                (stored.delete_user)(self.host.clone(), user)
            })
            .await;
        self.host.audit().forget_user(user).await?;
        deleted
    }

    /// All that is kept about a guild, by module, with its settings and switches.
    ///
    /// # Errors
    /// As [`Registry::export_user`].
    pub async fn export_guild(&self, guild: GuildId) -> Result<Map<String, Value>> {
        let scope = format!("guild:{guild}");
        let mut parts = self
            .parts(|stored| (stored.export_guild)(self.host.clone(), guild))
            .await?;
        let (settings, switches) = (
            self.host.settings().of(guild),
            self.host.switches().of(guild),
        );
        if !settings.is_empty() {
            parts.insert("settings".to_owned(), json!(settings));
        }
        if !switches.is_empty() {
            parts.insert("modules".to_owned(), json!(switches));
        }
        let here = Filter {
            guild: Some(guild),
            ..Filter::default()
        };
        add_changes(&mut parts, &self.host.audit().list(&here, u32::MAX).await?);
        self.with_tasks(parts, &scope).await
    }

    /// Deletes all that is kept about a guild, its settings, switches and recorded changes included.
    ///
    /// # Errors
    /// As [`Registry::delete_user`].
    pub async fn delete_guild(&self, guild: GuildId) -> Result<()> {
        let deleted = self
            .delete(&format!("guild:{guild}"), |stored| {
                (stored.delete_guild)(self.host.clone(), guild)
            })
            .await;
        self.host.settings().forget(guild).await?;
        self.host.switches().forget(guild).await?;
        self.host.audit().forget_guild(guild).await?;
        self.lists.sync(guild).await;
        deleted
    }

    fn stored(&self) -> impl Iterator<Item = (&Managed, &Stored)> {
        let modules = self.modules.iter();
        modules.filter_map(|module| Some((module, module.declared.stored.as_ref()?)))
    }

    async fn parts(
        &self,
        export: impl Fn(&Stored) -> BoxFuture<'static, Result<Value>>,
    ) -> Result<Map<String, Value>> {
        let mut parts = Map::new();
        for (module, stored) in self.stored() {
            let part = export(stored).await?;
            if !part.is_null() {
                parts.insert(module.name().to_owned(), part);
            }
        }
        Ok(parts)
    }

    async fn with_tasks(
        &self,
        mut parts: Map<String, Value>,
        scope: &str,
    ) -> Result<Map<String, Value>> {
        let tasks = self.host.db().tasks_of(scope).await?;
        let tasks = tasks.into_iter().map(|(name, scope, payload)| {
            let payload = payload.and_then(|text| serde_json::from_str(&text).ok());
            json!({"task": name, "scope": scope, "payload": payload.unwrap_or(Value::Null)})
        });
        let tasks: Vec<_> = tasks.collect();
        if !tasks.is_empty() {
            parts.insert("tasks".to_owned(), tasks.into());
        }
        Ok(parts)
    }

    async fn delete(
        &self,
        scope: &str,
        delete: impl Fn(&Stored) -> BoxFuture<'static, Result<()>>,
    ) -> Result<()> {
        let mut deleted = Ok(());
        for (_, stored) in self.stored() {
            if let Err(error) = delete(stored).await {
                deleted = Err(error);
            }
        }
        for task in self.host.tasks() {
            if is_of(&task.scope(), scope) {
                let engine = self.host.engine();
                engine.remove(&task.name(), &task.scope()).await?;
            }
        }
        // Of modules that are not loaded.
        self.host.db().delete_tasks_of(scope).await?;
        deleted
    }
}

fn add_changes(parts: &mut Map<String, Value>, changes: &[Recorded]) {
    if !changes.is_empty() {
        let changes = changes.iter().map(Recorded::to_json).collect();
        parts.insert("audit".to_owned(), changes);
    }
}

/// Whether a task of this scope belongs to `whole`: it is the scope, or continues it after a colon.
fn is_of(scope: &str, whole: &str) -> bool {
    scope
        .strip_prefix(whole)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
