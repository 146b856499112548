//! How long a bot that has crashed waits before it is started again.

use std::time::Duration;

use rand::RngExt;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(5);
/// A bot that has lived for so long crashes as if for the first time.
const LASTING: Duration = Duration::from_mins(10);

/// Pauses that double from 1 s to 5 min, each with up to a quarter more by chance, so that bots that crashed together
/// do not come back together.
pub(super) struct Pauses(Duration);

impl Pauses {
    pub(super) fn new() -> Self {
        Self(FIRST)
    }

    /// The pause after a crash of a bot that has lived for so long.
    pub(super) fn after(&mut self, lived: Duration) -> Duration {
        if lived >= LASTING {
            self.0 = FIRST;
        }
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST);
        pause.mul_f64(rand::rng().random_range(1.0..1.25))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_crash_in_a_row_waits_longer_up_to_a_bound() {
        let mut pauses = Pauses::new();
        let mut check = |lived: Duration, expected: u64| {
            let (pause, expected) = (pauses.after(lived), Duration::from_secs(expected));
            assert!(
                pause >= expected && pause < expected.mul_f64(1.25),
                "{pause:?}"
            );
        };
        for expected in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            check(Duration::from_secs(1), expected);
        }
        check(LASTING, 1);
        check(Duration::ZERO, 2);
    }
}
