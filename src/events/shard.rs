//! Which events of one shard have been received, and which of them are still in hand.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::Position;

/// One shard's part of [`Progress`](super::Progress). Written by the task that reads the shard.
pub struct ShardProgress {
    shard: u32,
    state: Mutex<State>,
    shared: Arc<Shared>,
}

/// What all shards share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Something was received or handled.
    pub(super) changed: Notify,
    /// Set when the process gives up on what is in hand, so that it counts as unhandled for ever.
    pub(super) frozen: AtomicBool,
}

struct State {
    session: Arc<str>,
    /// Tells receipts of this session from those of earlier ones.
    epoch: u64,
    received: u64,
    /// In the order of arrival; the first is always unhandled.
    in_hand: VecDeque<InHand>,
    /// Receipts alive, those of earlier sessions included.
    receipts: usize,
}

struct InHand {
    sequence: u64,
    handled: bool,
}

impl ShardProgress {
    pub(super) fn new(shard: u32, shared: Arc<Shared>) -> Self {
        let state = State {
            session: "".into(),
            epoch: 0,
            received: 0,
            in_hand: VecDeque::new(),
            receipts: 0,
        };
        Self {
            shard,
            state: Mutex::new(state),
            shared,
        }
    }

    /// A session begins, or is taken up again, with everything up to `sequence` handled.
    /// What is in hand of an earlier session no longer holds the watermark.
    pub(crate) fn begin(&self, session: Arc<str>, sequence: u64) {
        let mut state = self.state.lock();
        state.session = session;
        state.epoch += 1;
        state.received = sequence;
        state.in_hand.clear();
        drop(state);
        self.shared.changed.notify_waiters();
    }

    /// An event was received and needs no further handling.
    pub(crate) fn pass(&self, sequence: u64) {
        let mut state = self.state.lock();
        state.received = state.received.max(sequence);
        drop(state);
        self.shared.changed.notify_waiters();
    }

    /// An event was received and is in hand until the last clone of the receipt is dropped.
    pub(crate) fn take(self: &Arc<Self>, sequence: u64) -> Receipt {
        let mut state = self.state.lock();
        state.received = state.received.max(sequence);
        state.in_hand.push_back(InHand {
            sequence,
            handled: false,
        });
        state.receipts += 1;
        let held = Held {
            progress: Arc::clone(self),
            epoch: state.epoch,
            sequence,
        };
        drop(state);
        self.shared.changed.notify_waiters();
        Receipt {
            _held: Arc::new(held),
        }
    }

    /// The number of the newest event received in the present session; 0 before the first.
    pub fn received(&self) -> u64 {
        self.state.lock().received
    }

    /// The highest number below and at which every event was handled.
    pub fn handled(&self) -> u64 {
        self.state.lock().handled()
    }

    /// How many events are in hand.
    pub fn in_hand(&self) -> usize {
        self.state.lock().receipts
    }

    /// The watermark as a position; `None` before the first session.
    pub(super) fn watermark(&self) -> Option<Position> {
        let state = self.state.lock();
        let session = Arc::clone(&state.session);
        (!session.is_empty()).then(|| Position {
            shard: self.shard,
            session,
            sequence: state.handled(),
        })
    }

    fn settle(&self, epoch: u64, sequence: u64) {
        let mut state = self.state.lock();
        state.receipts -= 1;
        if epoch == state.epoch && !self.shared.frozen.load(Ordering::Acquire) {
            state.settle(sequence);
        }
        drop(state);
        self.shared.changed.notify_waiters();
    }
}

impl fmt::Debug for ShardProgress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        out.debug_struct("ShardProgress")
            .field("shard", &self.shard)
            .field("received", &state.received)
            .field("handled", &state.handled())
            .field("in_hand", &state.receipts)
            .finish_non_exhaustive()
    }
}

impl State {
    fn handled(&self) -> u64 {
        self.in_hand
            .front()
            .map_or(self.received, |first| first.sequence - 1)
    }

    fn settle(&mut self, sequence: u64) {
        let found = self
            .in_hand
            .binary_search_by_key(&sequence, |in_hand| in_hand.sequence);
        if let Ok(index) = found {
            self.in_hand[index].handled = true;
        }
        while self.in_hand.front().is_some_and(|first| first.handled) {
            self.in_hand.pop_front();
        }
    }
}

/// Held while an event is being handled; dropping the last clone marks it handled.
///
/// A listener that works on in the background keeps a clone until its work is done.
/// After a crash every event whose receipt was held comes again, where Discord still has it.
#[derive(Clone)]
pub struct Receipt {
    _held: Arc<Held>,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Receipt({})", self._held.sequence)
    }
}

struct Held {
    progress: Arc<ShardProgress>,
    epoch: u64,
    sequence: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.progress.settle(self.epoch, self.sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> Arc<ShardProgress> {
        let progress = Arc::new(ShardProgress::new(0, Arc::default()));
        progress.begin("a".into(), sequence);
        progress
    }

    #[test]
    fn the_watermark_stops_before_the_first_event_in_hand() {
        let progress = at(10);
        let (first, second) = (progress.take(11), progress.take(13));
        progress.pass(14);
        assert_eq!(
            (progress.received(), progress.handled(), progress.in_hand()),
            (14, 10, 2)
        );
        drop(second);
        assert_eq!((progress.handled(), progress.in_hand()), (10, 1));
        let kept = first.clone();
        drop(first);
        assert_eq!(progress.handled(), 10);
        drop(kept);
        assert_eq!((progress.handled(), progress.in_hand()), (14, 0));
    }

    #[test]
    fn a_receipt_of_an_old_session_moves_nothing() {
        let progress = at(10);
        let old = progress.take(11);
        progress.begin("b".into(), 0);
        let new = progress.take(11);
        drop(old);
        assert_eq!((progress.handled(), progress.in_hand()), (10, 1));
        drop(new);
        assert_eq!((progress.handled(), progress.in_hand()), (11, 0));
    }

    #[test]
    fn what_is_given_up_counts_as_unhandled() {
        let progress = at(10);
        let receipt = progress.take(11);
        progress.shared.frozen.store(true, Ordering::Release);
        drop(receipt);
        assert_eq!((progress.handled(), progress.in_hand()), (10, 0));
    }
}
