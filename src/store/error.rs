//! What can go wrong with the database.

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened.
    #[error("opening the database at {place}: {reason}")]
    Open {
        /// Which database, without any password.
        place: String,
        /// What stood in the way.
        reason: String,
    },
    /// Another process owns the database.
    #[error(
        "the database at {place} is in use by another process; stop that one first, or give this one its own DATABASE_URL"
    )]
    InUse {
        /// Which database, without any password.
        place: String,
    },
    /// The schema could not be brought up to date; nothing of the failed step was applied.
    #[error("migrating the database at {place}")]
    Migrate {
        /// Which database, without any password.
        place: String,
        /// What stood in the way.
        source: sqlx::migrate::MigrateError,
    },
    /// A statement failed; its transaction is rolled back.
    #[error(transparent)]
    Query(#[from] sqlx::Error),
}

/// What database operations return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same may succeed a little later: the database is busy, or there is no way to it.
    #[must_use]
    pub fn passes(&self) -> bool {
        use sqlx::Error as Sql;
        match self {
            Self::Query(Sql::Io(_) | Sql::PoolTimedOut) => true,
            Self::Query(Sql::Database(error)) => error.code().is_some_and(|code| is_busy(&code)),
            _ => false,
        }
    }
}

/// SQLite's busy and locked (<https://sqlite.org/rescode.html>); PostgreSQL's serialization failure,
/// deadlock, lock not available, and shutdown (appendix A of its documentation).
fn is_busy(code: &str) -> bool {
    matches!(
        code,
        "5" | "6" | "261" | "517" | "40001" | "40P01" | "55P03"
    ) || code.starts_with("57P")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_busy_passes_and_a_wrong_statement_does_not() {
        assert!(Error::from(sqlx::Error::PoolTimedOut).passes());
        assert!(!Error::from(sqlx::Error::RowNotFound).passes());
        assert!(is_busy("5") && is_busy("57P01") && !is_busy("23505"));
    }
}
