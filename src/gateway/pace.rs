//! How long to wait before connecting again.
//!
//! A healthy connection that is lost is taken up again at once.
//! One that keeps failing, or keeps being closed soon after it opened, is tried ever more slowly, so that no core spins
//! and Discord's limits are not burned.

use std::time::Duration;

/// The memory of one shard's recent connections.
#[derive(Debug, Default)]
pub(super) struct Pace {
    losses: u32,
}

/// So many losses in a row of connections that had a session cost nothing.
const FREE_WITH_SESSION: u32 = 10;
/// The same for connections that never got as far as a session.
const FREE_WITHOUT_SESSION: u32 = 1;
/// A connection that lived this long starts the count anew.
const HEALTHY: Duration = Duration::from_secs(60);
/// Longest pause after a loss. Below the time-out of connecting, which may already run while the pause lasts.
const LONGEST_AFTER_LOSS: Duration = Duration::from_secs(8);
/// Longest pause while nothing answers.
const LONGEST_AFTER_FAILURE: Duration = Duration::from_secs(30);

impl Pace {
    /// A connection was lost after it lived so long. Answers how long to wait.
    pub(super) fn lost(&mut self, lived: Duration, had_session: bool) -> Duration {
        if had_session && lived >= HEALTHY {
            self.losses = 0;
        }
        self.losses = self.losses.saturating_add(1);
        let free = if had_session {
            FREE_WITH_SESSION
        } else {
            FREE_WITHOUT_SESSION
        };
        doubled(self.losses.saturating_sub(free)).min(LONGEST_AFTER_LOSS)
    }

    /// A connection could not be opened. Answers how long to wait.
    pub(super) fn failed(&mut self) -> Duration {
        self.losses = self.losses.saturating_add(1);
        doubled(self.losses).min(LONGEST_AFTER_FAILURE)
    }
}

/// 0, then 1 s, 2 s, 4 s and so on.
fn doubled(steps: u32) -> Duration {
    match steps {
        0 => Duration::ZERO,
        steps => Duration::from_secs(1 << (steps - 1).min(16)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Step {
        Lost { lived: u64, had_session: bool },
        Failed,
    }
    use Step::{Failed, Lost};

    fn check(steps: impl IntoIterator<Item = Step>, expected: &[u64]) {
        let mut pace = Pace::default();
        let pauses: Vec<_> = steps
            .into_iter()
            .map(|step| match step {
                Lost { lived, had_session } => pace.lost(Duration::from_secs(lived), had_session),
                Failed => pace.failed(),
            })
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(pauses, expected);
    }

    #[test]
    fn what_keeps_failing_is_tried_ever_more_slowly() {
        let short = || Lost {
            lived: 0,
            had_session: true,
        };
        let healthy = || Lost {
            lived: 60,
            had_session: true,
        };
        let refused = || Lost {
            lived: 0,
            had_session: false,
        };
        check([(); 5].map(|()| short()), &[0; 5]);
        check(
            [(); 16].map(|()| short()),
            &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 8, 8],
        );
        check([(); 6].map(|()| refused()), &[0, 1, 2, 4, 8, 8]);
        check([(); 7].map(|()| Failed), &[1, 2, 4, 8, 16, 30, 30]);
        check([Failed, Failed, healthy(), Failed], &[1, 2, 0, 2]);
        check([(); 12].map(|()| healthy()), &[0; 12]);
    }
}
