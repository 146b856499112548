//! Heartbeat intervals in a row in which Discord answered no heartbeat.
//!
//! A connection on which nothing comes is given up by twilight after two of them and resumed.
//! One that brings events and no acknowledgements is what this is for; see Discord docs/Gateway, Heartbeat Interval.

use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval_at};

/// So many are too many.
const MOST: u32 = 3;

pub(super) struct Silence {
    over: Interval,
    /// When Discord last answered, at the end of the interval before.
    acknowledged: Option<Instant>,
    intervals: u32,
    /// Whether a new session was begun because of it, and has had no answer either.
    was_renewed: bool,
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Wait,
    /// A new session is to begin.
    Renew,
    /// It was of no use.
    GiveUp,
}

impl Silence {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            over: ticks(interval),
            acknowledged: None,
            intervals: 0,
            was_renewed: false,
        }
    }

    /// A connection begins, with this heartbeat interval.
    pub(super) fn begin(&mut self, interval: Duration) {
        self.over = ticks(interval);
        self.intervals = 0;
    }

    /// Resolves when an interval is over.
    pub(super) async fn interval(&mut self) {
        self.over.tick().await;
    }

    /// An interval is over, and Discord last answered then. One that is not judged begins the count anew.
    pub(super) fn note(&mut self, acknowledged: Option<Instant>, is_judged: bool) -> Verdict {
        let is_answered = self.acknowledged != acknowledged;
        self.acknowledged = acknowledged;
        self.was_renewed &= !is_answered;
        self.intervals = match is_judged && !is_answered {
            true => self.intervals + 1,
            false => 0,
        };
        if self.intervals < MOST {
            return Verdict::Wait;
        }
        self.intervals = 0;
        match std::mem::replace(&mut self.was_renewed, true) {
            false => Verdict::Renew,
            true => Verdict::GiveUp,
        }
    }
}

fn ticks(interval: Duration) -> Interval {
    let interval = interval.max(Duration::from_millis(1));
    let mut ticks = interval_at(tokio::time::Instant::now() + interval, interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{GiveUp, Renew, Wait};

    /// `a` is an interval with an answer, `.` one without, `-` one that is not judged.
    #[tokio::test]
    async fn three_silent_intervals_renew_a_session_and_three_more_give_it_up() {
        fn check(intervals: &str, expected: &[Verdict]) {
            let mut silence = Silence::new(Duration::from_secs(1));
            let mut acknowledged = None;
            let mut verdicts = Vec::new();
            for interval in intervals.chars() {
                if interval == 'a' {
                    let last = acknowledged.unwrap_or_else(Instant::now);
                    acknowledged = Some(last + Duration::from_secs(1));
                }
                verdicts.push(silence.note(acknowledged, interval != '-'));
            }
            assert_eq!(verdicts, expected, "{intervals}");
        }
        check("a..a..", &[Wait; 6]);
        check("...", &[Wait, Wait, Renew]);
        check("a...", &[Wait, Wait, Wait, Renew]);
        check("..-..-", &[Wait; 6]);
        check("......", &[Wait, Wait, Renew, Wait, Wait, GiveUp]);
        check("...a...", &[Wait, Wait, Renew, Wait, Wait, Wait, Renew]);
    }
}
