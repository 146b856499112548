//! A bot that is connected and not open says what it waits for.

use std::sync::Arc;

use cogsmith::{
    app::App,
    config::{BotConfig, Token},
    http::Health,
    module::Modules,
    testing::Database,
};
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
    let config = BotConfig {
        api_url: Some(simulator.api_url().to_owned()),
        drain: secs(10),
        ..BotConfig::new(Token::new(simulator.token()))
    };
    let starting = App::start(
        &config,
        db.clone(),
        Modules::default(),
        clock.clone(),
        Arc::new(Health::new(db.clone())),
        std::future::pending(),
    );
    let app = starting.await.unwrap();
    // Before a session begins it is counted in the database.
    simulator
        .until(|simulator| simulator.identifies() == 1)
        .await;
    // Whoever needs to write, such as the task engine, waits for this.
    let writing = db.begin().await.unwrap();
    let expected = "connected to Discord for 10 s and not open: still waiting for the task engine";
    let said = async {
        let mut again = tokio::time::interval(std::time::Duration::from_millis(2));
        // Ticks that are made up for would move the clock while nobody else runs.
        again.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while !log.lines().iter().any(|line| line == expected) {
            clock.advance(secs(1));
            again.tick().await;
        }
    };
    let told = async {
        tokio::time::timeout(secs(20), said).await.expect(expected);
        drop(writing);
    };
    let (opened, ()) = tokio::join!(app.open(), told);
    opened.unwrap();
    app.shut_down().await;
}
