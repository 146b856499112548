//! What a task does when things do not go as planned: values with defaults, nothing hidden.

use std::{fmt, sync::Arc, time::Duration};

use crate::backoff::Backoff;

/// Which slots are made up for, after the engine was down, suspended or starved.
///
/// A slot is missed when it is claimed later than the [`grace`](crate::TaskSpec::grace) allows: 1 s for
/// intervals, 60 s for calendars. Slots older than
/// [`catch_up_window`](crate::TaskSpec::catch_up_window) are never made up for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfire {
    /// One run, for the newest missed slot; the others are counted.
    #[default]
    Once,
    /// No run; all are counted.
    Skip,
    /// A run for each of the newest `n` missed slots, oldest first, one after the other.
    All(u32),
}

/// What happens to a slot that comes due while a run of the task is live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overlap {
    /// It is skipped and counted.
    #[default]
    Skip,
    /// The newest `n` such slots wait, at least 1, and run one after the other, oldest first; older
    /// ones are skipped and counted when the live run ends. After a crash those that waited are missed,
    /// and [`Misfire`] decides.
    Queue(u32),
    /// It runs as well, while fewer than `n` runs are live, at least 2; else it is skipped and counted.
    /// A slot that a newer one has overtaken is not retried.
    Allow(u32),
    /// The live run is cancelled, and the slot runs when that has ended.
    Replace,
}

impl Overlap {
    /// How many runs may be live.
    pub(crate) fn most_live(self) -> usize {
        match self {
            Self::Allow(most) => usize::try_from(most).unwrap_or(usize::MAX),
            Self::Skip | Self::Queue(_) | Self::Replace => 1,
        }
    }
}

/// Which runs are written to the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum History {
    /// Every run, with its claim before the body starts. A crash in the body is found at the next
    /// start and shown as abandoned.
    #[default]
    All,
    /// Runs that failed. The position of a task that runs more than once a second is written at most
    /// once a second, so a crash may repeat the runs of the last second.
    Failures,
    /// No runs, and no write to the store when a run begins or ends: for loops of less than a second.
    /// Commands, `failed` and `finished` are written at once all the same, and a clean shutdown
    /// writes position and counters. After a crash the counters are those of the last such write, and
    /// the first slot is due when the task is registered (with [`Misfire::Skip`]: at the next point of
    /// the old rhythm). Of a calendar it is the next one.
    None,
}

/// When the first slot of a life is. The only slot of [`once`](crate::once) is its instant, whatever
/// stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum First {
    /// Of an interval: at once when the task has never run; else on the rhythm of the runs before, so
    /// that stopping and starting a task does not move it. Of a calendar: its next slot.
    #[default]
    Rhythm,
    /// At once at every start or restart command. A restart of the process is not such a command.
    Now,
    /// One interval after the start command; of a calendar its next slot.
    AfterInterval,
}

/// What becomes of a run that a crash cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnCrash {
    /// Nothing: it is marked as abandoned, and its slot is not run again. A slot is run at most once.
    #[default]
    Skip,
    /// Its slot is run again as the next attempt, as soon as the task goes on and before anything else,
    /// up to the [`retry`](crate::TaskSpec::retry) limit; then the slot counts as failed. A slot is run
    /// at least once, so the body must bear being repeated ([`Run::checkpoint`](crate::Run::checkpoint)
    /// tells it how far it got). Needs [`History::All`]. A stop or restart command gives the slot up.
    Redo,
}

/// Decides whether an error is worth another attempt.
pub(crate) type RetryIf = Arc<dyn Fn(&anyhow::Error) -> bool + Send + Sync>;

/// The policies of one task.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) misfire: Misfire,
    pub(crate) overlap: Overlap,
    pub(crate) history: History,
    pub(crate) first: First,
    pub(crate) on_crash: OnCrash,
    /// `None`: as suits the trigger.
    pub(crate) grace: Option<Duration>,
    /// `None`: as suits the trigger.
    pub(crate) catch_up_window: Option<Duration>,
    pub(crate) jitter: Duration,
    pub(crate) splay: Duration,
    /// Attempts for each slot, the first included.
    pub(crate) attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) retry_if: Option<RetryIf>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) cancel_grace: Duration,
    pub(crate) max_fails: Option<u32>,
    pub(crate) count: Option<u64>,
    pub(crate) auto_start: bool,
    pub(crate) expect_within: Option<Duration>,
    pub(crate) priority: i8,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            misfire: Misfire::default(),
            overlap: Overlap::default(),
            history: History::default(),
            first: First::default(),
            on_crash: OnCrash::default(),
            grace: None,
            catch_up_window: None,
            jitter: Duration::ZERO,
            splay: Duration::ZERO,
            attempts: 3,
            backoff: Backoff::default(),
            retry_if: None,
            timeout: None,
            cancel_grace: Duration::from_secs(5),
            max_fails: None,
            count: None,
            auto_start: true,
            expect_within: None,
            priority: 0,
        }
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("misfire", &self.misfire)
            .field("overlap", &self.overlap)
            .field("history", &self.history)
            .field("first", &self.first)
            .field("on_crash", &self.on_crash)
            .field("attempts", &self.attempts)
            .field("timeout", &self.timeout)
            .field("max_fails", &self.max_fails)
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
