//! In large guilds Discord leaves those who are offline out of GUILD_CREATE.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use cogsmith::{
    bus::ListenerId,
    events::LeanMessage,
    gateway::{Delivery, Interest, Sink},
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::Value;

use super::bench::{Bench, eventually};

/// Counts the members of the newest GUILD_CREATE.
#[derive(Default)]
struct Members(AtomicUsize);

impl Sink for Members {
    fn interest(&self, _kind: &str) -> Interest {
        Interest::default()
    }

    fn fold(&self, _message: &LeanMessage<'_>) {}

    fn pass(&self, kind: &str, raw: &str) {
        if kind == "GUILD_CREATE" {
            let frame: Value = serde_json::from_str(raw).unwrap();
            let members = frame["d"]["members"].as_array().unwrap();
            self.0.store(members.len(), Ordering::Relaxed);
        }
    }

    fn deliver(&self, _listener: ListenerId, _delivery: Delivery) -> BoxFuture<'static, ()> {
        async {}.boxed()
    }
}

#[tokio::test]
async fn the_threshold_is_what_the_session_asks_for() {
    let bench = Bench::new().await;
    for number in 0..60 {
        bench.guild.member(&format!("member {number}"));
    }
    let mut counts = Vec::new();
    for large_threshold in [50, 250, 1_000] {
        let mut options = bench.options();
        options.large_threshold = large_threshold;
        let members = Arc::new(Members::default());
        let process = bench.begin(options, Arc::clone(&members)).await.unwrap();
        eventually(|| members.0.load(Ordering::Relaxed) > 0).await;
        counts.push(members.0.load(Ordering::Relaxed) > 60);
        process.close(cogsmith::gateway::Closing::ForGood).await;
    }
    assert_eq!(
        counts,
        [false, true, true],
        "all are told below the threshold"
    );
}
