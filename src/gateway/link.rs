//! Whether every shard has its connection, as tasks that need Discord ask.

use std::collections::BTreeSet;

use cogsmith_tasks::Gate;
use parking_lot::Mutex;
use tokio::sync::watch;

pub(super) struct Link {
    gate: Gate,
    down: Mutex<BTreeSet<u32>>,
    /// Whether any shard has ever had one.
    was_up: watch::Sender<bool>,
}

impl Link {
    /// No shard has a connection yet.
    pub(super) fn new(gate: Gate, shards: &BTreeSet<u32>) -> Self {
        gate.close();
        let down = Mutex::new(shards.clone());
        let was_up = watch::Sender::new(false);
        Self { gate, down, was_up }
    }

    /// Resolves with the first connection of any shard.
    pub(super) async fn first_up(&self) {
        let mut was_up = self.was_up.subscribe();
        // The sender lives as long as this.
        drop(was_up.wait_for(|was_up| *was_up).await);
    }

    pub(super) fn up(&self, shard: u32) {
        self.was_up.send_replace(true);
        let mut down = self.down.lock();
        down.remove(&shard);
        if down.is_empty() {
            self.gate.open();
        }
    }

    pub(super) fn down(&self, shard: u32) {
        self.down.lock().insert(shard);
        self.gate.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_open_while_every_shard_is_connected() {
        let gate = Gate::closed("Discord");
        let link = Link::new(gate.clone(), &[0, 1].into());
        let mut seen = Vec::new();
        let mut step = |change: &dyn Fn()| {
            change();
            seen.push(gate.is_open());
        };
        step(&|| link.up(0));
        step(&|| link.up(1));
        step(&|| link.up(1));
        step(&|| link.down(0));
        step(&|| link.down(1));
        step(&|| link.up(0));
        step(&|| link.up(1));
        assert_eq!(seen, [false, true, true, false, false, false, true]);
    }
}
