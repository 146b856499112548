//! The network is gone for a while. `benches/outage` does the same for ten minutes, with a process of its own.

use std::time::{Duration, Instant};

use cogsmith_simulator::Simulator;
use cogsmith_tasks::Gate;

use super::bench::{Bench, Recorder, eventually, within};
use crate::{log::Log, proxy::Proxy};

const BEAT: Duration = Duration::from_millis(100);

#[tokio::test]
async fn a_network_that_is_gone_costs_no_event_no_session_and_few_words() {
    let log = Log::start();
    let proxy = Proxy::bind().await.unwrap();
    let builder = Simulator::builder()
        .reached_at(proxy.address().unwrap())
        .heartbeat_interval(BEAT);
    let bench = Bench::with(builder).await;
    let network = proxy.lead_to(bench.simulator.address());
    let mut options = bench.options();
    let gate = Gate::closed("Discord");
    options.connected = gate.clone();
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    bench.ann.says("before").await;
    bench.settled(&process).await;
    assert!(gate.is_open());

    network.cut();
    let begun = Instant::now();
    bench.ann.says("meanwhile").await;
    // Half open: nobody says that the connection is gone, and the missing answers tell.
    eventually(|| process.gateway.counters().losses.get() == 1).await;
    assert!(!gate.is_open());
    eventually(|| begun.elapsed() > BEAT * 20).await;
    assert_eq!(process.sink.heard(), ["before"]);
    assert!(process.gateway.shards()[0].has_session);

    network.mend();
    let resumed = bench.simulator.until(|simulator| simulator.resumes() == 1);
    within(resumed).await;
    bench.ann.says("after").await;
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), ["before", "meanwhile", "after"]);
    assert!(gate.is_open());
    assert_eq!(bench.simulator.identifies(), 1);
    let lines = log.lines();
    assert!(lines.len() < 12, "{lines:?}");
}
