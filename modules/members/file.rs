//! A file in memory that is no larger than Discord takes.

use std::{
    io::{Error, ErrorKind, Result, Write},
    sync::Arc,
};

use parking_lot::Mutex;

/// Discord takes files of 10 MiB, and the rest of the message is in them too.
const MOST: usize = 9 * 1024 * 1024;

/// Clones are of the same file.
#[derive(Clone, Default)]
pub(super) struct File(Arc<Mutex<Vec<u8>>>);

impl File {
    /// What was written, which is in here no more.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock())
    }
}

/// What would be too much fails with [`ErrorKind::FileTooLarge`].
impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let mut held = self.0.lock();
        if held.len() + bytes.len() > MOST {
            return Err(Error::from(ErrorKind::FileTooLarge));
        }
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use cogsmith::job::{Format, Out, Table};

    use super::*;

    #[test]
    fn rows_that_fit_are_taken_and_one_more_is_too_large() {
        let file = File::default();
        let mut out = Out::to(file.clone());
        let mut table = Table::new(&out, Format::Ndjson, ["name"]);
        let name = "x".repeat(100_000);
        let written = (0..94).try_for_each(|_| table.row([name.as_str().into()]));
        written.unwrap();
        let failed = table.row([name.into()]).unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::FileTooLarge);
        assert_eq!(out.flush().unwrap_err().kind(), ErrorKind::FileTooLarge);
        assert!((1..=MOST).contains(&file.take().len()));
        assert!(file.take().is_empty());
    }
}
