//! The tables of a project that is built with this library, migrated beside the library's own.

use std::borrow::Cow;

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// Where it is noted which of them were applied; the library notes its own elsewhere.
pub(super) const TABLE: &str = "_project_migrations";

/// The migrations of a project, as [`migrations!`](crate::migrations) lists them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Migrations(&'static [Step]);

/// One migration: a number with a name, and its SQL for either database.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

impl Migrations {
    /// # Panics
    /// At compile time, when a name does not begin with a number, or one does not exceed the number before it.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(steps: &'static [Step]) -> Self {
        let (mut at, mut last) = (0, 0);
        while at < steps.len() {
            let number = number(steps[at].name);
            assert!(
                number > last,
                "migrations are listed by ascending numbers, each once"
            );
            last = number;
            at += 1;
        }
        Self(steps)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of the newest; 0 when there is none.
    pub(crate) fn newest(&self) -> i64 {
        self.0.last().map_or(0, |step| number(step.name))
    }

    pub(super) fn sqlite(&self) -> Migrator {
        self.migrator(|step| step.sqlite)
    }

    pub(super) fn postgres(&self) -> Migrator {
        self.migrator(|step| step.postgres)
    }

    fn migrator(&self, sql: impl Fn(&Step) -> &'static str) -> Migrator {
        let steps = self.0.iter().map(|step| {
            let (_, name) = step.name.split_once('_').unwrap_or_default();
            let (version, name) = (number(step.name), Cow::Borrowed(name));
            let text = sql(step).into_sql_str();
            Migration::new(version, name, MigrationType::Simple, text, false)
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        migrator.dangerous_set_table_name(TABLE);
        migrator
    }
}

/// The number that `name` begins with, up to its first `_`.
const fn number(name: &str) -> i64 {
    let (name, mut at, mut number) = (name.as_bytes(), 0, 0);
    while at < name.len() && name[at].is_ascii_digit() {
        number = number * 10 + (name[at] - b'0') as i64;
        at += 1;
    }
    assert!(
        at > 0 && at < name.len() && name[at] == b'_',
        "a migration is named by a number and a word, such as 0001_birthdays"
    );
    number
}

/// Lists a project's migrations by name; each is a file in `migrations/sqlite/` and in `migrations/postgres/`,
/// beside the project's `Cargo.toml`. They are applied in order at the next start, each once, after the library's.
///
/// ```ignore
/// Modules::default().migrations(cogsmith::migrations!["0001_birthdays", "0002_birthday_zones"])
/// ```
///
/// A name that is no number and word, a number that does not ascend, and a missing file do not compile.
/// After a crash in the middle of one, nothing of it was applied, and it is applied at the next start.
/// A released file is never edited: a database whose applied migrations differ is refused.
#[macro_export]
macro_rules! migrations {
    ($($name:literal),* $(,)?) => {{
        const MIGRATIONS: $crate::store::Migrations = $crate::store::Migrations::new(&[$(
            $crate::store::Step {
                name: $name,
                sqlite: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite/", $name, ".sql")),
                postgres: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/postgres/", $name, ".sql")),
            }
        ),*]);
        MIGRATIONS
    }};
}
