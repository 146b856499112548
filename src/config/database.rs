//! Where state is kept: a SQLite file or a PostgreSQL server.

use std::{fmt, path::PathBuf};

use super::{Problems, Variables, table};

/// The address of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file, created when missing.
    Sqlite(PathBuf),
    /// A server, as a `postgres://` address that may hold a password.
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads `DATABASE_URL`.
    ///
    /// # Errors
    /// The address is of neither kind.
    pub fn read(variables: &Variables) -> Result<Self, Problems> {
        variables.need(&table::DATABASE_URL)
    }

    pub(super) fn parse(url: &str) -> Option<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty()).then(|| Self::Sqlite(path.into()));
        }
        let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        postgres.then(|| Self::Postgres(url.to_owned()))
    }

    /// What tells this database from others, without who uses it and a password.
    #[must_use]
    pub fn identity(&self) -> String {
        let Self::Postgres(url) = self else {
            return self.to_string();
        };
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let others = query
            .split('&')
            .filter(|pair| !pair.starts_with("password="));
        let others: Vec<_> = others.collect();
        format!("{self}?{}", others.join("&"))
    }

    /// A wrong address may still hold a password, so only its scheme is shown.
    pub(super) fn describe(url: &str) -> String {
        match url.split_once("://") {
            Some((scheme, _)) => format!("an address with the scheme {scheme:?}"),
            None => "an address without a scheme".to_owned(),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite://{}", path.display()),
            Self::Postgres(url) => {
                // A password may stand before an @, and behind a question mark.
                let place = url.split('?').next().unwrap_or_default();
                let place = place.split_once("://").map_or("", |(_, place)| place);
                let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
                write!(out, "postgres://{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
