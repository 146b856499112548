//! Where the socket of a database is.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use crate::config::DatabaseUrl;

/// What a path in `sockaddr_un` may have on every system, less what a new socket's own folder takes. See unix(7).
const LONGEST: usize = 100;

/// The path of the socket that the owner of a database answers at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    /// Whether it is in a folder that all databases of a user share.
    is_shared: bool,
}

impl Place {
    /// Beside a SQLite file: `<file>.sock`. Where that is too long for a socket, and for PostgreSQL, in a folder of
    /// the user's own, `/tmp/cogsmith-UID`, by a number that stands for the database. In `folder`, when there is one,
    /// always by that number.
    #[must_use]
    pub fn of(url: &DatabaseUrl, folder: Option<&Path>) -> Self {
        let identity = match url {
            DatabaseUrl::Sqlite(file) => {
                let beside = beside(file);
                if beside.as_os_str().len() <= LONGEST && folder.is_none() {
                    return Self {
                        path: beside,
                        is_shared: false,
                    };
                }
                beside.into_os_string().into_encoded_bytes()
            }
            DatabaseUrl::Postgres(_) => url.identity().into_bytes(),
        };
        let uid = rustix::process::geteuid().as_raw();
        // Not by TMPDIR: the bot and the shell need not have the same.
        let own = || Path::new("/tmp").join(format!("cogsmith-{uid}"));
        let name = format!("{:016x}.sock", fnv(&identity));
        Self {
            path: folder.map_or_else(own, Path::to_owned).join(name),
            is_shared: folder.is_none(),
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder that all databases of this user share, and looks whose it is: among temporary files anybody may
    /// make one of any name.
    ///
    /// # Errors
    /// It cannot be made, or others have a hand in it.
    pub(super) fn prepare(&self) -> io::Result<()> {
        let Some(folder) = self.path.parent().filter(|_| self.is_shared) else {
            return Ok(());
        };
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.check(),
        }
    }

    /// # Errors
    /// Somebody else may have put the socket there.
    pub(super) fn check(&self) -> io::Result<()> {
        let Some(folder) = self.path.parent().filter(|_| self.is_shared) else {
            return Ok(());
        };
        let found = fs::symlink_metadata(folder)?;
        let own = rustix::process::geteuid().as_raw();
        if found.is_dir() && found.uid() == own && found.mode() & 0o077 == 0 {
            return Ok(());
        }
        let what = format!("{} is not a folder of this user's alone", folder.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, what))
    }
}

/// The same wherever it is asked for: without links and steps upwards, as far as there are folders.
fn beside(file: &Path) -> PathBuf {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder)
        .or_else(|_| std::path::absolute(folder))
        .unwrap_or_else(|_| folder.to_owned());
    let mut path = folder
        .join(file.file_name().unwrap_or_default())
        .into_os_string();
    path.push(".sock");
    path.into()
}

/// FNV-1a, which is the same in every build: the bot and the shell must agree.
fn fnv(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_beside_the_file_unless_that_is_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let short = root.join("a.db");
        let place = Place::of(&DatabaseUrl::Sqlite(short), None);
        assert_eq!(place.path(), root.join("a.db.sock"));
        let around = root.join("./b/../a.db");
        fs::create_dir(root.join("b")).unwrap();
        assert_eq!(Place::of(&DatabaseUrl::Sqlite(around), None), place);

        let long = DatabaseUrl::Sqlite(root.join("x".repeat(100)).join("a.db"));
        let place = Place::of(&long, None);
        assert!(place.is_shared && place.path().as_os_str().len() < LONGEST);
        assert_eq!(Place::of(&long, None), place);
        let chosen = Place::of(&long, Some(Path::new("/run/bot")));
        assert_eq!(chosen.path().parent(), Some(Path::new("/run/bot")));
    }

    #[test]
    fn each_postgres_has_its_own_whatever_the_password() {
        let place = |url: &str| Place::of(&DatabaseUrl::Postgres(url.to_owned()), None);
        let one = place("postgres://bot:one@db/cogsmith?options=-csearch_path%3Da");
        assert_eq!(
            one,
            place("postgres://bot:two@db/cogsmith?options=-csearch_path%3Da")
        );
        assert_ne!(
            one,
            place("postgres://bot:one@db/cogsmith?options=-csearch_path%3Db")
        );
        assert_ne!(
            one,
            place("postgres://bot:one@db/other?options=-csearch_path%3Da")
        );
    }

    #[test]
    fn a_shared_folder_that_others_have_a_hand_in_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            path: folder.path().join("own/1.sock"),
            is_shared: true,
        };
        place.prepare().unwrap();
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.path().join("own"), open).unwrap();
        let refused = place.prepare().unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    }
}
