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
    /// An earlier statement of the transaction failed or was given up; nothing of it is written.
    #[error(
        "an earlier statement of this transaction did not succeed, so nothing of it is written"
    )]
    RolledBack,
    /// A statement failed; its transaction is rolled back.
    #[error(transparent)]
    Query(#[from] sqlx::Error),
}

/// What database operations return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same may succeed a little later: the database is busy or full, cannot be read or written
    /// just now, or there is no way to it.
    #[must_use]
    pub fn passes(&self) -> bool {
        use sqlx::Error as Sql;
        match self {
            Self::Query(Sql::Io(_) | Sql::PoolTimedOut | Sql::WorkerCrashed) => true,
            Self::Query(Sql::Database(error)) => error.code().is_some_and(|code| passes(&code)),
            _ => false,
        }
    }

    /// Whether a row was refused for what is in it, so that others might be written: a constraint, a trigger,
    /// a type or a range.
    #[must_use]
    pub fn is_about_a_row(&self) -> bool {
        match self {
            Self::Query(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| is_about_a_row(&code))
            }
            _ => false,
        }
    }
}

/// SQLite's codes are numbers (<https://sqlite.org/rescode.html>), whose low byte is the kind: busy, locked,
/// out of memory, interrupted, failed to read or write, full, cannot be opened. PostgreSQL's are five
/// characters (appendix A of its documentation): the classes of connections, of what has run short, of
/// operators' interventions and of the system's errors; serialization failure, deadlock, lock not available.
fn passes(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14),
        _ => {
            ["08", "53", "57P", "58"]
                .iter()
                .any(|class| code.starts_with(class))
                || matches!(code, "40001" | "40P01" | "55P03")
        }
    }
}

/// SQLite's kinds of constraints, those that triggers raise among them, and of mismatched types; PostgreSQL's
/// classes of bad data and of constraints, and what a trigger raises.
fn is_about_a_row(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => matches!(number & 0xff, 19 | 20),
        _ => code.starts_with("22") || code.starts_with("23") || code == "P0001",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_busy_or_full_passes_and_a_wrong_statement_does_not() {
        assert!(Error::from(sqlx::Error::PoolTimedOut).passes());
        assert!(!Error::from(sqlx::Error::RowNotFound).passes());
        for code in [
            "5", "517", "7", "13", "778", "57P01", "53100", "08006", "40001",
        ] {
            assert!(passes(code), "{code}");
        }
        for code in ["1", "11", "19", "1555", "26", "23505", "42P01", "57014"] {
            assert!(!passes(code), "{code}");
        }
    }

    #[test]
    fn constraints_types_and_ranges_are_about_a_row_and_nothing_else_is() {
        assert!(!Error::RolledBack.is_about_a_row());
        assert!(!Error::from(sqlx::Error::PoolTimedOut).is_about_a_row());
        for code in ["19", "275", "1811", "3091", "20", "22003", "23514", "P0001"] {
            assert!(is_about_a_row(code), "{code}");
        }
        for code in [
            "1", "5", "10", "13", "18", "40001", "42P01", "53100", "57014", "58030", "08006",
        ] {
            assert!(!is_about_a_row(code), "{code}");
        }
    }
}
