//! A terminal for the processes of tests.

use std::{
    ffi::OsStr,
    fs::{File, OpenOptions},
    io::Read,
    os::unix::ffi::OsStrExt,
    process::Stdio,
    thread::JoinHandle,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A pseudo-terminal, whose other side is read from the beginning.
pub(crate) struct Terminal {
    inside: File,
    read: JoinHandle<String>,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let outside = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&outside).unwrap();
        unlockpt(&outside).unwrap();
        let name = ptsname(&outside, Vec::new()).unwrap();
        let mut options = OpenOptions::new();
        let inside = options.read(true).write(true);
        let inside = inside.open(OsStr::from_bytes(name.as_bytes())).unwrap();
        let mut outside = File::from(outside);
        let read = std::thread::spawn(move || {
            let mut seen = Vec::new();
            // The end is told by an error: nobody has the other side open.
            let _ = outside.read_to_end(&mut seen);
            String::from_utf8_lossy(&seen).into_owned()
        });
        Self { inside, read }
    }

    /// What a process is given for its output.
    pub(crate) fn stdio(&self) -> Stdio {
        self.inside.try_clone().unwrap().into()
    }

    /// All that was written to it, once every process that has it has ended and every command that would hand it over
    /// is dropped.
    pub(crate) async fn seen(self) -> String {
        drop(self.inside);
        let read = tokio::task::spawn_blocking(|| self.read.join().unwrap());
        read.await.unwrap()
    }
}
