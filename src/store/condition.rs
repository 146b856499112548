//! How a database stands, told without owning it or writing to it.

use std::{fs::File, io::Read, path::Path};

use super::{Db, Pools, Result, session};
use crate::config::DatabaseUrl;

/// Who owns a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Nobody,
    /// A process, with its number where it can be told.
    Process(Option<u32>),
}

impl Db {
    /// Who owns the database at the moment.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn owner(&self, url: &DatabaseUrl) -> Result<Owner> {
        match (&self.pools, url) {
            (Pools::Postgres(pool), _) => Ok(session::owner(pool).await?),
            (_, DatabaseUrl::Sqlite(path)) => Ok(file_owner(path)),
            _ => Ok(Owner::Nobody),
        }
    }

    /// What would keep this process from writing, as far as permissions tell.
    ///
    /// # Errors
    /// The database does not answer.
    pub(crate) async fn obstacle(&self, url: &DatabaseUrl) -> Result<Option<String>> {
        match (&self.pools, url) {
            (Pools::Postgres(_), _) => self.server_obstacle().await,
            (_, DatabaseUrl::Sqlite(path)) => Ok(file_obstacle(path)),
            _ => Ok(None),
        }
    }

    async fn server_obstacle(&self) -> Result<Option<String>> {
        let sql = "select pg_is_in_recovery(), has_table_privilege('task_engine', 'update')";
        let (is_standby, may_write) = self.read(sql).one::<(bool, bool)>().await?;
        let obstacle = match (is_standby, may_write) {
            (true, _) => Some("the server is a standby, which only reads"),
            (_, false) => Some("the user may not write to its tables"),
            _ => None,
        };
        Ok(obstacle.map(str::to_owned))
    }
}

/// Asks for the lock beside its owner for a moment, as whoever reads it may.
fn file_owner(database: &Path) -> Owner {
    let Ok(mut file) = File::open(super::lock::path(database)) else {
        return Owner::Nobody;
    };
    if file.try_lock_shared().is_ok() {
        return Owner::Nobody;
    }
    let mut text = String::new();
    let read = file.read_to_string(&mut text);
    Owner::Process(read.ok().and_then(|_| text.trim().parse().ok()))
}

/// SQLite writes files beside its own.
fn file_obstacle(database: &Path) -> Option<String> {
    let folder = database.parent().filter(|it| !it.as_os_str().is_empty());
    let places = [database, folder.unwrap_or(Path::new("."))];
    places.into_iter().find_map(|place| {
        let error = writable(place).err()?;
        Some(format!("{}: {error}", place.display()))
    })
}

#[cfg(unix)]
fn writable(place: &Path) -> std::io::Result<()> {
    Ok(rustix::fs::access(place, rustix::fs::Access::WRITE_OK)?)
}
