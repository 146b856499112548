//! Looks after shards that have no connection though Discord can be reached.
//!
//! While a shard is down, Discord's REST API is asked every half minute where the gateway is.
//! A shard that has been down for 5 min in all of which that was answered begins a new session; when that takes
//! 5 min more, the gateway ends with [`Error::Dead`](super::Error::Dead), for a supervisor to start the process anew.
//! As long as REST does not answer either, the network is gone, and all wait calmly.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::sync::Notify;
use tracing::{debug, warn};

use super::{
    End, Error,
    entry::Ask,
    link::{Link, Remedy},
    reader::Shared,
};
use crate::rest::Failure;

/// Between two looks at what is down, on the clock.
pub(super) const LOOK: Duration = Duration::from_secs(30);
/// How long a shard may be without a connection while Discord can be reached.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

pub(super) struct Watchdog {
    pub(super) shared: Arc<Shared>,
    pub(super) ask: Ask,
    /// What tells each shard to begin a new session.
    pub(super) renewals: BTreeMap<u32, Arc<Notify>>,
}

impl Watchdog {
    /// Watches until a shard is beyond help, and answers why.
    pub(super) async fn watch(self) -> End {
        let mut outages = self.link().outages();
        loop {
            // The sender lives as long as this.
            drop(outages.wait_for(|down| !down.is_empty()).await);
            let all_up = outages.wait_for(BTreeMap::is_empty);
            tokio::select! {
                _ = all_up => continue,
                () = self.shared.clock.sleep(LOOK) => {}
            }
            if let Some(end) = self.look().await {
                return end;
            }
        }
    }

    async fn look(&self) -> Option<End> {
        match self.ask.once().await {
            Ok(_) => {}
            Err(Failure::Lasting(Error::TokenRefused)) => return Some(End::TokenRefused),
            Err(_) => {
                debug!("Discord cannot be reached: shards that are down wait");
                self.link().unreachable();
                return None;
            }
        }
        let remedies = self.link().remedies(PATIENCE);
        remedies
            .into_iter()
            .find_map(|(shard, remedy)| self.help(shard, remedy))
    }

    fn help(&self, shard: u32, remedy: Remedy) -> Option<End> {
        if remedy == Remedy::GiveUp {
            return Some(End::Dead { shard });
        }
        warn!(
            shard.id = shard,
            "shard {shard} has had no connection for {PATIENCE:?} though Discord can be reached: it begins a new session"
        );
        if let Some(renewal) = self.renewals.get(&shard) {
            renewal.notify_one();
        }
        None
    }

    fn link(&self) -> &Link {
        &self.shared.link
    }
}
