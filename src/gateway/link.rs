//! Whether every shard has its connection, as tasks that need Discord ask, and since when one has none.

use std::{collections::BTreeMap, time::Duration};

use cogsmith_tasks::{Clock, Gate};
use tokio::sync::watch;

pub(super) struct Link {
    gate: Gate,
    clock: Clock,
    down: watch::Sender<Down>,
    /// Whether any shard has ever had one.
    was_up: watch::Sender<bool>,
}

/// The shards without a connection.
pub(super) type Down = BTreeMap<u32, Outage>;

/// How long a shard has been without a connection, as far as that is Discord's fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outage {
    /// On the clock's monotonic hand.
    since: Duration,
    /// Since when it waits for its turn to identify.
    queued: Option<Duration>,
    /// Whether a new session was begun because of it.
    renewed: bool,
}

/// What is to be done about a shard that stays silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedy {
    /// A new session.
    Renew,
    /// A new session was of no use.
    GiveUp,
}

impl Link {
    /// No shard has a connection yet.
    pub(super) fn new(gate: Gate, clock: Clock, shards: impl IntoIterator<Item = u32>) -> Self {
        gate.close();
        let outage = Outage::beginning(clock.monotonic());
        let down = shards.into_iter().map(|shard| (shard, outage)).collect();
        Self {
            gate,
            clock,
            down: watch::Sender::new(down),
            was_up: watch::Sender::new(false),
        }
    }

    /// Resolves with the first connection of any shard.
    pub(super) async fn first_up(&self) {
        let mut was_up = self.was_up.subscribe();
        // The sender lives as long as this.
        drop(was_up.wait_for(|was_up| *was_up).await);
    }

    pub(super) fn up(&self, shard: u32) {
        self.was_up.send_replace(true);
        self.down.send_modify(|down| {
            down.remove(&shard);
            if down.is_empty() {
                self.gate.open();
            }
        });
    }

    pub(super) fn down(&self, shard: u32) {
        let outage = Outage::beginning(self.clock.monotonic());
        self.down.send_modify(|down| {
            down.entry(shard).or_insert(outage);
            self.gate.close();
        });
    }

    /// The shard waits for its turn to identify, which is nobody's fault.
    pub(super) fn queued(&self, shard: u32) {
        let now = self.clock.monotonic();
        self.change(shard, |outage| outage.queued = Some(now));
    }

    /// The shard has its turn, or waits no more.
    pub(super) fn dequeued(&self, shard: u32) {
        let now = self.clock.monotonic();
        self.change(shard, |outage| outage.dequeued(now));
    }

    /// Nothing of Discord can be reached: no shard is to blame for what was so far.
    pub(super) fn unreachable(&self) {
        let now = self.clock.monotonic();
        self.down.send_modify(|down| {
            down.values_mut().for_each(|outage| outage.since = now);
        });
    }

    /// What is to be done about the shards that have been without a connection for `patience`. Each begins anew with it.
    pub(super) fn remedies(&self, patience: Duration) -> Vec<(u32, Remedy)> {
        let now = self.clock.monotonic();
        let mut remedies = Vec::new();
        self.down.send_modify(|down| {
            for (shard, outage) in down {
                if let Some(remedy) = outage.remedy(now, patience) {
                    remedies.push((*shard, remedy));
                }
            }
        });
        remedies
    }

    /// Tells of every change.
    pub(super) fn outages(&self) -> watch::Receiver<Down> {
        self.down.subscribe()
    }

    fn change(&self, shard: u32, change: impl FnOnce(&mut Outage)) {
        self.down.send_modify(|down| {
            down.get_mut(&shard).map(change);
        });
    }
}

impl Outage {
    const fn beginning(since: Duration) -> Self {
        Self {
            since,
            queued: None,
            renewed: false,
        }
    }

    fn dequeued(&mut self, now: Duration) {
        if let Some(queued) = self.queued.take() {
            self.since += now.saturating_sub(queued);
        }
    }

    fn remedy(&mut self, now: Duration, patience: Duration) -> Option<Remedy> {
        if self.queued.is_some() || now.saturating_sub(self.since) < patience {
            return None;
        }
        self.since = now;
        Some(match std::mem::replace(&mut self.renewed, true) {
            false => Remedy::Renew,
            true => Remedy::GiveUp,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use cogsmith_tasks::secs;

    use super::*;

    fn link(shards: impl IntoIterator<Item = u32>) -> (Link, Clock, Gate) {
        let (gate, clock) = (Gate::closed("Discord"), Clock::manual(DateTime::UNIX_EPOCH));
        (Link::new(gate.clone(), clock.clone(), shards), clock, gate)
    }

    #[test]
    fn the_gate_is_open_while_every_shard_is_connected() {
        let (link, _, gate) = link([0, 1]);
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

    #[test]
    fn a_shard_that_stays_silent_is_renewed_once_and_then_given_up() {
        let (link, clock, _) = link([0, 1]);
        let check = |after: u64, expected: &[(u32, Remedy)]| {
            clock.advance(secs(after));
            assert_eq!(link.remedies(secs(300)), expected);
        };
        link.up(1);
        check(299, &[]);
        check(1, &[(0, Remedy::Renew)]);
        check(299, &[]);
        check(1, &[(0, Remedy::GiveUp)]);
        link.up(0);
        link.down(0);
        check(300, &[(0, Remedy::Renew)]);
    }

    #[test]
    fn time_without_a_network_and_time_in_the_queue_are_nobodys_fault() {
        let (link, clock, _) = link([0]);
        let check = |after: u64, expected: &[(u32, Remedy)]| {
            clock.advance(secs(after));
            assert_eq!(link.remedies(secs(300)), expected);
        };
        check(200, &[]);
        link.unreachable();
        check(200, &[]);
        link.queued(0);
        check(900, &[]);
        link.dequeued(0);
        check(99, &[]);
        check(1, &[(0, Remedy::Renew)]);
    }
}
