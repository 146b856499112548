//! A command used while the bot is away.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use cogsmith::{prelude::*, stage::Stage, testing::Database};
use cogsmith_simulator::{Deed, Simulator};
use cogsmith_tasks::Clock;

struct Echo;

impl Module for Echo {
    const NAME: &'static str = "echo";

    async fn load(_host: Host) -> Result<Self> {
        Ok(Self)
    }

    fn setup(setup: &mut Setup<Self>) {
        setup.commands([echo()]);
    }
}

/// Answers.
#[command(slash_command)]
async fn echo(ctx: Context<'_>) -> Result<()> {
    ctx.say("here").await?;
    Ok(())
}

/// Uses a command while the bot is away, for `away`; tells how many commands were dropped as too late.
async fn dropped_after(away: Duration) -> u64 {
    let clock = Clock::manual(DateTime::<Utc>::UNIX_EPOCH + hours(500_000));
    let now = clock.clone();
    let builder = Simulator::builder().now(Arc::new(move || now.now()));
    let simulator = builder.start().await.unwrap();
    let ann = simulator.guild("Rustaceans").member("ann");
    let (database, modules) = (Database::sqlite(), Modules::default().with::<Echo>());

    let db = database.open().await;
    let stage = Stage::start(simulator.clone(), db, modules.clone(), clock.clone())
        .await
        .unwrap();
    stage.app.shut_down().await;
    let asking = tokio::spawn(async move { ann.try_slash("/echo").await });
    simulator
        .until(|simulator| {
            simulator
                .transcript()
                .iter()
                .any(|line| line.deed == Deed::Used)
        })
        .await;
    clock.advance(away);

    let stage = Stage::start(simulator, database.open().await, modules, clock)
        .await
        .unwrap();
    stage.settle().await.unwrap();
    let dropped = stage.app.late_commands();
    stage.app.shut_down().await;
    asking.abort();
    dropped
}

#[tokio::test]
async fn is_dropped_when_nobody_waits_for_its_answer_any_more() {
    assert_eq!(dropped_after(secs(4)).await, 1);
}

#[tokio::test]
async fn is_answered_while_somebody_still_waits() {
    assert_eq!(dropped_after(secs(2)).await, 0);
}
