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
    /// Receipts alive, those of commands and of earlier sessions included.
    receipts: usize,
    /// Up to which event of the session commands have begun; `None` while only the process before this one knew.
    commands: Option<u64>,
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
            commands: Some(0),
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
        state.commands = Some(0);
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
        let epoch = Some(state.epoch);
        drop(state);
        self.receipt(epoch, sequence)
    }

    /// A command begins, and is in hand until the last clone of the receipt is dropped.
    /// It holds no resume point: it is not to begin again, and [`ShardProgress::has_begun`] remembers it.
    pub(crate) fn command(self: &Arc<Self>, sequence: u64) -> Receipt {
        let mut state = self.state.lock();
        state.commands = state.commands.map(|begun| begun.max(sequence));
        state.receipts += 1;
        drop(state);
        self.receipt(None, sequence)
    }

    fn receipt(self: &Arc<Self>, epoch: Option<u64>, sequence: u64) -> Receipt {
        self.shared.changed.notify_waiters();
        let progress = Arc::clone(self);
        let held = Held {
            progress,
            epoch,
            sequence,
        };
        Receipt {
            _held: Arc::new(held),
        }
    }

    /// The session of an earlier process is taken up, in which commands up to this event have begun;
    /// `None` when that process did not live to say.
    pub(crate) fn take_up_commands(&self, begun: Option<u64>) {
        self.state.lock().commands = begun;
    }

    /// Everything up to this event was received by now, so that no later command can have begun.
    pub(crate) fn commands_known(&self, sequence: u64) {
        self.state.lock().commands.get_or_insert(sequence);
    }

    /// Whether the command of this event has begun, or may have begun in an earlier process.
    pub(crate) fn has_begun(&self, sequence: u64) -> bool {
        let commands = self.state.lock().commands;
        commands.is_none_or(|begun| sequence <= begun)
    }

    /// Up to which event of the present session commands have begun; `None` before the first session, and while it
    /// is not known.
    pub(super) fn commands(&self) -> Option<Position> {
        let state = self.state.lock();
        state.position(self.shard, state.commands?)
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

    /// The newest event received in the present session; `None` before the first.
    pub(super) fn newest(&self) -> Option<Position> {
        let state = self.state.lock();
        state.position(self.shard, state.received)
    }

    /// The watermark as a position; `None` before the first session.
    pub(super) fn watermark(&self) -> Option<Position> {
        let state = self.state.lock();
        state.position(self.shard, state.handled())
    }

    fn settle(&self, epoch: Option<u64>, sequence: u64) {
        let mut state = self.state.lock();
        state.receipts -= 1;
        if epoch == Some(state.epoch) && !self.shared.frozen.load(Ordering::Acquire) {
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
    fn position(&self, shard: u32, sequence: u64) -> Option<Position> {
        let session = Arc::clone(&self.session);
        (!session.is_empty()).then_some(Position {
            shard,
            session,
            sequence,
        })
    }

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
    /// `None` for a command, which holds no resume point.
    epoch: Option<u64>,
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
    fn a_command_is_in_hand_and_holds_no_resume_point() {
        let progress = at(10);
        let listening = progress.take(11);
        let command = progress.command(12);
        progress.pass(12);
        drop(listening);
        assert_eq!((progress.handled(), progress.in_hand()), (12, 1));
        assert_eq!(progress.commands().unwrap().sequence, 12);
        assert!(progress.has_begun(12) && !progress.has_begun(13));
        drop(command);
        assert_eq!((progress.handled(), progress.in_hand()), (12, 0));
        progress.begin("b".into(), 0);
        assert_eq!(progress.commands().unwrap().sequence, 0);
    }

    #[test]
    fn any_command_may_have_begun_in_a_process_that_did_not_say() {
        let progress = at(10);
        progress.take_up_commands(None);
        assert!(progress.has_begun(u64::MAX) && progress.commands().is_none());
        progress.commands_known(20);
        assert!(progress.has_begun(20) && !progress.has_begun(21));
        progress.take_up_commands(Some(15));
        progress.commands_known(20);
        assert!(progress.has_begun(15) && !progress.has_begun(16));
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
