//! Where state is kept: a SQLite file or a PostgreSQL server.

use std::{
    fmt, fs,
    path::{Path, PathBuf, absolute},
};

use reqwest::Url;

use super::{BotName, Problems, Variables, table};

/// The parameter of an address that names a schema, as sqlx reads it.
const SCHEMA: &str = "options[search_path]";

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
        let url = variables.need(&table::DATABASE_URL);
        url.map_err(|problems| problems.renamed(|name| variables.name_of(name)))
    }

    pub(super) fn parse(url: &str) -> Option<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty()).then(|| Self::Sqlite(path.into()));
        }
        let postgres = url.starts_with("postgres://") || url.starts_with("postgresql://");
        postgres.then(|| Self::Postgres(url.to_owned()))
    }

    /// The database of one bot where an address is given for all of them: a file of its name beside the one that is
    /// named, or a schema of its name.
    pub(super) fn shared_out(bot: &BotName, url: &str) -> String {
        match Self::parse(url) {
            Some(Self::Sqlite(path)) => {
                let path = path.with_file_name(format!("{bot}.db"));
                format!("sqlite://{}", path.display())
            }
            Some(Self::Postgres(url)) => {
                let sign = if url.contains('?') { '&' } else { '?' };
                format!("{url}{sign}{SCHEMA}={bot}")
            }
            None => url.to_owned(),
        }
    }

    /// The same for two addresses of one database, as far as addresses tell: the file, or the server's host and port,
    /// the database there, and the schema.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            Self::Sqlite(path) => file_identity(path).display().to_string(),
            Self::Postgres(url) => server_identity(url).unwrap_or_else(|| url.clone()),
        }
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
                write!(out, "postgres://{place}")?;
                match url.rsplit_once(&format!("{SCHEMA}=")) {
                    Some((_, schema)) if BotName::new(schema).is_ok() => {
                        write!(out, ", schema {schema}")
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Neither the file nor its folder need be there yet.
fn file_identity(path: &Path) -> PathBuf {
    let whole = || fs::canonicalize(path).ok();
    let by_folder = || {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
        Some(folder.join(path.file_name()?))
    };
    let found = whole().or_else(by_folder).or_else(|| absolute(path).ok());
    found.unwrap_or_else(|| path.to_owned())
}

/// What is named twice counts as it does for the server: the last one wins.
fn server_identity(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let mut host = url.host_str().unwrap_or("localhost").to_owned();
    let mut port = url.port().unwrap_or(5432).to_string();
    let mut database = url.path().trim_matches('/').to_owned();
    let mut schema = "public".to_owned();
    for (key, value) in url.query_pairs() {
        let value = value.into_owned();
        match &*key {
            "host" | "hostaddr" => host = value,
            "port" => port = value,
            "dbname" => database = value,
            SCHEMA => schema = value,
            "options" => {
                let path = value.rsplit_once("search_path=");
                let path = path.and_then(|(_, path)| path.split_whitespace().next());
                schema = path.map_or(schema, str::to_owned);
            }
            _ => {}
        }
    }
    let host = host.to_lowercase();
    Some(format!("{host}:{port}/{database}/{schema}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(url: &str) -> String {
        DatabaseUrl::parse(url).unwrap().identity()
    }

    #[test]
    fn an_address_for_all_bots_becomes_a_file_or_a_schema_of_each() {
        let alpha = BotName::new("alpha").unwrap();
        for (given, expected) in [
            ("sqlite://data/cogsmith.db", "sqlite://data/alpha.db"),
            ("sqlite:///data/cogsmith.db", "sqlite:///data/alpha.db"),
            ("sqlite:mine.db", "sqlite://alpha.db"),
            (
                "postgres://u:p@h/d",
                "postgres://u:p@h/d?options[search_path]=alpha",
            ),
            (
                "postgres://h/d?sslmode=disable",
                "postgres://h/d?sslmode=disable&options[search_path]=alpha",
            ),
            ("mysql://h/d", "mysql://h/d"),
        ] {
            assert_eq!(DatabaseUrl::shared_out(&alpha, given), expected);
        }
        let url = DatabaseUrl::shared_out(&alpha, "postgres://u:s3cret@h/d?password=s3cret");
        let shown = DatabaseUrl::parse(&url).unwrap().to_string();
        assert_eq!(shown, "postgres://h/d, schema alpha");
    }

    #[test]
    fn one_database_is_known_under_several_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().display();
        let same = [
            (
                format!("sqlite://{folder}/a.db"),
                format!("sqlite:{folder}/./a.db"),
            ),
            ("sqlite:a.db".to_owned(), "sqlite://./a.db".to_owned()),
            (
                "postgres://u:p@H/d".to_owned(),
                "postgresql://v@h:5432/d?sslmode=disable".to_owned(),
            ),
            (
                "postgres://h/d?options=-csearch_path%3Dalpha".to_owned(),
                "postgres:///d?host=h&options[search_path]=alpha".to_owned(),
            ),
        ];
        for (one, other) in same {
            assert_eq!(identity(&one), identity(&other));
        }
        assert_ne!(identity("sqlite:a.db"), identity("sqlite:b.db"));
        let (one, other) = ("postgres://h/d", "postgres://h/d?options[search_path]=a");
        assert_ne!(identity(one), identity(other));
    }
}
