//! What the bots of a test log, kept in memory until somebody asks for it.
//!
//! Tests run side by side in one process, each on a Tokio runtime of its own, so a line belongs to the runtime
//! that it was logged on, whichever of its threads that was. Bots of one runtime share a log.

use std::{
    collections::{HashMap, VecDeque},
    io::{self, Write},
    sync::LazyLock,
};

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::filter_fn,
    fmt::{self, MakeWriter},
    prelude::*,
};

use crate::{
    runtime::Origin,
    telemetry::{Scrubbed, is_free_of_secrets},
};

/// How much is kept of one runtime; older lines give way to newer ones.
const KEPT_BYTES: usize = 256 * 1024;

/// A process has one default subscriber, so what it writes to is the process's too.
static LOGS: LazyLock<Option<Logs>> = LazyLock::new(|| {
    let lines = fmt::layer()
        .with_ansi(false)
        .with_writer(Writer)
        .with_filter(filter_fn(is_free_of_secrets));
    let subscriber = tracing_subscriber::registry().with(lines).with(filter());
    let is_ours = tracing::subscriber::set_global_default(subscriber).is_ok();
    is_ours.then(Logs::default)
});

type Logs = Mutex<HashMap<Id, Lines>>;

fn filter() -> EnvFilter {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    EnvFilter::try_new(&filter)
        .unwrap_or_else(|error| panic!("RUST_LOG is {filter:?}, which is no filter: {error}"))
}

/// The log of the runtime it was started on, for as long as it lives.
pub(super) struct Log(Id);

impl Log {
    /// Keeps what is logged from now on.
    ///
    /// # Panics
    /// Outside a Tokio runtime, or where `RUST_LOG` is no filter.
    pub(super) fn start() -> Self {
        let runtime = Handle::current().id();
        if let Some(logs) = &*LOGS {
            logs.lock().entry(runtime).or_default().holders += 1;
        }
        Self(runtime)
    }

    /// The lines of level ERROR.
    pub(super) fn errors(&self) -> Vec<String> {
        let Some(logs) = &*LOGS else {
            return Vec::new();
        };
        let logs = logs.lock();
        let kept = logs.get(&self.0).into_iter().flat_map(|it| &it.kept);
        let errors = kept.filter(|line| line.level == Level::ERROR);
        errors.map(|line| line.text.trim_end().to_owned()).collect()
    }

    /// Writes what is kept to where the test harness collects a test's output, and forgets it.
    #[expect(clippy::print_stderr, reason = "only the macro's output is captured")]
    pub(super) fn print(&self) {
        let Some(logs) = &*LOGS else {
            return eprintln!("The process logs to a subscriber of its own, so no log was kept.");
        };
        let lines = logs.lock().get_mut(&self.0).map(Lines::take);
        if let Some(lines) = lines.filter(|lines| !lines.kept.is_empty()) {
            eprint!("{lines}");
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let Some(logs) = &*LOGS else {
            return;
        };
        let mut logs = logs.lock();
        if let Some(lines) = logs.get_mut(&self.0) {
            lines.holders -= 1;
            if lines.holders == 0 {
                logs.remove(&self.0);
            }
        }
    }
}

/// The newest lines of one runtime.
#[derive(Default)]
struct Lines {
    kept: VecDeque<Line>,
    bytes: usize,
    left_out: u64,
    holders: usize,
}

struct Line {
    level: Level,
    text: String,
}

impl Lines {
    fn push(&mut self, line: Line) {
        self.bytes += line.text.len();
        self.kept.push_back(line);
        while self.bytes > KEPT_BYTES && self.kept.len() > 1 {
            let oldest = self.kept.pop_front();
            self.bytes -= oldest.map_or(0, |line| line.text.len());
            self.left_out += 1;
        }
    }

    fn take(&mut self) -> Self {
        let holders = self.holders;
        let taken = std::mem::take(self);
        self.holders = holders;
        taken
    }
}

impl std::fmt::Display for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "---- the bot's log ----")?;
        if self.left_out > 0 {
            writeln!(f, "({} earlier lines were not kept)", self.left_out)?;
        }
        self.kept
            .iter()
            .try_for_each(|line| f.write_str(&line.text))?;
        writeln!(f, "---- end of the bot's log ----")
    }
}

/// Gives each line to the runtime that it is logged on.
struct Writer;

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Scrubbed<LineWriter>;

    fn make_writer(&'a self) -> Self::Writer {
        Scrubbed(LineWriter(Level::INFO))
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        Scrubbed(LineWriter(*metadata.level()))
    }
}

struct LineWriter(Level);

impl Write for LineWriter {
    /// A line comes in one piece. One that belongs to no bot's runtime is dropped.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let (Some(runtime), Some(logs)) = (Origin::runtime(), &*LOGS) else {
            return Ok(line.len());
        };
        if let Some(lines) = logs.lock().get_mut(&runtime) {
            lines.push(Line {
                level: self.0,
                text: String::from_utf8_lossy(line).into_owned(),
            });
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            level: Level::INFO,
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_log_that_grows_without_end_keeps_its_newest_lines() {
        let mut lines = Lines::default();
        for number in 0..100_000 {
            lines.push(line(&format!("line {number}\n")));
        }
        let shown = lines.to_string();

        assert!(lines.bytes <= KEPT_BYTES, "{}", lines.bytes);
        assert_eq!(lines.left_out + lines.kept.len() as u64, 100_000);
        assert!(shown.contains("line 99999\n") && !shown.contains("line 0\n"));
        assert!(shown.contains(&format!("({} earlier lines", lines.left_out)));
    }

    #[test]
    fn bots_of_two_runtimes_have_two_logs() {
        let log_of = |text: &'static str| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let log = Log::start();
                    let logged = tokio::spawn(async move { tracing::error!("{text}") });
                    logged.await.unwrap();
                    log.errors()
                })
            })
        };
        let (ours, theirs) = (log_of("ours"), log_of("theirs"));
        for (thread, text) in [(ours, "ours"), (theirs, "theirs")] {
            let errors = thread.join().unwrap();
            assert!(errors.len() == 1 && errors[0].ends_with(text), "{errors:?}");
        }
    }
}
