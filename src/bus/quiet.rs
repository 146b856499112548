//! When nothing is left to be done but to wait for the next event.

use super::{Events, For, work};

impl Events {
    /// Runs a command, which does not count as busy while it waits for an event.
    pub(crate) async fn run_command<T>(&self, command: impl Future<Output = T>) -> T {
        work::run(&self.0.parked, For::Command, command).await
    }

    /// Resolves when the lanes and `in_hand` of the gateway's receipts hold nothing but work that waits for an event.
    /// Asked again at each change of the lanes and of what waits.
    pub async fn quiet(&self, in_hand: impl Fn() -> usize) {
        loop {
            let mut room = std::pin::pin!(self.0.lanes.room());
            let mut changed = std::pin::pin!(self.0.parked.changed.notified());
            room.as_mut().enable();
            changed.as_mut().enable();
            if self.is_quiet(in_hand()) {
                return;
            }
            tokio::select! {
                () = room => {}
                () = changed => {}
            }
        }
    }

    fn is_quiet(&self, in_hand: usize) -> bool {
        let parked = |of| self.0.parked.count(of);
        in_hand <= parked(For::Command) + parked(For::Delivery)
            && self.0.lanes.total() <= parked(For::Delivery) + parked(For::Own)
    }

    /// How many events are in the lanes.
    pub(crate) fn in_hand(&self) -> usize {
        self.0.lanes.total()
    }

    /// Resolves when the lanes are empty.
    pub(crate) async fn drained(&self) {
        loop {
            let mut room = std::pin::pin!(self.0.lanes.room());
            room.as_mut().enable();
            if self.in_hand() == 0 {
                return;
            }
            room.await;
        }
    }
}
