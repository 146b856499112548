//! Who owns a database.

use serde::{Deserialize, Serialize};

use crate::store::{Db, Migrations};

/// What a running bot says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The id of its process.
    pub pid: u32,
    /// The version of Cogsmith that it is built with.
    pub version: String,
    /// The newest step of the library's schema and of the project's own that it knows; 0 for none.
    pub schema: (i64, i64),
}

impl Hello {
    /// Of this process, with these migrations of the project's own.
    pub(crate) fn of(migrations: Migrations) -> Self {
        Self {
            pid: std::process::id(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema: (Db::newest_step(), migrations.newest()),
        }
    }
}
