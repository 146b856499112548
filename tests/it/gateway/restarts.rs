//! Processes that end, and those that come after them.

use std::time::Duration;

use cogsmith::{config::Shards, gateway::Closing};
use cogsmith_simulator::Guild;
use serde_json::json;

use super::bench::{Bench, Process, Recorder, within};

#[tokio::test]
async fn a_new_process_resumes_where_the_last_one_closed() {
    let bench = Bench::new().await;
    let first = bench.start().await;
    bench.ann.says("before").await;
    bench.settled(&first).await;
    first.close(Closing::Resumable).await;
    bench.ann.says("while it was down").await;

    let second = bench.start().await;
    bench.ann.says("after").await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), ["while it was down", "after"]);
    assert_eq!(
        (bench.simulator.identifies(), bench.simulator.resumes()),
        (1, 1)
    );
}

#[tokio::test]
async fn what_was_in_hand_when_closing_comes_again() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.drain = Duration::ZERO;
    let first = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    first.sink.shut();
    for text in ["done", "slow one", "waiting behind it"] {
        bench.ann.says(text).await;
    }
    first.sink.until_heard(2).await;
    assert_eq!(first.progress.in_hand(), 2);
    first.close(Closing::Resumable).await;

    let second = bench.start().await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), ["slow one", "waiting behind it"]);
}

#[tokio::test]
async fn closing_waits_for_what_is_in_hand() {
    let bench = Bench::new().await;
    let first = bench.start().await;
    first.sink.shut();
    bench.ann.says("slow one").await;
    first.sink.until_heard(1).await;
    let (recorder, progress) = (first.sink.clone(), first.progress.clone());
    let closing = tokio::spawn(first.close(Closing::Resumable));
    within(
        bench
            .simulator
            .until(|simulator| simulator.connections().is_empty()),
    )
    .await;
    assert_eq!(progress.in_hand(), 1);
    recorder.open();
    within(closing).await.expect("closing does not panic");

    let second = bench.start().await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn after_a_sudden_death_nothing_is_missed() {
    let bench = Bench::new().await;
    let first = bench.start().await;
    first.sink.shut();
    for text in ["done", "slow one"] {
        bench.ann.says(text).await;
    }
    first.sink.until_heard(2).await;
    first.saved(&bench.db).await;
    drop(first);
    bench.ann.says("while it was down").await;

    let second = bench.start().await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), ["slow one", "while it was down"]);
    assert_eq!(bench.simulator.identifies(), 1);
}

/// Says that a command was used.
fn use_command(bench: &Bench) {
    let ping = json!({"id": "1", "application_id": "2", "type": 1, "token": "t", "version": 1});
    bench.simulator.dispatch_raw("INTERACTION_CREATE", &ping);
}

/// A process with one listener that waits, an event that waits for it, and a command after both that has begun and goes on.
async fn start_with_a_command_begun(bench: &Bench) -> Process {
    let mut options = bench.options();
    (options.limits.lane, options.drain) = (1, Duration::ZERO);
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    process.sink.shut();
    bench.ann.says("slow one").await;
    bench.ann.says("waits for room").await;
    use_command(bench);
    process.sink.until_heard(2).await;
    let mut heard = process.sink.heard();
    heard.sort();
    assert_eq!(heard, ["a command", "slow one"]);
    process
}

#[tokio::test]
async fn a_command_that_had_begun_does_not_begin_again_and_one_used_meanwhile_does() {
    let bench = Bench::new().await;
    let first = start_with_a_command_begun(&bench).await;
    first.close(Closing::Resumable).await;
    use_command(&bench);

    let second = bench.start().await;
    bench.settled(&second).await;
    let mut heard = second.sink.heard();
    heard.sort();
    assert_eq!(heard, ["a command", "slow one", "waits for room"]);
    assert_eq!(second.gateway.counters().repeated_commands.get(), 1);
}

#[tokio::test]
async fn after_a_sudden_death_no_command_begins_that_may_have_begun() {
    let bench = Bench::new().await;
    let first = start_with_a_command_begun(&bench).await;
    first.saved(&bench.db).await;
    drop(first);
    use_command(&bench);

    let second = bench.start().await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), ["slow one", "waits for room"]);
    assert_eq!(second.gateway.counters().repeated_commands.get(), 2);
    use_command(&bench);
    second.sink.until_heard(3).await;
}

#[tokio::test]
async fn a_command_that_hangs_holds_no_resume_point() {
    let bench = Bench::new().await;
    let process = bench.start().await;
    process.sink.shut();
    use_command(&bench);
    process.sink.until_heard(1).await;
    let sent = bench.simulator.sent_sequence(0);
    within(process.progress.until_handled(0, sent)).await;
    assert_eq!(process.progress.in_hand(), 1);
    process.sink.open();
    within(process.progress.quiet()).await;
}

#[tokio::test]
async fn going_offline_for_good_ends_the_session() {
    let bench = Bench::new().await;
    bench.start().await.close(Closing::ForGood).await;
    bench.ann.says("while it was down").await;
    let second = bench.start().await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard(), Vec::<String>::new());
    assert_eq!(
        (bench.simulator.identifies(), bench.simulator.resumes()),
        (2, 0)
    );
}

#[tokio::test]
async fn a_session_that_died_while_the_process_was_down_is_replaced() {
    let bench = Bench::new().await;
    let first = bench.start().await;
    bench.simulator.close(Some(4009));
    first.close(Closing::Resumable).await;
    let second = bench.start().await;
    within(
        bench
            .simulator
            .until(|simulator| simulator.identifies() == 2),
    )
    .await;
    bench.ann.says("hello").await;
    second.sink.until_heard(1).await;
    assert_eq!(second.gateway.counters().identifies.get(), 1);
}

fn both() -> Shards {
    Shards {
        ids: [0, 1].into(),
        count: 2,
    }
}

/// The other shard may run in another process.
#[tokio::test]
async fn a_process_runs_the_shards_that_it_is_told() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.shards = Some(Shards {
        ids: [1].into(),
        count: 2,
    });
    let process = bench
        .start_with(options, Recorder::of(&["MESSAGE_CREATE"]))
        .await;
    let ids: Vec<_> = process.gateway.shards().iter().map(|it| it.id).collect();
    assert_eq!(ids, [1]);
    let guilds = ["a", "b", "c", "d", "e", "f"].map(|name| bench.simulator.guild(name));
    let is_own = |guild: &&Guild| (guild.id().get() >> 22) % 2 == 1;
    let own = guilds.iter().filter(is_own).count();
    assert!((1..guilds.len()).contains(&own), "{own}");
    for guild in &guilds {
        guild.member("ben").says("hello").await;
    }
    bench.settled(&process).await;
    // Each who joins is announced, and says something.
    assert_eq!(process.sink.heard().len(), 2 * own);
}

#[tokio::test]
async fn every_shard_resumes_its_own_session() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.shards = Some(both());
    let begin = || bench.begin(options.clone(), Recorder::of(&["MESSAGE_CREATE"]));
    let both = |resumes: u64| {
        bench.simulator.until(move |simulator| {
            simulator.connections().len() == 2 && simulator.resumes() == resumes
        })
    };
    let people =
        ["a", "b", "c", "d", "e", "f"].map(|name| bench.simulator.guild(name).member("ben"));

    let first = begin().await.expect("a gateway that connects");
    within(both(0)).await;
    bench.settled(&first).await;
    first.close(Closing::Resumable).await;
    for person in &people {
        person.says("while it was down").await;
    }
    let second = begin().await.expect("a gateway that connects");
    within(both(2)).await;
    bench.settled(&second).await;
    assert_eq!(second.sink.heard().len(), people.len());
    assert_eq!(bench.simulator.identifies(), 2);
}

#[tokio::test]
async fn another_number_of_shards_starts_anew() {
    let bench = Bench::new().await;
    bench.start().await.close(Closing::Resumable).await;
    let mut options = bench.options();
    options.shards = Some(both());
    let second = bench
        .begin(options, Recorder::of(&[]))
        .await
        .expect("a gateway that connects");
    within(
        bench
            .simulator
            .until(|simulator| simulator.connections().len() == 2),
    )
    .await;
    assert_eq!(
        (second.gateway.shards().len(), bench.simulator.resumes()),
        (2, 0)
    );
}
