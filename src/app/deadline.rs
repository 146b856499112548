//! The time a shutdown may take: one deadline over all its stages.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

/// Of the time of a shutdown, the part that is kept for writing what is in memory.
const WRITING: u32 = 5;
const LEAST_WRITING: Duration = Duration::from_secs(1);
const MOST_WRITING: Duration = Duration::from_secs(5);

/// Running work is waited for until `work`; then what is in memory is written, and at `end` the rest is dropped.
pub(super) struct Deadline {
    work: Instant,
    pub(super) end: Instant,
}

impl Deadline {
    /// Of a shutdown that begins now and may take `drain`, but 1 s at the least.
    pub(super) fn after(drain: Duration) -> Self {
        let work = Instant::now() + working(drain);
        let end = work + writing(drain);
        Self { work, end }
    }

    /// How long running work may go on.
    pub(super) fn work_left(&self) -> Duration {
        self.work.saturating_duration_since(Instant::now())
    }

    /// Waits for running work; `None` when it has not ended in time.
    pub(super) async fn work<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.work, work).await.ok()
    }

    /// Waits for the first stage, which leaves half of the time for writing to the others; `None` when it has
    /// not ended in time, and is dropped.
    pub(super) async fn first_stage<T>(&self, stage: impl Future<Output = T>) -> Option<T> {
        let writing = self.end - self.work;
        timeout_at(self.work + writing / 2, stage).await.ok()
    }

    /// Waits for a stage; `None` when it has not ended in time, and is dropped.
    pub(super) async fn stage<T>(&self, stage: impl Future<Output = T>) -> Option<T> {
        timeout_at(self.end, stage).await.ok()
    }
}

/// How long running work is waited for in a shutdown that may take `drain`.
pub(super) fn working(drain: Duration) -> Duration {
    drain.saturating_sub(writing(drain))
}

fn writing(drain: Duration) -> Duration {
    (drain / WRITING).clamp(LEAST_WRITING, MOST_WRITING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_fifth_is_kept_for_writing() {
        for (drain, expected) in [
            (0, (0, 1)),
            (1, (0, 1)),
            (10, (8, 2)),
            (25, (20, 5)),
            (3_600, (3_595, 5)),
        ] {
            let drain = Duration::from_secs(drain);
            let found = (working(drain).as_secs(), writing(drain).as_secs());
            assert_eq!(found, expected, "{drain:?}");
        }
    }
}
