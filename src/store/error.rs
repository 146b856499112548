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
