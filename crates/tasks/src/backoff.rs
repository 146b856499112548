//! When to try again: growing pauses with full jitter.

use std::time::Duration;

use rand::RngExt;

/// Pauses between the attempts for one slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The bound of the first pause; each later bound is twice the one before.
    pub(crate) base: Duration,
    /// No bound is above this.
    pub(crate) cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_mins(5),
        }
    }
}

impl Backoff {
    /// The pause after the `attempt`-th attempt (from 1) failed: uniform between 1 ms and the bound,
    /// so that tasks that failed together do not come back together.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let bound = u64::try_from(self.bound(attempt).as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(rand::rng().random_range(1..=bound.max(1)))
    }

    fn bound(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(attempt: u32, expected: u64) {
        let backoff = Backoff::default();
        assert_eq!(backoff.bound(attempt), Duration::from_secs(expected));
        assert!(backoff.pause(attempt) <= Duration::from_secs(expected));
    }

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        check(1, 1);
        check(2, 2);
        check(3, 4);
        check(9, 256);
        check(10, 300);
        check(u32::MAX, 300);
    }
}
