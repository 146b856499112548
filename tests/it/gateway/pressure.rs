//! Listeners that are slow, that panic, or that would get what cannot be read.

use std::time::{Duration, Instant};

use cogsmith::gateway::Options;
use cogsmith_simulator::Simulator;
use serde_json::json;

use super::bench::{Bench, Process, Recorder, eventually, within};
use crate::log::Log;

#[tokio::test]
async fn a_full_lane_holds_the_reading_back_but_not_the_heartbeats() {
    let beat = Duration::from_millis(50);
    let bench = Bench::with(Simulator::builder().heartbeat_interval(beat)).await;
    let mut options = bench.options();
    options.limits.lane = 3;
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    let said: Vec<_> = std::iter::once("slow one".to_owned())
        .chain((1..200).map(|number| format!("message {number}")))
        .collect();
    for text in &said {
        bench.ann.says(text).await;
    }
    eventually(|| process.gateway.counters().lane_waits.get() == 1).await;
    assert_eq!(process.progress.in_hand(), 3);

    for _ in 0..20 {
        let before = process.gateway.counters().heartbeats.get();
        eventually(|| process.gateway.counters().heartbeats.get() > before).await;
    }
    assert_eq!(process.progress.in_hand(), 3);
    process.sink.open();
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), said);
    assert_eq!(
        (bench.simulator.identifies(), bench.simulator.resumes()),
        (1, 0)
    );
    assert_eq!(process.gateway.counters().losses.get(), 0);
}

/// Something that begins a command.
const PING: &str = r#"{"id":"1","application_id":"2","type":1,"token":"t","version":1}"#;

async fn a_command_begins(bound: impl FnOnce(&mut Options)) {
    let bench = Bench::new().await;
    let mut options = bench.options();
    bound(&mut options);
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    let said = ["slow one", "one", "two", "three", "four"];
    for text in said {
        bench.ann.says(text).await;
    }
    eventually(|| process.gateway.counters().lane_waits.get() == 1).await;
    let ping = serde_json::from_str(PING).unwrap();
    bench.simulator.dispatch_raw("INTERACTION_CREATE", &ping);
    process.sink.until_heard(2).await;
    assert_eq!(process.sink.heard(), ["slow one", "a command"]);

    process.sink.open();
    bench.settled(&process).await;
    let heard = process.sink.heard();
    assert_eq!(heard[2..], said[1..]);
    assert_eq!(process.gateway.counters().commands.get(), 1);
}

#[tokio::test]
async fn a_command_begins_while_a_lane_is_full() {
    a_command_begins(|options| options.limits.lane = 2).await;
}

#[tokio::test]
async fn a_command_begins_while_all_lanes_together_are_full() {
    a_command_begins(|options| options.limits.total = 2).await;
}

/// A bench whose connection is tended often.
async fn quick_bench() -> Bench {
    let beat = Duration::from_millis(50);
    Bench::with(Simulator::builder().heartbeat_interval(beat)).await
}

const SAID: [&str; 5] = ["slow one", "one", "two", "three", "four"];

/// A process whose one lane is full, while more waits to be read.
async fn held_back(bench: &Bench) -> Process {
    let mut options = bench.options();
    options.limits.lane = 2;
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    for text in SAID {
        bench.ann.says(text).await;
    }
    eventually(|| process.gateway.counters().lane_waits.get() == 1).await;
    process
}

fn ping(bench: &Bench) {
    let ping = serde_json::from_str(PING).unwrap();
    bench.simulator.dispatch_raw("INTERACTION_CREATE", &ping);
}

#[tokio::test]
async fn a_session_that_ends_while_a_lane_is_full_costs_no_other() {
    let bench = quick_bench().await;
    let process = held_back(&bench).await;
    bench.simulator.close(Some(4009));
    let again = bench
        .simulator
        .until(|simulator| simulator.identifies() == 2);
    within(again).await;
    bench.ann.says("in the new session").await;
    process.sink.open();
    process.sink.until_heard(SAID.len() + 1).await;
    bench.settled(&process).await;
    let heard = process.sink.heard();
    assert_eq!(heard[..SAID.len()], SAID);
    assert_eq!(heard[SAID.len()..], ["in the new session"]);
    assert_eq!(bench.simulator.identifies(), 2);
}

#[tokio::test]
async fn a_command_begins_after_a_reconnect_while_a_lane_is_full() {
    for reconnect in [Simulator::reconnect, Simulator::cut] {
        let bench = quick_bench().await;
        let process = held_back(&bench).await;
        reconnect(&bench.simulator);
        let resumed = bench.simulator.until(|simulator| simulator.resumes() == 1);
        within(resumed).await;
        ping(&bench);
        process.sink.until_heard(2).await;
        assert_eq!(process.sink.heard(), ["slow one", "a command"]);

        process.sink.open();
        bench.settled(&process).await;
        assert_eq!(process.sink.heard()[2..], SAID[1..]);
        let counters = process.gateway.counters();
        assert_eq!(
            (counters.commands.get(), counters.repeated_commands.get()),
            (1, 0)
        );
    }
}

#[tokio::test]
async fn a_command_begins_while_what_a_killed_process_left_waits_for_a_slow_listener() {
    let bench = quick_bench().await;
    drop(held_back(&bench).await);
    let mut options = bench.options();
    options.limits.lane = 2;
    let sink = Recorder::of(&["MESSAGE_CREATE"]);
    sink.shut();
    let process = bench.begin(options, sink).await.unwrap();
    eventually(|| process.gateway.counters().lane_waits.get() == 1).await;
    within(bench.simulator.until(|simulator| simulator.resumes() == 1)).await;
    ping(&bench);
    process.sink.until_heard(2).await;
    assert_eq!(process.sink.heard(), ["slow one", "a command"]);

    process.sink.open();
    bench.settled(&process).await;
    assert_eq!(process.sink.heard()[2..], SAID[1..]);
    assert_eq!(process.gateway.counters().commands.get(), 1);
}

#[tokio::test]
async fn a_lane_that_is_behind_is_named_with_its_module() {
    let log = Log::start();
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.limits.slow_after = Duration::from_millis(20);
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    for text in ["slow one", "behind it", "and this"] {
        bench.ann.says(text).await;
    }
    eventually(|| process.progress.in_hand() == 3).await;
    let all_wait = Instant::now();
    eventually(|| all_wait.elapsed() > Duration::from_millis(20)).await;
    eventually(|| process.gateway.counters().lanes.slow.get() == 1).await;
    process.sink.open();
    bench.settled(&process).await;
    let guild = bench.guild.id();
    let behind =
        format!("a listener of the recorder is behind in guild {guild}: a MESSAGE_CREATE waited");
    let slow = format!("for a MESSAGE_CREATE; its other events of guild {guild} wait");
    for expected in [behind, slow] {
        let lines = log.lines();
        let told = lines.iter().filter(|line| line.contains(&expected));
        assert_eq!(told.count(), 1, "{expected}: {lines:?}");
    }
    assert_eq!(process.gateway.counters().lanes.behind.get(), 1);
}

#[tokio::test]
async fn a_slow_guild_delays_no_other_and_is_named() {
    let bench = Bench::new().await;
    let ben = bench.simulator.guild("Gophers").member("ben");
    let mut options = bench.options();
    options.limits.slow_after = Duration::from_millis(20);
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    bench.ann.says("slow one").await;
    bench.ann.says("behind it").await;
    ben.says("elsewhere").await;
    process.sink.until_heard(2).await;
    eventually(|| process.gateway.counters().lanes.slow.get() == 1).await;
    assert_eq!(process.sink.heard(), ["slow one", "elsewhere"]);
    process.sink.open();
    within(process.progress.quiet()).await;
    assert_eq!(process.sink.heard(), ["slow one", "elsewhere", "behind it"]);
}

#[tokio::test]
async fn a_listener_that_panics_stops_nothing() {
    let bench = Bench::new().await;
    let process = bench.start().await;
    for text in ["one", "panic", "two"] {
        bench.ann.says(text).await;
    }
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), ["one", "two"]);
    assert_eq!(process.gateway.counters().lanes.panics.get(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_is_counted_and_passed() {
    let bench = Bench::new().await;
    let process = bench.start().await;
    bench
        .simulator
        .dispatch_raw("MESSAGE_CREATE", &json!({"id": "1", "content": 5}));
    bench.ann.says("fine").await;
    bench.settled(&process).await;
    assert_eq!(process.sink.heard(), ["fine"]);
    assert_eq!(process.gateway.counters().parse_failures.get(), 1);
}

#[tokio::test]
async fn what_nobody_wants_counts_as_handled() {
    let bench = Bench::new().await;
    let process = bench.start_with(bench.options(), Recorder::of(&[])).await;
    bench.ann.says("hello").await;
    bench.settled(&process).await;
    let counters = process.gateway.counters();
    assert_eq!(
        (counters.received.get(), counters.deliveries.get()),
        (counters.unwanted.get(), 0)
    );
    assert_eq!(
        process.progress.resume_point(0).unwrap().sequence,
        bench.simulator.sent_sequence(0)
    );
}
