//! Standard output, which carries a job's data and nothing else.

use std::{
    io::{self, ErrorKind, IsTerminal, Write, stdout},
    os::fd::AsFd,
    sync::Arc,
};

use parking_lot::Mutex;

/// So much is held before it is written.
const HELD: usize = 64 << 10;

/// Where a job's data goes. Clones are one and the same writer.
///
/// What is written is held up to 64 KiB, or to the end of a line on a terminal, and written out at the job's end.
/// The first failure is the end of it: each later write fails alike, and a job that has not looked fails in the end.
/// When whoever reads has gone away, as `head` does, the job ends quietly with code 0.
#[derive(Clone)]
pub struct Out(Arc<Mutex<Buffer>>);

struct Buffer {
    to: Box<dyn Write + Send>,
    is_terminal: bool,
    held: Vec<u8>,
    failed: Option<(ErrorKind, String)>,
    /// Tables that were begun and not finished.
    unfinished: usize,
}

impl Out {
    /// The standard output of this process.
    ///
    /// # Errors
    /// There are no descriptors left.
    pub fn stdout() -> io::Result<Self> {
        // The library's own writer holds data too, and would write it when nobody looks at failures any more.
        let descriptor = stdout().as_fd().try_clone_to_owned()?;
        let file = std::fs::File::from(descriptor);
        Ok(Self::new(Box::new(file), stdout().is_terminal()))
    }

    /// Any other writer, such as a test's.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self::new(Box::new(writer), false)
    }

    fn new(to: Box<dyn Write + Send>, is_terminal: bool) -> Self {
        Self(Arc::new(Mutex::new(Buffer {
            to,
            is_terminal,
            held: Vec::new(),
            failed: None,
            unfinished: 0,
        })))
    }

    /// Writes one line.
    ///
    /// # Errors
    /// It could not be written, or something before it.
    pub fn line(&mut self, text: impl std::fmt::Display) -> io::Result<()> {
        writeln!(self, "{text}")
    }

    /// Whether whoever read has gone away.
    pub fn is_closed(&self) -> bool {
        let failed = &self.0.lock().failed;
        matches!(failed, Some((ErrorKind::BrokenPipe, _)))
    }

    /// Writes out what is held.
    ///
    /// # Errors
    /// That, or anything before it, could not be written; a table was not finished.
    pub fn finish(&self) -> io::Result<()> {
        let mut buffer = self.0.lock();
        buffer.write_out()?;
        match buffer.unfinished {
            0 => Ok(()),
            _ => Err(io::Error::other("a table was not finished")),
        }
    }

    pub(super) fn table_begun(&self) {
        self.0.lock().unfinished += 1;
    }

    pub(super) fn table_finished(&self) {
        self.0.lock().unfinished -= 1;
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().hold(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().write_out()
    }
}

impl Buffer {
    fn hold(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        self.held.extend_from_slice(bytes);
        let ends_line = self.is_terminal && bytes.contains(&b'\n');
        match ends_line || self.held.len() >= HELD {
            true => self.write_out(),
            false => Ok(()),
        }
    }

    fn write_out(&mut self) -> io::Result<()> {
        self.check()?;
        let written = self.to.write_all(&self.held);
        self.held.clear();
        written.and_then(|()| self.to.flush()).or_else(|error| {
            self.failed = Some((error.kind(), error.to_string()));
            self.check()
        })
    }

    fn check(&self) -> io::Result<()> {
        match &self.failed {
            None => Ok(()),
            Some((kind, reason)) => {
                let reason = format!("writing to standard output: {reason}");
                Err(io::Error::new(*kind, reason))
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// What was written, for whoever looks later.
    #[derive(Clone, Default)]
    pub(in crate::job) struct Written(Arc<Mutex<Vec<u8>>>);

    impl Written {
        pub(in crate::job) fn text(&self) -> String {
            String::from_utf8(self.0.lock().clone()).unwrap()
        }
    }

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Takes so many bytes, and is full then.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            match taken {
                0 => Err(ErrorKind::StorageFull.into()),
                taken => Ok(taken),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_held_is_written_at_the_end_and_before_there_is_too_much() {
        let written = Written::default();
        let mut out = Out::to(written.clone());
        out.line("first").unwrap();
        assert_eq!(written.text(), "");
        out.write_all(&[b'x'; HELD]).unwrap();
        assert_eq!(written.text().len(), HELD + 6);
        out.line("last").unwrap();
        out.finish().unwrap();
        assert!(written.text().ends_with("xlast\n"));
    }

    #[test]
    fn a_failure_that_nobody_looked_at_is_told_at_the_end() {
        let mut out = Out::to(Full(10));
        assert!(out.write_all(&[b'x'; HELD]).is_err());
        let later = out.line("more").unwrap_err();
        assert_eq!(later.kind(), ErrorKind::StorageFull);
        let told = out.finish().unwrap_err().to_string();
        assert!(told.starts_with("writing to standard output: "), "{told}");
        assert!(!out.is_closed());
    }
}
