//! A bot that is connected and not open says what it waits for.

use cogsmith::{module::Modules, stage::Stage, testing::Database};
use cogsmith_simulator::Simulator;
use cogsmith_tasks::{Clock, secs};

use crate::log::Log;

#[tokio::test]
async fn a_bot_that_is_connected_and_not_open_says_why() {
    let log = Log::start();
    let clock = Clock::manual(chrono::DateTime::UNIX_EPOCH);
    let simulator = Simulator::builder().start().await.unwrap();
    let database = Database::sqlite();
    let db = database.open().await;
    // Whoever needs to write, such as the task engine, waits for this.
    let writing = db.begin().await.unwrap();
    let starting = Stage::start(simulator, db, Modules::default(), clock.clone());
    let expected = "connected to Discord for 10 s and not open: still waiting for the task engine";
    let said = async {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(2));
        while !log.lines().iter().any(|line| line == expected) {
            clock.advance(secs(1));
            again.tick().await;
        }
    };
    let told = async {
        tokio::time::timeout(secs(20), said).await.expect(expected);
        drop(writing);
    };
    let (stage, ()) = tokio::join!(starting, told);
    stage.unwrap().app.shut_down().await;
}
