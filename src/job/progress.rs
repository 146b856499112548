//! How far a job has come, in one line of a terminal.

use std::{
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

/// Between two looks of the line.
const EVERY: Duration = Duration::from_millis(100);
/// Characters of the bar.
const WIDTH: usize = 24;

/// A line on standard error, where that is a terminal; else nothing is shown.
///
/// It is plain text without colours, written at most ten times a second, and cleared when this is dropped.
/// A line of the log takes its place until it is written again.
pub struct Progress {
    what: &'static str,
    total: Option<u64>,
    done: u64,
    begun: Instant,
    /// When the line was written last.
    shown: Option<Instant>,
    /// Its length, which the next one covers.
    length: usize,
    to: Option<Box<dyn Write + Send>>,
}

impl Progress {
    pub(super) fn new(what: &'static str, total: Option<u64>) -> Self {
        let terminal = stderr().is_terminal();
        Self::on(what, total, terminal.then(|| Box::new(stderr()) as _))
    }

    fn on(what: &'static str, total: Option<u64>, to: Option<Box<dyn Write + Send>>) -> Self {
        Self {
            what,
            total,
            done: 0,
            begun: Instant::now(),
            shown: None,
            length: 0,
            to,
        }
    }

    /// So many more are done.
    pub fn advance(&mut self, by: u64) {
        self.done = self.done.saturating_add(by);
        let is_due = self.shown.is_none_or(|at| at.elapsed() >= EVERY);
        if is_due && self.to.is_some() {
            self.shown = Some(Instant::now());
            self.write(&self.line());
        }
    }

    fn line(&self) -> String {
        let (what, done) = (self.what, self.done);
        let seconds = self.begun.elapsed().as_secs().max(1);
        let pace = done / seconds;
        let Some(total) = self.total.filter(|total| *total > 0) else {
            return format!("{what}: {done}, {pace}/s");
        };
        let share = |of: u64| u128::from(done.min(total)) * u128::from(of) / u128::from(total);
        let filled = usize::try_from(share(WIDTH as u64)).unwrap_or(WIDTH);
        let bar = format!("{}{}", "#".repeat(filled), ".".repeat(WIDTH - filled));
        format!(
            "{what}: [{bar}] {done} of {total}, {} %, {pace}/s",
            share(100)
        )
    }

    /// The cursor is left at the beginning, so that whatever is written next begins there.
    fn write(&mut self, line: &str) {
        if let Some(to) = &mut self.to {
            let width = self.length;
            // Whoever has closed standard error does not want to know.
            let _ = write!(to, "{line:<width$}\r").and_then(|()| to.flush());
            self.length = line.len();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.length > 0 {
            self.write("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::out::tests::Written;

    #[test]
    fn a_line_is_written_seldom_covers_the_one_before_and_is_cleared() {
        let written = Written::default();
        let mut progress = Progress::on("members", Some(4), Some(Box::new(written.clone())));
        (0..3).for_each(|_| progress.advance(1));
        let bar = "######..................";
        let first = format!("members: [{bar}] 1 of 4, 25 %, 1/s");
        assert_eq!(written.text(), format!("{first}\r"));
        drop(progress);
        let cleared = " ".repeat(first.len());
        assert_eq!(written.text(), format!("{first}\r{cleared}\r"));
    }

    #[test]
    fn without_a_terminal_or_a_total_it_does_what_it_can() {
        let mut hidden = Progress::on("members", None, None);
        hidden.advance(7);
        assert_eq!(
            (hidden.length, hidden.line().as_str()),
            (0, "members: 7, 7/s")
        );
        let mut over = Progress::on("members", Some(4), None);
        over.advance(9);
        assert!(over.line().contains("100 %"), "{}", over.line());
    }
}
