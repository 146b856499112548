//! Restart loops, and the sessions that Discord allows in a day.

use cogsmith::{config::DatabaseUrl, gateway::Closing, store::Db};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::{Clock, mins, secs};

use super::bench::{Bench, Process, Recorder, eventually, within};
use crate::{
    log::Log,
    process::{Bot, Folder},
};

async fn begin(bench: &Bench) -> Process {
    let begun = bench.begin(bench.options(), Recorder::of(&[])).await;
    begun.expect("a gateway that connects")
}

/// A bench on which so many processes began a session and did not last.
async fn looped(times: usize) -> Bench {
    let mut bench = Bench::new().await;
    bench.clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
    for _ in 0..times {
        bench.start().await.close(Closing::ForGood).await;
    }
    assert_eq!(bench.simulator.identifies(), times as u64);
    bench
}

#[tokio::test]
async fn a_restart_loop_is_slowed_down_before_it_uses_up_the_days_sessions() {
    let log = Log::start();
    let bench = looped(5).await;
    let _sixth = begin(&bench).await;
    let told = "shard 0 waits 5s before it begins another session: 5 were begun of late";
    eventually(|| log.lines().iter().any(|line| line.starts_with(told))).await;
    eventually(|| bench.clock.next_wake() == Some(secs(5))).await;
    assert_eq!(bench.simulator.identifies(), 5);
    bench.clock.advance(secs(6));
    let begun = bench.simulator.until(|it| it.identifies() == 6);
    within(begun).await;
}

#[tokio::test]
async fn a_resume_waits_for_nothing_and_a_session_that_lasted_is_forgiven() {
    let bench = looped(4).await;
    let fifth = bench.start().await;
    fifth.saved(&bench.db).await;
    drop(fifth);
    let sixth = bench.start().await;
    assert_eq!(
        (bench.simulator.identifies(), bench.simulator.resumes()),
        (5, 1)
    );

    bench.clock.advance(mins(10));
    bench.ann.says("ten minutes later").await;
    bench.settled(&sixth).await;
    sixth.saved(&bench.db).await;
    bench.simulator.close(Some(4009));
    drop(sixth);
    let _seventh = begin(&bench).await;
    let begun = bench.simulator.until(|it| it.identifies() == 6);
    within(begun).await;
}

#[tokio::test]
async fn closing_does_not_wait_for_the_pause() {
    let bench = looped(5).await;
    let waiting = begin(&bench).await;
    eventually(|| bench.clock.next_wake() == Some(secs(5))).await;
    waiting.close(Closing::Resumable).await;
    assert_eq!(bench.simulator.identifies(), 5);
}

#[tokio::test]
async fn a_stop_signal_ends_the_pause_of_a_process() {
    let (simulator, folder) = (Simulator::builder().start().await.unwrap(), Folder::new());
    let db = Db::open(&DatabaseUrl::Sqlite(folder.database()))
        .await
        .unwrap();
    let sql = "insert into gateway_identify values (0, 9, $1)";
    let now = Clock::system().now();
    db.write(sql).bind(now).execute().await.unwrap();
    db.close().await;
    let mut bot = Bot::spawn(&simulator, &folder.database());
    bot.until_logged_with("shard 0 waits").await;
    let (status, log) = bot.terminate().await;
    assert_eq!(status.code(), Some(0), "{log}");
    assert_eq!(simulator.identifies(), 0);
}
