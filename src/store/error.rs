//! What can go wrong with the database.

use std::fmt;

use cogsmith_tasks::ErrorChain;

use crate::config::Problem;

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
        "the database at {place} is in use by another process{}; stop that one first, or give this one its own \
         DATABASE_URL", Pid(.holder)
    )]
    InUse {
        /// Which database, without any password.
        place: String,
        /// The id of the process that has it, where that can be told.
        holder: Option<u32>,
    },
    /// A newer version of this program has used the database.
    #[error(
        "the database at {place} has version {found} of the schema, and this program knows versions up to {known}: \
         a newer version of it has used the database; run that one, or restore a backup from before"
    )]
    Newer {
        /// Which database, without any password.
        place: String,
        /// The newest version that was applied.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The schema is not as new as this program needs it, and was not to be changed.
    #[error(
        "the database at {place} has version {found} of the schema, and this program needs version {known}: run \
         `cogsmith migrate`, or start the bot, first"
    )]
    Older {
        /// Which database, without any password.
        place: String,
        /// The newest version that was applied; 0 when there is none.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The database's file is damaged; nothing was changed in it.
    #[error(
        "the database at {place} is damaged ({reason}); keep a copy of its files, then restore a backup, or save \
         what can be read with `sqlite3 FILE .recover`"
    )]
    Damaged {
        /// Which database.
        place: String,
        /// What was found.
        reason: String,
    },
    /// The connection that held the ownership lock is gone; nothing is written until the lock is taken again.
    #[error("the lock of the database was lost; nothing is written until it is taken again")]
    LockLost,
    /// Another process has taken over the database; nothing was written, and this process can write no more.
    #[error("another process has taken over the database; this one writes nothing more")]
    Superseded,
    /// The database was opened to be read.
    #[error("the database was opened to be read, and nothing is written to it")]
    ReadOnly,
    /// The schema could not be brought up to date; nothing of the failed step was applied.
    #[error("applying {whose} to the database at {place}")]
    Migrate {
        /// Which database, without any password.
        place: String,
        /// Whose step it was.
        whose: &'static str,
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

struct Pid<'a>(&'a Option<u32>);

impl fmt::Display for Pid<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |pid| write!(out, " (pid {pid})"))
    }
}

/// What database operations return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(super) fn open(place: &str, reason: &impl ToString) -> Self {
        Self::Open {
            place: place.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// What is wrong with the setting `name`, which led to a database that cannot be opened as it is.
    ///
    /// # Errors
    /// The setting is not to blame: the database is in use, or a statement failed.
    pub(crate) fn into_problem(
        self,
        name: impl Into<std::borrow::Cow<'static, str>>,
    ) -> Result<Problem> {
        let found = match self {
            Self::InUse { .. } | Self::Migrate { .. } | Self::Query(_) => return Err(self),
            Self::Open { place, reason } => format!("{place} ({reason})"),
            error => ErrorChain(&error.into()).to_string(),
        };
        Ok(Problem::new(name, found, "a database that can be opened"))
    }

    /// Whether somebody else keeps the database busy.
    pub(super) fn is_busy(&self) -> bool {
        use sqlx::migrate::MigrateError as Migrate;
        let (Self::Query(error)
        | Self::Migrate {
            source: Migrate::ExecuteMigration(error, _),
            ..
        }) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| match Code::of(&code) {
            Code::Sqlite(kind) => matches!(kind, 5 | 6),
            Code::Postgres(code) => {
                matches!(code, "40001" | "40P01" | "53300" | "55P03" | "57P03")
            }
        })
    }

    /// Whether a statement named a table that is not there.
    pub(super) fn is_about_a_missing_table(&self) -> bool {
        let Self::Query(sqlx::Error::Database(error)) = self else {
            return false;
        };
        let code = error.code().unwrap_or_default();
        matches!(Code::of(&code), Code::Sqlite(1) | Code::Postgres("42P01"))
    }

    pub(super) fn says_damaged(&self) -> bool {
        matches!(self, Self::Query(error) if says_damaged(error))
    }

    /// Whether the same may succeed a little later: the database is busy or full, cannot be read or written
    /// just now, or there is no way to it.
    #[must_use]
    pub fn passes(&self) -> bool {
        use sqlx::Error as Sql;
        match self {
            Self::LockLost => true,
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

/// What a database calls a failure.
enum Code<'a> {
    /// The low byte, which is the kind, of a number (<https://sqlite.org/rescode.html>).
    Sqlite(u32),
    /// Five characters (appendix A of PostgreSQL's documentation).
    Postgres(&'a str),
}

impl<'a> Code<'a> {
    fn of(code: &'a str) -> Self {
        match code.parse::<u32>() {
            Ok(number) if code.len() < 5 => Self::Sqlite(number & 0xff),
            _ => Self::Postgres(code),
        }
    }
}

/// SQLite's code for a malformed file, in all its kinds.
pub(super) fn says_damaged(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| matches!(Code::of(&code), Code::Sqlite(11)))
}

/// SQLite's busy, locked, out of memory, interrupted, failed to read or write, full, cannot be opened.
/// PostgreSQL's classes of connections, of what has run short, of operators' interventions and of the
/// system's errors; serialization failure, deadlock, lock not available.
fn passes(code: &str) -> bool {
    match Code::of(code) {
        Code::Sqlite(kind) => matches!(kind, 5 | 6 | 7 | 9 | 10 | 13 | 14),
        Code::Postgres(code) => {
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
    match Code::of(code) {
        Code::Sqlite(kind) => matches!(kind, 19 | 20),
        Code::Postgres(code) => code.starts_with("22") || code.starts_with("23") || code == "P0001",
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
