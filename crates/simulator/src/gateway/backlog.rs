//! The events of one session, numbered from 1, and kept for a resume as long as there is room.

use std::collections::VecDeque;
use std::sync::Arc;

/// How many events a session keeps.
const EVENTS_KEPT: usize = 100_000;
/// How many bytes of events a session keeps.
const BYTES_KEPT: usize = 128 * 1024 * 1024;

/// What every `RESUMED` begins with.
const RESUMED: &str = r#""t":"RESUMED","#;

#[derive(Debug, Default)]
pub(crate) struct Backlog {
    events: VecDeque<Arc<str>>,
    bytes: usize,
    /// Up to here nothing can be replayed any more.
    forgotten: u64,
    /// The number of the newest `RESUMED`.
    resumed: u64,
}

/// An event with its number in the session.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numbered {
    pub(crate) sequence: u64,
    /// The frame from `"t"` on.
    pub(crate) rest: Arc<str>,
}

impl Numbered {
    pub(crate) fn frame(&self) -> String {
        let Self { sequence, rest } = self;
        format!(r#"{{"op":0,"s":{sequence},{rest}"#)
    }
}

impl Backlog {
    /// Adds an event, and forgets the oldest when there are too many.
    pub(crate) fn push(&mut self, event: Arc<str>) {
        self.bytes += event.len();
        self.events.push_back(event);
        if self.events.back().is_some_and(|it| it.starts_with(RESUMED)) {
            self.resumed = self.sequence();
        }
        while self.events.len() > EVENTS_KEPT || self.bytes > BYTES_KEPT {
            let Some(oldest) = self.events.pop_front() else {
                return;
            };
            self.bytes -= oldest.len();
            self.forgotten += 1;
        }
    }

    /// The number of the newest event; 0 when there was none.
    pub(crate) fn sequence(&self) -> u64 {
        self.forgotten + self.events.len() as u64
    }

    /// Whether everything after `cursor` is still here.
    pub(crate) const fn reaches_back_to(&self, cursor: u64) -> bool {
        cursor >= self.forgotten
    }

    /// The next events after `cursor`, at most `limit`. Of the times that the client came back,
    /// only the last is told.
    pub(crate) fn after(&self, cursor: u64, limit: usize) -> Vec<Numbered> {
        let skipped = usize::try_from(cursor - self.forgotten).unwrap_or(usize::MAX);
        let events = self.events.iter().skip(skipped).zip(cursor + 1..);
        let told =
            events.filter(|(event, number)| *number == self.resumed || !event.starts_with(RESUMED));
        let numbered = told.map(|(event, sequence)| Numbered {
            sequence,
            rest: Arc::clone(event),
        });
        numbered.take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(backlog: &Backlog, cursor: u64, limit: usize) -> Vec<u64> {
        let events = backlog.after(cursor, limit);
        events.iter().map(|it| it.sequence).collect()
    }

    #[test]
    fn it_is_bounded_in_events_and_knows_how_far_it_reaches() {
        let mut backlog = Backlog::default();
        for _ in 0..EVENTS_KEPT + 2 {
            backlog.push("x".into());
        }
        assert_eq!(backlog.events.len(), EVENTS_KEPT);
        assert!(!backlog.reaches_back_to(1));
        assert!(backlog.reaches_back_to(2));
        assert_eq!(numbers(&backlog, 2, 2), [3, 4]);
        assert_eq!(backlog.sequence(), EVENTS_KEPT as u64 + 2);
    }

    #[test]
    fn it_is_bounded_in_bytes() {
        let mut backlog = Backlog::default();
        let large: Arc<str> = "x".repeat(BYTES_KEPT / 4).into();
        for _ in 0..10 {
            backlog.push(Arc::clone(&large));
        }
        assert_eq!(backlog.events.len(), 4);
        assert_eq!(backlog.sequence(), 10);
        assert_eq!(numbers(&backlog, 6, 10), [7, 8, 9, 10]);
    }

    #[test]
    fn an_earlier_return_is_not_told_again() {
        let mut backlog = Backlog::default();
        let resumed: Arc<str> = format!("{RESUMED}\"d\":{{}}}}").into();
        for event in ["a".into(), Arc::clone(&resumed), "b".into(), resumed] {
            backlog.push(event);
        }
        assert_eq!(numbers(&backlog, 0, 10), [1, 3, 4]);
    }
}
