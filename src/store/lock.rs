//! One process owns a database at a time, and its death frees it at once.
//!
//! SQLite: a lock on `<file>.lock`, which the kernel drops with the process, kill -9 included.
//! PostgreSQL: an advisory lock of a connection kept for it ([`session`](super::session)), which the server
//! drops with the connection.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{Error, Result, session::Watch};

/// Held for as long as the process owns the database. Dropping it frees the database too, a moment later.
pub(super) enum Lock {
    File(File),
    Session(Watch),
}

impl Lock {
    pub(super) async fn free(self) {
        match self {
            Self::File(file) => drop(file),
            Self::Session(watch) => watch.end().await,
        }
    }
}

/// The file that is locked in place of the database's own.
pub(super) fn path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

pub(super) fn file(database: &Path, place: &str) -> Result<Lock> {
    let path = path(database);
    let file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path);
    let shown = path.display();
    let file = file.map_err(|error| Error::open(place, &format!("{shown}: {error}")))?;
    match file.try_lock() {
        Ok(()) => {
            // Only to be told: the lock is what counts, and a full disk keeps nobody from taking it.
            let _ = note_holder(&file);
            Ok(Lock::File(file))
        }
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse {
            place: place.to_owned(),
            holder: holder(file),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(Error::open(place, &error)),
    }
}

fn note_holder(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
