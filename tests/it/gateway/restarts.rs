//! Processes that end, and those that come after them.

use std::time::Duration;

use cogsmith::gateway::Closing;

use super::bench::{Bench, Recorder, within};

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

#[tokio::test]
async fn every_shard_resumes_its_own_session() {
    let bench = Bench::new().await;
    let mut options = bench.options();
    options.shard_count = Some(2);
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
    options.shard_count = Some(2);
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
