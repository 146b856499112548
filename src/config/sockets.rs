//! Where the admin sockets are.

use std::path::PathBuf;

use super::{Problems, Variables, table};

/// Whether they are in a folder of their own; by default they are beside their databases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sockets {
    /// The folder.
    pub folder: Option<PathBuf>,
}

impl Sockets {
    /// Reads `ADMIN_SOCKET_DIR`.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(variables: &Variables) -> Result<Self, Problems> {
        let folder = variables.read(&table::ADMIN_SOCKET_DIR)?;
        Ok(Self { folder })
    }
}
